"""The interfaces of a running server: socket, application and limits of each."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from msgspec import Struct, field
from msgspec.structs import replace

from watchword import asgi
from watchword.config import InterfaceSettings, interfaces, speaks_plain, trusted
from watchword.crypto.live_certificate import LiveCertificate
from watchword.server import hostnames, listeners
from watchword.server.limits import Limits
from watchword.server.listeners import InterfaceListener
from watchword.usecases.context import Watchword
from watchword.web import ASGIApp
from watchword.web.http import refusal_bodies
from watchword.web.http.refusal_bodies import Unread
from watchword.web.http.repeats import Repeats


class Application(Struct, frozen=True):
    """The application of an interface, and the bodies of answers that it does not give."""

    app: ASGIApp
    body_of: Unread = refusal_bodies.text
    repeats: Repeats | None = None
    limits: Limits = field(default_factory=Limits)


def listen(app: Watchword, certificate: LiveCertificate | None) -> list[InterfaceListener]:
    """Listen on each interface. Raises PlaceUnusable.

    With port 0 the system chooses the port, and the result has the chosen one.
    """
    bound = [_bound(each) for each in interfaces(app.settings)]
    urls = {each.name: _url(app, each) for each, _ in bound}
    found = []
    for each, socket_ in bound:
        build = APPLICATIONS.get(each.name, _empty)
        attached = build(app, certificate, urls["console"])
        found.append(
            InterfaceListener(
                interface=each,
                bound=socket_,
                app=attached.app,
                body_of=attached.body_of,
                limits=replace(attached.limits, trusted=trusted(app.settings)),
                url=urls[each.name],
                is_plain=speaks_plain(app.settings, each),
                repeats=attached.repeats,
            )
        )
    return found


def _url(app: Watchword, each: InterfaceSettings) -> str:
    scheme = "http" if speaks_plain(app.settings, each) else "https"
    return hostnames.public_url(each.listen, each.public_url, scheme)


def _bound(wanted: InterfaceSettings) -> tuple[InterfaceSettings, socket.socket]:
    bound = listeners.bind(wanted.name, wanted.listen)
    at = replace(wanted.listen, port=bound.getsockname()[1])
    return replace(wanted, listen=at), bound


def _console(app: Watchword, certificate: LiveCertificate | None, _url: str) -> Application:
    if certificate is None:
        return Application(Late(lambda: asgi.console(app)))
    ca_pem, not_after = certificate.ca_pem, lambda: certificate.not_after
    return Application(Late(lambda: asgi.console(app, ca_pem, not_after)))


class Late:
    """An application that is made for its first request: the modules and templates of the console
    take a sixth of a start, and 5 MiB.
    """

    def __init__(self, build: Callable[[], ASGIApp]) -> None:
        self._build = build
        self._app: ASGIApp | None = None
        self._lock = asyncio.Lock()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request."""
        app = self._app or await self._built()
        await app(scope, receive, send)

    async def _built(self) -> ASGIApp:
        async with self._lock:
            app = self._app
            if app is None:
                app = self._app = await asyncio.to_thread(self._build)
        return app


def _api(app: Watchword, certificate: LiveCertificate | None, console_url: str) -> Application:
    """Return the Management API, whose problems lead to pages of the console."""
    not_after = (lambda: certificate.not_after) if certificate else None
    repeats = Repeats(app)
    api = asgi.api(app, not_after, console_url, repeats)
    return Application(api, refusal_bodies.problems(console_url), repeats)


def _gateway(app: Watchword, _certificate: LiveCertificate | None, console_url: str) -> Application:
    """Return the gateway. A proxy keeps its connections for longer than a browser (nginx 60 s, Go
    90 s), and each check contains all header fields of a client.
    """
    limits = Limits(idle_seconds=180, head_bytes=64 * 1024, head_fields=200, target_bytes=32 * 1024)
    return Application(asgi.gateway(app, console_url), limits=limits)


def _empty(_app: Watchword, _certificate: LiveCertificate | None, _url: str) -> Application:
    """Return an application that answers 404 to every request."""
    return Application(_not_found)


async def _not_found(_scope: Any, _receive: Any, send: Any) -> None:
    media_type, body = refusal_bodies.text(HTTPStatus.NOT_FOUND)
    fields = [(b"content-type", media_type.encode()), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": HTTPStatus.NOT_FOUND, "headers": fields})
    await send({"type": "http.response.body", "body": body})


APPLICATIONS: Final[Mapping[str, Callable[..., Application]]] = {
    "console": _console,
    "api": _api,
    "gateway": _gateway,
}
"""The application of each interface by its name, made from the installation, the certificate and
the public address of the console.
"""
