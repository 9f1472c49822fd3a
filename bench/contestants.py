"""One process with three listeners: the console, the Management API and an empty app.

They speak TLS, or HTTP with WATCHWORD_INSECURE_PLAIN_HTTP_ON_LOOPBACK.
"""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path

import uvloop
from starlette.types import ASGIApp, Receive, Scope, Send

from watchword import asgi, bootstrap
from watchword.config import Address, InterfaceSettings, is_plain, load
from watchword.crypto import live_certificate
from watchword.server import hostnames, listeners
from watchword.server.listeners import Hooks, InterfaceListener
from watchword.web.http.repeats import Repeats


async def no_op(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer 204 to every request."""
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def nothing() -> None:
    """Replace the server's background tasks, which would distort the measurement."""


def listener(
    name: str, port: int, app: ASGIApp, repeats: Repeats | None = None
) -> InterfaceListener:
    """Listen on a port of this machine."""
    interface = InterfaceSettings(name, name, Address("127.0.0.1", port), "")
    bound = listeners.bind(name, interface.listen)
    return InterfaceListener(interface, bound, app, repeats=repeats)


def main(data: Path, console_port: int, api_port: int, no_op_port: int) -> None:
    settings = load(data_dir=str(data), environ=os.environ).settings
    with closing(bootstrap.open(settings)) as app:
        names = hostnames.names_for(settings)
        certificate = live_certificate.local(data / "tls", names, names.dns, app.clock.now())
        repeats = Repeats(app)
        interfaces = [
            listener("console", console_port, asgi.console(app)),
            listener("api", api_port, asgi.api(app, repeats=repeats), repeats),
            listener("no-op", no_op_port, no_op),
        ]
        hooks = Hooks(on_ready=lambda: None, background=nothing)
        context = None if is_plain(settings) else certificate.context
        uvloop.run(listeners.run(interfaces, context, hooks))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *(int(port) for port in sys.argv[2:]))
