"""Answers to requests that the protocol refuses before an application reads them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from watchword.web.http import refusal_bodies
from watchword.web.http.coalesced_log import CoalescedLog
from watchword.web.http.refusal_bodies import Body, Unread

log = logging.getLogger("watchword.server")

USE_HTTPS: Final[Body] = (
    "text/plain; charset=utf-8",
    b"This port speaks HTTPS. Use an address that begins with https://\n",
)


class Refusals:
    """The refusals of one interface. Repeated ones share a log line."""

    def __init__(self, setting: str, body_of: Unread = refusal_bodies.text) -> None:
        self._body_of = body_of
        self._noted = CoalescedLog(log, setting + ": refused a request from %s: %d %s")
        self._noted_plain = CoalescedLog(log, setting + ": plain HTTP from %s on an HTTPS port")

    def answer(
        self,
        status: HTTPStatus,
        peer: str,
        *,
        fields: Iterable[tuple[bytes, bytes]] = (),
        is_readable: bool = True,
        has_body: bool = True,
    ) -> bytes:
        """Return the complete answer, in the format of the interface if the target was readable."""
        self._noted.note(peer, status, status.phrase)
        return _message(status, (self._body_of if is_readable else refusal_bodies.text)(status), fields,
                        has_body=has_body)  # fmt: skip

    def use_https(self, peer: str) -> bytes:
        """Return the answer to plain HTTP on an HTTPS port. It does not redirect: the client would
        go on to send credentials unencrypted with each request, unnoticed.
        """
        self._noted_plain.note(peer)
        return _message(HTTPStatus.BAD_REQUEST, USE_HTTPS)


def _message(
    status: HTTPStatus, body: Body, fields: Iterable[tuple[bytes, bytes]] = (), *,
    has_body: bool = True,
) -> bytes:  # fmt: skip
    media_type, content = body
    content = content if has_body else b""
    whole = [
        *fields,
        (b"content-type", media_type.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"cache-control", b"no-store"),
        (b"content-length", str(len(content)).encode()),
        (b"connection", b"close"),
    ]
    lines = (b"%b: %b\r\n" % field for field in whole)
    return b"".join((STATUS_LINE[status], *lines, b"\r\n", content))
