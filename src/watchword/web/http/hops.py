"""The hop into a worker thread: everything below the web is synchronous."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

P = ParamSpec("P")
T = TypeVar("T")


THREADS_OF_API: Final = 16
_of_api: RunVar[CapacityLimiter] = RunVar("threads of the API")


async def api_hop(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The same with threads that only the API and the checks of health have: a flood of logins
    at the console, each waiting for the database, keeps no script waiting.
    """
    limiter = _of_api.get(None)
    if limiter is None:
        limiter = CapacityLimiter(THREADS_OF_API)
        _of_api.set(limiter)
    return await to_thread.run_sync(lambda: function(*args, **kwargs), limiter=limiter)


async def hop(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function in a worker thread and return what it returns."""
    return await to_thread.run_sync(lambda: function(*args, **kwargs))
