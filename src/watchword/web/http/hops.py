"""The hop into a worker thread: everything below the web is synchronous."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from anyio import to_thread

P = ParamSpec("P")
T = TypeVar("T")


async def hop(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function in a worker thread and return what it returns."""
    return await to_thread.run_sync(lambda: function(*args, **kwargs))
