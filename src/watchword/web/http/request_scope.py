"""First steps for a request at any interface: origin, request id, raw path and body limit."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from watchword.crypto import tokens
from watchword.domain.audit import Actor, Interface
from watchword.domain.forwarded import Arrival, Trusted, arrival

access_log = logging.getLogger("watchword.access")

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_MOST_USER_AGENT: Final = 200
_MOST_QUERY_FIELDS: Final = 50
"""More than any page or operation accepts. The API refuses unknown and repeated fields, so it
refuses a query of 50 fields in any case.
"""
_ARRIVAL_HEADERS: Final = (b"host", b"x-forwarded", b"x-real-ip", b"forwarded")
_WITH_TOKEN: Final = re.compile(r"^/first-run/.*", re.DOTALL)


class TooLarge(Exception):  # noqa: N818 - the name states the problem
    """The body is larger than the interface accepts."""


class HungUp(Exception):  # noqa: N818 - the name states the problem
    """The client disconnected before its body was complete. The received part is ignored."""


def actor_of(scope: Scope, interface: Interface) -> Actor:
    """Return the actor as far as the connection identifies it, with a trusted proxy."""
    headers = Headers(scope=scope)
    came = arrival_of(scope)
    return Actor(
        interface=interface,
        address=came.address,
        via=came.via,
        is_shared=came.is_shared,
        is_from_untrusted_peer=came.is_from_untrusted_peer,
        user_agent=printable(headers.get("user-agent", "")[:_MOST_USER_AGENT]),
        request_id=scope["state"]["request_id"],
    )


def arrival_of(scope: Scope) -> Arrival:
    """Return the origin of the request, which `Identified` has determined."""
    came: Arrival = scope["state"]["arrival"]
    return came


def request_id_of(given: str) -> str:
    """Return the client's id of a request if it is valid, else a new one."""
    return given if _REQUEST_ID.fullmatch(given) else tokens.identifier()


def _arrival(scope: Scope, trusted: Trusted) -> Arrival:
    client = scope.get("client")
    sent: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        if name.startswith(_ARRIVAL_HEADERS):  # names are in lower case (ASGI)
            sent.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
    return arrival(str(client[0]) if client else "", scope.get("scheme", "https"), sent, trusted)


def _first_fields(query: bytes) -> bytes:
    """Return the query without fields above the limit: decoding thousands takes too long."""
    if query.count(b"&") < _MOST_QUERY_FIELDS:
        return query
    return b"&".join(query.split(b"&", _MOST_QUERY_FIELDS)[:_MOST_QUERY_FIELDS])


def printable(text: str) -> str:
    """Return the text with a question mark for each control character."""
    return "".join(c if c.isprintable() else "?" for c in text)


async def read_body(receive: Receive, most: int) -> bytes:
    """Return the whole body. Raises TooLarge, or HungUp if the client disconnects."""
    body = bytearray()
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            raise HungUp
        body += message.get("body", b"")
        if len(body) > most:
            raise TooLarge
        if not message.get("more_body", False):
            return bytes(body)


class Identified:
    """ASGI: determines the origin of each request (domain/forwarded.py), gives it an id, and sets
    the path as it was sent.

    The id is the client's if it is valid; it is in the answer and in the log. Starlette routes on
    the decoded path, where "x%2Fmfa" would be two segments. With the raw path an encoded slash
    stays in its segment, and handlers decode the parameters.
    """

    def __init__(self, app: ASGIApp, trusted: Trusted) -> None:
        self.app = app
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = request_id_of(Headers(scope=scope).get("x-request-id", ""))
        raw_path = scope.get("raw_path") or scope["path"].encode()
        path = raw_path.partition(b"?")[0].decode("latin-1")
        state = {"request_id": request_id, "arrival": _arrival(scope, self._trusted)}
        query = _first_fields(scope["query_string"])
        scope = {**scope, "path": path, "query_string": query, "state": state}

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                pair = (b"x-request-id", request_id.encode())
                message = {**message, "headers": [*message["headers"], pair]}
            await send(message)

        if access_log.isEnabledFor(logging.DEBUG):
            await self._logged(scope, receive, send_with_id)
        else:
            await self.app(scope, receive, send_with_id)

    async def _logged(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and log it without query, headers, body and tokens in the path."""
        status = 0

        async def send_and_see(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        clock = asyncio.get_running_loop()
        begun = clock.time()
        try:
            await self.app(scope, receive, send_and_see)
        finally:
            fields = {
                "method": scope["method"],
                "path": _WITH_TOKEN.sub("/first-run/[redacted]", scope["path"]),
                "status": status,
                "milliseconds": round((clock.time() - begun) * 1000),
                "peer": arrival_of(scope).address,
            }
            line = " ".join(str(value) for value in fields.values())
            extra = {"access": fields, "request_id": scope["state"]["request_id"]}
            access_log.debug("%s", line, extra=extra)
