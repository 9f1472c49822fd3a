"""The limiter that password hashes go through in a server: few at once, a bounded queue.

Without a bound a flood of logins takes all memory and all threads (traps of a plain thread
pool); with one bound for all, scripts on the API could starve a person at the console, so
some places are the console's own.

A flood of logins from browsers that nobody knows fills the console's places too, and each hash of
it takes its turn. So what comes from somebody who has been in before (`Derivation.is_known`) has a
turn of its own when the common ones are taken, and places of its own: it waits for others of its
kind alone, of which there are few, since a known browser has ten tries and a session five.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from watchword.crypto.passwords import Derivation, Hashing, advance, derive
from watchword.domain.audit import Door
from watchword.domain.errors import Busy

T = TypeVar("T")

WORKERS: Final = min(os.cpu_count() or 1, 4)
PLACES: Final = 32
CONSOLE_PLACES: Final = 32
"""Places beyond the common ones that only the console may take."""
KNOWN_TURNS: Final = 1
KNOWN_PLACES: Final = 32
"""The turn and the places, shared with nobody, of those who have been in before."""
LONGEST_WAIT: Final = 4.0
"""Seconds a login may wait for its turn before it is told to come again."""

Hop = Callable[..., Awaitable[tuple[Derivation | None, object]]]


class _Line:
    """Those who wait for a turn."""

    def __init__(self, turns: int) -> None:
        self.turns = asyncio.Semaphore(turns)
        self.waiting = 0

    async def wait(self, places: int) -> None:
        """Wait for a turn. Raises Busy when there are no places left, or it takes too long."""
        if not self.turns.locked():
            await self.turns.acquire()
            return
        if self.waiting >= places:
            raise Busy(retry_after=2)
        self.waiting += 1
        try:
            await asyncio.wait_for(self.turns.acquire(), LONGEST_WAIT)
        except TimeoutError:
            raise Busy(retry_after=2) from None
        finally:
            self.waiting -= 1


class HashQueue:
    """One for each installation and process, shared by its doors, in one event loop."""

    def __init__(self, workers: int = WORKERS, places: int = PLACES) -> None:
        self._pool = ThreadPoolExecutor(workers + KNOWN_TURNS, thread_name_prefix="hash")
        self._common = _Line(workers)
        self._known = _Line(KNOWN_TURNS)
        self.workers = workers
        self._places = places
        self._is_ending = False

    async def derive(self, work: Derivation, door: Door) -> bytes:
        """Do the work when its turn comes. Raises Busy when the queue is full or too slow."""
        has_own = work.is_known and self._common.turns.locked()
        line, places = (self._known, KNOWN_PLACES) if has_own else (self._common, self.places(door))
        await line.wait(0 if self._is_ending else places)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, derive, work)
        finally:
            line.turns.release()

    @property
    def waiting(self) -> int:
        """How many hashes wait for their turn."""
        return self._common.waiting + self._known.waiting

    def places(self, door: Door) -> int:
        """Return how many may wait before one of this door is told to come again."""
        return self._places + (CONSOLE_PLACES if door is Door.CONSOLE else 0)

    async def run(self, hashing: Hashing[T], door: Door, hop: Hop) -> T:
        """Drive a use-case: its database parts through `hop`, its hashes through the queue.

        A use-case whose hash cannot be had is told so by the refusal, at its yield, and can
        give back what it reserved.
        """
        work, result = await hop(advance, hashing, None)
        while work is not None:
            try:
                derived = await self.derive(work, door)
            except Busy as refusal:
                work, result = await hop(_refuse, hashing, refusal)
            else:
                work, result = await hop(advance, hashing, derived)
        return result  # type: ignore[return-value]

    def end(self) -> None:
        """The server ends: who waits already goes on, but nobody begins to wait any more, so that
        the last answers are given in time.
        """
        self._is_ending = True

    def close(self) -> None:
        """Let running hashes end; nothing waits any more."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _refuse(hashing: Hashing[T], refusal: Busy) -> tuple[Derivation | None, T | None]:
    try:
        return hashing.throw(refusal), None
    except StopIteration as end:
        return None, end.value
