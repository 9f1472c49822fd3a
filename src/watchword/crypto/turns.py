"""Queues in the event loop: per interface for password hashes, per account for guesses.

A waiting request occupies no thread.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from msgspec import Struct, field

from watchword.domain.audit import Interface
from watchword.domain.errors import Busy, LoginInProgress

LONGEST_WAIT: Final = 4.0
"""Seconds after which a waiting request is refused."""
SUBJECT_PLACES: Final = 16
"""How many guesses may wait per account."""
_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 0.4


class Line:
    """Turns for password hashes. Each interface has its own queue and the queues take turns, so
    many waiting requests of one interface do not delay another.
    """

    def __init__(self, turns: int, longest_wait: float = LONGEST_WAIT) -> None:
        self._free = turns
        self._longest_wait = longest_wait
        self._queues: dict[Interface, deque[asyncio.Future[None]]] = {}

    @property
    def is_full(self) -> bool:
        """Whether every turn is taken."""
        return not self._free

    @property
    def waiting(self) -> int:
        """The number of waiting requests."""
        return sum(map(len, self._queues.values()))

    async def wait(self, interface: Interface, places: int) -> None:
        """Wait for a turn. Raises Busy when no place is free or the wait is too long."""
        if self._free:
            self._free -= 1
            return
        queue = self._queues.setdefault(interface, deque())
        if len(queue) >= places:
            raise Busy(retry_after=2)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            async with asyncio.timeout(self._longest_wait):
                await turn
        except TimeoutError:
            self._leave(queue, turn)
            raise Busy(retry_after=2) from None
        except asyncio.CancelledError:
            self._leave(queue, turn)
            raise

    def release(self) -> None:
        """Pass the turn to the next waiting interface."""
        for interface in list(self._queues):
            queue = self._queues.pop(interface)
            self._queues[interface] = queue  # moved to the end: another interface is next
            while queue:
                turn = queue.popleft()
                if not turn.done():
                    turn.set_result(None)
                    return
        self._free += 1

    def _leave(self, queue: deque[asyncio.Future[None]], turn: asyncio.Future[None]) -> None:
        if turn in queue:
            queue.remove(turn)
        elif not turn.cancelled():
            # The turn was granted at the same moment; pass it on, or it would be lost.
            self.release()


class _Subject(Struct):
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    present: int = 0


class Subjects:
    """Queues of guesses that are evaluated one at a time, by account or name.

    Only the first in a queue polls whether the previous guess has been evaluated, since another
    process may be evaluating it.
    """

    def __init__(self) -> None:
        self._lines: dict[str, _Subject] = {}

    async def join(self, subject: str) -> None:
        """Wait until first in the queue. Raises LoginInProgress when the queue is full."""
        line = self._lines.setdefault(subject, _Subject())
        if line.present >= SUBJECT_PLACES:
            raise LoginInProgress(retry_after=1)
        line.present += 1
        try:
            await line.lock.acquire()
        except asyncio.CancelledError:
            self._forget(subject, line)
            raise

    def leave(self, subject: str) -> None:
        """Let the next guess be first in the queue."""
        line = self._lines[subject]
        line.lock.release()
        self._forget(subject, line)

    def _forget(self, subject: str, line: _Subject) -> None:
        line.present -= 1
        if not line.present:
            del self._lines[subject]


class Patience:
    """The waits of one request for earlier guesses, limited to a few seconds in total."""

    def __init__(self, subjects: Subjects, longest_wait: float = LONGEST_WAIT) -> None:
        self._subjects = subjects
        self._subject: str | None = None
        self._pause = _FIRST_PAUSE
        self._left = longest_wait

    async def wait(self, subject: str) -> None:
        """Wait before the next try. Raises LoginInProgress after a few seconds in total."""
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            async with asyncio.timeout(self._left):
                await self._wait(subject)
        except TimeoutError:
            raise LoginInProgress(retry_after=1) from None
        finally:
            self._left -= clock() - began

    async def _wait(self, subject: str) -> None:
        if subject != self._subject:
            self.end()
            await self._subjects.join(subject)
            self._subject, self._pause = subject, _FIRST_PAUSE
        await asyncio.sleep(self._pause)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    def end(self) -> None:
        """Leave the queue."""
        if self._subject is not None:
            self._subjects.leave(self._subject)
            self._subject = None
