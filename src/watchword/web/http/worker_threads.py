"""Pools of worker threads for the synchronous code below the web.

Each pool has its own threads, so a flood of requests in one does not delay the others:

    console         the console's pages, and logins from recognised browsers
    unrecognised    logins from unrecognised browsers, where a flood is expected
    api             the API and the health checks
    gateway         checks of requests to applications
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

from watchword.domain.errors import Busy

P = ParamSpec("P")
T = TypeVar("T")


class Pool:
    """A pool of threads for each event loop, with a bounded number of waiting calls."""

    def __init__(self, name: str, threads: int, most_waiting: int | None = None) -> None:
        self._limiters: RunVar[CapacityLimiter] = RunVar(f"worker threads: {name}")
        self._threads = threads
        self._most_waiting = most_waiting

    async def __call__(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function in a thread of this pool and return its result."""
        return await to_thread.run_sync(lambda: function(*args, **kwargs), limiter=self._limiter)

    def demand_room(self) -> None:
        """Raise Busy if so many calls wait that another one would wait for seconds."""
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


console: Final = Pool("console", threads=16)
api: Final = Pool("api", threads=16)
gateway: Final = Pool("gateway", threads=16)
unrecognised: Final = Pool("unrecognised", threads=4, most_waiting=64)
