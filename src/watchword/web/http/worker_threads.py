"""The hop into a worker thread: everything below the web is synchronous.

Who waits for whom is decided here. Each lane has threads of its own, so that a crowd in one
keeps nobody waiting in another:

    console     the console's pages, and logins from known browsers
    strangers   logins from browsers that are not known: a flood comes here
    scripts     the API, and the checks of health
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

from watchword.domain.errors import Busy

P = ParamSpec("P")
T = TypeVar("T")


class Lane:
    """Threads of its own, for each event loop, and a bounded number that waits for them."""

    def __init__(self, name: str, threads: int, most_waiting: int | None = None) -> None:
        self._limiters: RunVar[CapacityLimiter] = RunVar(f"lane: {name}")
        self._threads = threads
        self._most_waiting = most_waiting

    async def __call__(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function in a thread of this lane and return what it returns."""
        return await to_thread.run_sync(lambda: function(*args, **kwargs), limiter=self._limiter)

    def demand_room(self) -> None:
        """Raise Busy when so many wait already that another one would wait for seconds."""
        waiting = self._limiter.statistics().tasks_waiting
        if self._most_waiting is not None and waiting >= self._most_waiting:
            raise Busy(retry_after=2)

    @property
    def _limiter(self) -> CapacityLimiter:
        limiter = self._limiters.get(None)
        if limiter is None:
            limiter = CapacityLimiter(self._threads)
            self._limiters.set(limiter)
        return limiter


console: Final = Lane("console", threads=16)
scripts: Final = Lane("scripts", threads=16)
strangers: Final = Lane("strangers", threads=4, most_waiting=64)
