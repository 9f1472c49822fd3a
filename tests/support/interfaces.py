"""Two real interfaces with a small application, to test the listeners without the product.

`python -m tests.support.interfaces` runs them. The path of a request, once it is complete,
selects what the application does: answer immediately, late or at length, block a thread, renew
the certificate, or list its requests.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio.to_thread
import uvloop

from watchword.config import Address, InterfaceSettings
from watchword.crypto import live_certificate
from watchword.crypto.certificates import Names
from watchword.crypto.live_certificate import LiveCertificate
from watchword.domain.errors import Refusal
from watchword.server import listeners
from watchword.server.limits import Limits
from watchword.server.listeners import Hooks, InterfaceListener

# A client checks a certificate by the machine's clock: the first one is old, the next current.
NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=300)
NAMES = Names(("localhost",), ("127.0.0.1",))
LARGE = 16_000_000
PIECES = 64
Act = Callable[[], Awaitable[str]]


def _app(name: str, acts: dict[str, Act], seen: list[str]) -> Any:
    async def app(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        while (message := await receive()).get("more_body"):
            pass
        if message["type"] == "http.disconnect":
            return
        seen.append(scope["path"])
        if scope["path"] == "/pieces":
            await _in_pieces(send)
            return
        act = acts.get(scope["path"])
        body = (await act() if act else name).encode()
        await send({"type": "http.response.start", "status": 200,
                    "headers": [(b"content-length", str(len(body)).encode())]})  # fmt: skip
        await send({"type": "http.response.body", "body": body})

    return app


async def _in_pieces(send: Any) -> None:
    """Send a body in pieces, as an export does: each one after the previous one was sent."""
    length = [(b"content-length", str(LARGE).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": length})
    for left in reversed(range(PIECES)):
        piece = b"x" * (LARGE // PIECES)
        await send({"type": "http.response.body", "body": piece, "more_body": left > 0})


def _acts(certificate: LiveCertificate, seen: list[str]) -> dict[str, Act]:
    async def late() -> str:
        print("begun", flush=True)
        await asyncio.sleep(2)
        return "late"

    async def stuck() -> str:
        print("begun", flush=True)
        await anyio.to_thread.run_sync(threading.Event().wait, 40)
        return "stuck"

    async def renew() -> str:
        return str(certificate.renew_if_due(NOW))

    async def reload() -> str:
        try:
            certificate.reload()
        except Refusal as refusal:
            return refusal.code
        return "reloaded"

    async def large() -> str:
        return "x" * LARGE

    async def requests() -> str:
        return " ".join(seen)

    return {
        "/late": late, "/stuck": stuck, "/renew": renew, "/reload": reload, "/large": large,
        "/seen": requests,
    }  # fmt: skip


async def _nothing() -> None:
    await asyncio.Event().wait()


def _listener(name: str, at: Address, app: Any, limits: Limits) -> InterfaceListener:
    interface = InterfaceSettings(name, name, at, "")
    return InterfaceListener(interface, listeners.bind(name, at), app, limits=limits)


def main(folder: Path, ports: tuple[int, int], limits: Limits) -> None:
    certificate = live_certificate.local(folder, NAMES, NAMES.dns, LONG_AGO)
    seen: list[str] = []
    acts = _acts(certificate, seen)
    interfaces = [
        _listener(name, Address("127.0.0.1", port), _app(name, acts, seen), limits)
        for name, port in zip(("console", "api"), ports, strict=True)
    ]
    hooks = Hooks(lambda: print("ready", flush=True), _nothing)
    uvloop.run(listeners.run(interfaces, certificate.context, hooks))
    print("ended", flush=True)


if __name__ == "__main__":
    chosen = Limits(**json.loads(sys.argv[4])) if len(sys.argv) > 4 else Limits()
    main(Path(sys.argv[1]), (int(sys.argv[2]), int(sys.argv[3])), chosen)
