"""An event loop in a separate thread: the browser's loop runs in the main thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
_MOST_STEPS = 10_000


async def until(condition: Callable[[], bool]) -> None:
    """Let the other tasks of the loop run until a condition is true."""
    for _ in range(_MOST_STEPS):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("the condition never became true")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine, and return its result or raise its exception."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()
