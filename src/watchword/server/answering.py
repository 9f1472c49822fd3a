"""The answer to one request: its head is written together with the first piece of its body.

uvicorn writes the head alone, which is one more TLS record and one more system call, and searches each
field for invalid characters on its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import (
    HEADER_RE,
    STATUS_LINE,
    RequestResponseCycle,
)

_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NO_CONTENT: Final = frozenset({204, 304})
_START: Final = "http.response.start"


class Answering(RequestResponseCycle):
    """An ASGI answer on the connection."""

    head = b""

    async def send(self, message: Any) -> None:
        """Keep the head of the answer, or write a piece of its body."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        if self.response_started == (message["type"] == _START) or self.response_complete:
            raise RuntimeError(f"Unexpected ASGI message {message['type']!r}.")
        if self.response_started:
            self._write(message.get("body", b""), has_more=message.get("more_body", False))
        else:
            self.response_started, self.waiting_for_100_continue = True, False
            self.head = self._head_of(message["status"], message.get("headers", []))

    def _head_of(self, status: int, fields: Sequence[tuple[bytes, bytes]]) -> bytes:
        fields = [(name.lower(), value) for name, value in (*self.default_headers, *fields)]
        lines = [b"%b: %b\r\n" % field for field in fields]
        block, count = b"".join(lines), len(lines)
        is_split = block.count(b"\r") != count or block.count(b"\n") != count
        if is_split or _CONTROL.search(block) or HEADER_RE.search(b"".join([n for n, _ in fields])):
            raise RuntimeError("Invalid HTTP header.")
        closes = False
        for name, value in fields:
            if name == b"content-length":
                self.expected_content_length, self.chunked_encoding = int(value), False
            elif name == b"connection":
                closes = b"close" in value.lower()
        self.keep_alive = self.keep_alive and not closes
        more = b"" if self.keep_alive or closes else b"connection: close\r\n"
        has_body = self.scope["method"] != "HEAD" and status not in _NO_CONTENT
        if self.chunked_encoding is None and has_body:
            self.chunked_encoding = True
            more += b"transfer-encoding: chunked\r\n"
        return b"".join((STATUS_LINE[status], block, more, b"\r\n"))

    def _write(self, body: bytes, *, has_more: bool) -> None:
        if self.scope["method"] == "HEAD":
            self.expected_content_length, piece = 0, b""
        elif self.chunked_encoding:
            piece = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            piece += b"" if has_more else b"0\r\n\r\n"
        else:
            piece = body
            self.expected_content_length -= len(body)
            if self.expected_content_length < 0:
                raise RuntimeError("Response content longer than Content-Length")
        if self.head or piece:
            head, self.head = self.head, b""
            self.transport.write(head + piece)
        if not has_more:
            self._complete()

    def _complete(self) -> None:
        if self.expected_content_length:
            raise RuntimeError("Response content shorter than Content-Length")
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()
