"""The server's queue for password hashes: few run in parallel, and a bounded number waits.

Without a bound a flood of logins takes all memory and all threads. With one bound for all
interfaces, scripts on the API could block administrators on the console, and the reverse.
Therefore each interface has its own places, and the interfaces take turns.

A flood of logins from unrecognised browsers and addresses fills the places of its interface. A
hash for a recognised browser or address (`Derivation.is_known`) then gets a turn and places
reserved for recognised clients. Those are few: a recognised browser has ten attempts, a session
five, a recognised address five and then one per wait.

The threads of the queue have a lower priority (`NICE`), so that a flood of logins does not slow
other requests. A hash uses one thread per lane when it runs alone, otherwise one thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Self, TypeVar

from watchword.crypto.passwords import Derivation, Hashing, Pause, Work, advance, derive, refuse
from watchword.crypto.turns import LONGEST_WAIT, Line, Patience, Subjects
from watchword.domain.audit import Interface
from watchword.domain.errors import Busy, LoginInProgress

T = TypeVar("T")

WORKERS: Final = min(os.cpu_count() or 1, 4)
PLACES: Final = 32
CONSOLE_PLACES: Final = 32
"""Places of the console in addition to `PLACES`."""
KNOWN_TURNS: Final = 1
KNOWN_PLACES: Final = 32
"""The turn and the places of recognised browsers and addresses, per interface."""
NICE: Final = 10
"""What is added to the nice value of the threads of hashes, from 0 to 19."""

Hop = Callable[..., Awaitable[tuple[Work | None, object]]]


class HashQueue:
    """The queue of one installation in one process and event loop, shared by its interfaces."""

    def __init__(
        self, workers: int = WORKERS, places: int = PLACES, longest_wait: float = LONGEST_WAIT
    ) -> None:
        self._pool = ThreadPoolExecutor(
            workers + KNOWN_TURNS, thread_name_prefix="hash", initializer=_lower_priority
        )
        self._common = Line(workers, longest_wait)
        self._known = Line(KNOWN_TURNS, longest_wait)
        self._subjects = Subjects()
        self.workers = workers
        self._running = 0
        self._places = places
        self._longest_wait = longest_wait
        self._is_ending = False

    @classmethod
    def part(cls, processes: int) -> Self:
        """Return the queue of one of the processes that share the work of a server."""
        return cls(max(1, WORKERS // processes), max(1, PLACES // processes))

    async def derive(self, work: Derivation, interface: Interface) -> bytes:
        """Run the derivation when its turn comes. Raises Busy when the queue is full or too slow."""
        has_own = work.is_known and self._common.is_full
        line, places = (
            (self._known, KNOWN_PLACES) if has_own else (self._common, self.places(interface))
        )
        await line.wait(interface, 0 if self._is_ending else places)
        threads = 1 if self._running else None
        self._running += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._pool, derive, work, threads)
        finally:
            self._running -= 1
            line.release()

    @property
    def waiting(self) -> int:
        """The number of hashes that wait for a turn."""
        return self._common.waiting + self._known.waiting

    def places(self, interface: Interface) -> int:
        """Return how many hashes of an interface may wait."""
        return self._places + (CONSOLE_PLACES if interface is Interface.CONSOLE else 0)

    async def run(self, hashing: Hashing[T], interface: Interface, hop: Hop) -> T:
        """Drive a use-case: its database parts through `hop`, its hashes through the queue.

        When the queue refuses a hash or a turn, the refusal is raised at the use-case's yield, so
        that the use-case can release its reservations.
        """
        patience = Patience(self._subjects, self._longest_wait)
        try:
            work, result = await hop(advance, hashing, None)
            while work is not None:
                try:
                    sent = await self._done(work, interface, patience)
                except (Busy, LoginInProgress) as refusal:
                    work, result = await hop(refuse, hashing, refusal)
                else:
                    work, result = await hop(advance, hashing, sent)
        finally:
            patience.end()
        return result  # type: ignore[return-value]

    async def _done(self, work: Work, interface: Interface, patience: Patience) -> bytes:
        if isinstance(work, Pause):
            if self._is_ending:
                raise LoginInProgress(retry_after=1)
            await patience.wait(work.subject)
            return b""
        # The guess is reserved, so the next one in the line can check its throttles.
        patience.end()
        return await self.derive(work, interface)

    def end(self) -> None:
        """Refuse requests that would begin to wait; those that wait already are answered."""
        self._is_ending = True

    def close(self) -> None:
        """Let running hashes finish and cancel those that wait."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _lower_priority() -> None:
    """Let every other thread go first. Linux has a nice value per thread, which the threads that
    Argon2 starts inherit; elsewhere it belongs to the process and stays.
    """
    if sys.platform != "linux":
        return
    thread = threading.get_native_id()
    nice = min(os.getpriority(os.PRIO_PROCESS, thread) + NICE, 19)
    with contextlib.suppress(OSError):  # a sandbox forbids it: hashes only slow other requests
        os.setpriority(os.PRIO_PROCESS, thread, nice)
