"""Measurement of the event loop's CPU time for one request.

The CPU time of the loop's thread is compared with the time of a fixed piece of work.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from watchword.web import ASGIApp

Pair = tuple[bytes, bytes]


@dataclass(frozen=True)
class Sent:
    """One request."""

    method: str
    target: str
    headers: Sequence[Pair] = ()
    body: bytes = b""

    def scope(self, client: str) -> MutableMapping[str, Any]:
        path, _, query = self.target.partition("?")
        return {
            "type": "http", "method": self.method, "path": path, "raw_path": path.encode(),
            "query_string": query.encode(), "client": (client, 50000), "scheme": "https",
            "headers": [(b"host", b"localhost"), *self.headers],
        }  # fmt: skip


@dataclass
class Cost:
    """`turn` is the longest turn of the loop, `total` the time of all threads, in seconds of CPU
    time.
    """

    status: int = 0
    turn: float = 0
    total: float = 0


async def answer(app: ASGIApp, sent: Sent, client: str = "192.0.2.9") -> tuple[int, bytes]:
    """Send a request to an app on the running loop. Returns status and body."""
    bodies, messages = [sent.body], list[MutableMapping[str, Any]]()

    async def receive() -> MutableMapping[str, Any]:
        if not bodies:
            await asyncio.Event().wait()  # the client stays connected
        return {"type": "http.request", "body": bodies.pop(), "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        messages.append(message)

    await app(sent.scope(client), receive, send)
    return messages[0]["status"], b"".join(m.get("body", b"") for m in messages)


async def cost(app: ASGIApp, sent: Sent, client: str = "192.0.2.9") -> Cost:
    """Send a request to an app on the running loop."""
    found = Cost()

    bodies = [sent.body]

    async def receive() -> MutableMapping[str, Any]:
        if not bodies:
            await asyncio.Event().wait()  # the client stays connected
        return {"type": "http.request", "body": bodies.pop(), "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        found.status = message.get("status", found.status)

    with _turns_of(found):
        begun = time.process_time()
        await asyncio.ensure_future(app(sent.scope(client), receive, send))
        found.total = time.process_time() - begun
    return found


UNIT: Final = 0.002
"""Seconds that `unit` takes on an idle machine."""


def time_of(work: Callable[[], object]) -> float:
    """Return the CPU time of some work: the least of three measurements."""
    least = 1000.0
    for _ in range(3):
        begun = time.thread_time()
        work()
        least = min(least, time.thread_time() - begun)
    return least


def unit() -> float:
    """Return the CPU time of a fixed piece of work, about 2 ms on an idle machine.

    On a busy machine it takes longer: other processes use the same caches and cores.
    """
    return time_of(lambda: sum(range(100_000)))


@contextmanager
def _turns_of(found: Cost) -> Iterator[None]:
    original = asyncio.events.Handle._run

    def measured(handle: asyncio.Handle) -> None:
        begun = time.thread_time()
        original(handle)
        found.turn = max(found.turn, time.thread_time() - begun)

    gc.disable()
    asyncio.events.Handle._run = measured  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        asyncio.events.Handle._run = original  # type: ignore[method-assign]
        gc.enable()
