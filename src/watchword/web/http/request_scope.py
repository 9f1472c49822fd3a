"""First steps for a request at any interface: origin, request id, raw path and body limit."""

from __future__ import annotations

import logging
import re
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

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
    """Return the origin of the request, which `identified` has determined."""
    came: Arrival = scope["state"]["arrival"]
    return came


def identified(scope: Scope, trusted: Trusted) -> Scope:
    """Return the scope with the origin of the request (domain/forwarded.py), its id, and the path as
    it was sent.

    The id is the client's if it is valid; it is in the answer and in the log. With the raw path an
    encoded slash stays in its segment ("x%2Fmfa"), and handlers decode the parameters.
    """
    client, given = scope.get("client"), None
    sent: dict[str, list[str]] = {}
    for name, value in scope["headers"]:  # names are in lower case (ASGI)
        if name.startswith(_ARRIVAL_HEADERS):
            sent.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
        elif name == b"x-request-id" and given is None:
            given = value.decode("latin-1")
    peer = str(client[0]) if client else ""
    raw_path = scope.get("raw_path") or scope["path"].encode()
    state = {
        "request_id": request_id_of(given or ""),
        "arrival": arrival(peer, scope.get("scheme", "https"), sent, trusted),
    }
    path = raw_path.partition(b"?")[0].decode("latin-1")
    query = _first_fields(scope["query_string"])
    return {**scope, "path": path, "query_string": query, "state": state}


def request_id_of(given: str) -> str:
    """Return the client's id of a request if it is valid, else a new one."""
    return given if _REQUEST_ID.fullmatch(given) else tokens.identifier()


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
