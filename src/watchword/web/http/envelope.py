"""The envelope of each request and answer of an interface: one function in place of a stack of layers.

    request --> origin, id, path --> language --> host, proxy --> the application of the interface
    answer  <-- id <-- own headers <-- language of a page <-------+

An exception that the application has not answered becomes a 500, and a request that is cancelled at
shutdown becomes "busy". Without this the listener would log a traceback for each, and answer without
the security headers.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from watchword import i18n
from watchword.config import Settings, trusted
from watchword.usecases.shared_numbers import Numbers
from watchword.web.http import error_containment, headers, languages, plain_http_guard
from watchword.web.http.headers import Pair
from watchword.web.http.host_check import KnownHost
from watchword.web.http.repeats import Repeats, permit_of
from watchword.web.http.request_scope import access_log, arrival_of, identified

Refused = Callable[[Request], Awaitable[Response]]
Check = tuple[Callable[[Scope], bool], Refused]
_START: Final = "http.response.start"
_WITH_TOKEN: Final = re.compile(r"^/first-run/.*", re.DOTALL)


class Rules(Struct, frozen=True):
    """The differences between the envelopes of the interfaces."""

    begin: Callable[[Scope], Sequence[Pair]]
    """Adds the interface's values to the state of the request; returns headers of its answer."""
    language_of: Callable[[Scope], str]
    crash: Callable[[Request, Exception], Awaitable[Response]]
    """Answers unexpected exceptions, and logs them."""
    cut_off: Callable[[Request], Response]
    """Answers requests that are cancelled at shutdown."""
    checks: tuple[Check, ...] = ()


def checks(
    settings: Settings, node: str, unknown_host: Refused, not_behind_proxy: Refused
) -> tuple[Check, ...]:
    """Return the checks of host and proxy that the settings ask for."""
    found: list[Check] = []
    if settings.insecure_plain_http_on_loopback:
        found.append((KnownHost(settings, node).refuses, unknown_host))
    if settings.plain_http_behind_trusted_proxy:
        found.append((plain_http_guard.refuses, not_behind_proxy))
    return tuple(found)


class Envelope:
    """ASGI: the envelope of one interface. `counts` counts its answers by class of status."""

    def __init__(
        self,
        inner: ASGIApp,
        settings: Settings,
        rules: Rules,
        counts: Numbers[str] | None = None,
        repeats: Repeats | None = None,
    ) -> None:
        self._inner = inner
        self._trusted = trusted(settings)
        self._rules = rules
        self._counts = counts
        self._repeats = repeats

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request. Raises NotImplementedError for anything but a request."""
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])
        inner = identified(scope, self._trusted)
        request_id = (b"x-request-id", inner["state"]["request_id"].encode())
        own = self._rules.begin(inner)
        started: Message = {}

        async def complete(message: Message) -> None:
            if message["type"] == _START:
                if self._counts is not None:
                    self._counts.add(f"{message['status'] // 100}xx")
                sent = message["headers"]
                whole = headers.completed([*sent, *languages.of_page(sent)], own)
                started.update(message, headers=[*whole, request_id])
                message = started
            elif self._repeats is not None and (given := permit_of(inner)) is not None:
                self._repeats.store(scope, given, started, message)
            await send(message)

        previous = i18n.begin(self._rules.language_of(inner))
        try:
            if access_log.isEnabledFor(logging.DEBUG):
                await self._logged(inner, receive, complete, started)
            else:
                await self._contained(inner, receive, complete, started)
        finally:
            i18n.end(previous)

    async def _contained(
        self, scope: Scope, receive: Receive, send: Send, started: Message
    ) -> None:
        try:
            for refuses, answer in self._rules.checks:
                if refuses(scope):
                    response = await answer(Request(scope, receive))
                    await response(scope, receive, send)
                    return
            await self._inner(scope, receive, send)
        except Exception as error:
            if not started:
                response = await self._rules.crash(Request(scope), error)
                await response(scope, receive, send)
            elif not error_containment.is_logged(scope):
                raise
        except asyncio.CancelledError:
            # Only the shutdown of the listener cancels a request, not a client that disconnects.
            if started:
                raise
            await self._rules.cut_off(Request(scope))(scope, receive, send)

    async def _logged(self, scope: Scope, receive: Receive, send: Send, started: Message) -> None:
        """Answer the request and log it without query, headers, body and tokens in the path."""
        clock = asyncio.get_running_loop()
        begun = clock.time()
        try:
            await self._contained(scope, receive, send, started)
        finally:
            fields = {
                "method": scope["method"],
                "path": _WITH_TOKEN.sub("/first-run/[redacted]", scope["path"]),
                "status": started.get("status", 0),
                "milliseconds": round((clock.time() - begun) * 1000),
                "peer": arrival_of(scope).address,
            }
            line = " ".join(str(value) for value in fields.values())
            extra = {"access": fields, "request_id": scope["state"]["request_id"]}
            access_log.debug("%s", line, extra=extra)
