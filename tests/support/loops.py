"""An event loop for a test: in a thread of its own, for the browser's runs in the main one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
_MOST_STEPS = 10_000


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop's other tasks go on until a condition holds that they bring about."""
    for _ in range(_MOST_STEPS):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("the other tasks never bring it about")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, and return or raise what it does."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()
