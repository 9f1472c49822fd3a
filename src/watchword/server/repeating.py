"""HTTP/1.1 on one connection: a stored answer is given again without the application.

Bytes that are known as one whole request (web/http/repeats.py) are not parsed either: between two
requests the parser has no state, so it does not matter whether it has seen them. For other bytes a
stored answer is asked for at the complete head. uvicorn's object for a request, its task and its
checks of each header field are not needed then. Keep-alive, pipelining and draining stay those of
uvicorn.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.server import ServerState

from watchword.server.answering import Answering
from watchword.web.http.repeats import Repeats

_OK: Final = STATUS_LINE[200]


class Repeating(HttpToolsProtocol):
    """Asks for a stored answer at the bytes of a whole request, or at its complete head."""

    def __init__(self, config: uvicorn.Config, state: ServerState, repeats: Repeats | None) -> None:
        super().__init__(config, state, {})
        self._repeats = repeats
        self._peer = ""
        self._ignores_input = False
        self._has_begun = False
        self._begun = 0
        self._key: bytes | None = None
        self._is_to_ask = self._was_asked = False
        self._held: bytes | None = None
        """A request that waits for its stored answer and has not been parsed."""
        self._repeated_at = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a request."""
        super().connection_made(transport)
        self._peer = self.client[0] if self.client else ""

    # --- whole requests ---------------------------------------------------------------------
    def data_received(self, data: bytes) -> None:
        """Give a stored answer, or parse."""
        if self._ignores_input or self.transport.is_closing():
            return
        repeats = self._repeats
        # An answer may be complete before the body of its request: the next bytes are its body.
        is_idle = self.timeout_keep_alive_task is not None and not self._has_begun
        if self._held is not None:
            self._parse_held(data)
        elif repeats is None or self.flow.write_paused:
            self.parse(data)
        elif is_idle and (key := repeats.known(data, self._peer)) is not None:
            self._held, self._repeated_at = data, self.loop.time()
            repeats.ask(key, partial(self._reply_to_held, data))
        else:
            begun, is_beginning = self._begun, not self._has_begun
            self.parse(data)
            is_whole = is_beginning and not self._has_begun and self._begun == begun + 1
            if is_whole and self._key is not None:
                repeats.remember(data, self._peer, self._key)

    def parse(self, data: bytes) -> None:
        """Read bytes that are not known."""
        raise NotImplementedError

    def _reply_to_held(self, data: bytes, answer: bytes | None) -> None:
        if self._held is not data:
            return  # more bytes came, the server is stopping, or the client is gone
        if answer is None or self.flow.write_paused:
            self._parse_held()
        else:
            self._held = None
            self._write_repeated(answer)

    def _parse_held(self, more: bytes = b"") -> None:
        held, self._held = self._held or b"", None
        self._was_asked = True
        self.parse(held + more)
        self._was_asked = False

    # --- parsed heads -----------------------------------------------------------------------
    def on_headers_complete(self) -> None:
        """Give a stored answer, or start the application."""
        if self._is_repeated():
            return
        super().on_headers_complete()
        self._is_to_ask = False
        if self.parser.should_upgrade():
            self.cycle.keep_alive = False

    def _is_answering(self) -> bool:
        return self._held is not None or (
            self.cycle is not None and not self.cycle.response_complete
        )

    def _is_repeated(self) -> bool:
        """Give a stored answer. Returns False if there is none, or none yet."""
        repeats, self._key = self._repeats, None
        if repeats is None or self._was_asked or not self._is_repeatable():
            return False
        self._key = repeats.find(self.url, self.headers, self._peer)
        if self._key is None or repeats.is_deferred:
            self._is_to_ask = self._key is not None
            return False
        found: list[bytes | None] = []
        repeats.ask(self._key, found.append)
        if found[0] is None:
            return False
        self._write_repeated(found[0])
        self.on_response_complete()
        return True

    def _is_repeatable(self) -> bool:
        """Return whether the request may get a stored answer: no other request of the connection
        waits, so that answers keep their order and never nest.
        """
        parser, cycle = self.parser, self.cycle
        return (
            (cycle is None or cycle.response_complete)
            and parser.get_method() == b"GET"
            and parser.get_http_version() == "1.1"
            and parser.should_keep_alive()
            and not parser.should_upgrade()
            and not self.flow.write_paused
        )

    def _write_repeated(self, answer: bytes) -> None:
        content = [_OK]
        for name, value in self.server_state.default_headers:
            content += (name, b": ", value, b"\r\n")
        self.transport.write(b"".join([*content, answer]))

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Start the application, unless a stored answer may be given soon."""
        cycle.__class__ = Answering  # uvicorn has no setting for it
        if self._repeats is not None and self._key is not None and self._is_to_ask:
            self._repeats.ask(self._key, partial(self._reply, cycle, app))
        else:
            super()._start_asgi_task(cycle, app)

    def _reply(self, cycle: RequestResponseCycle, app: Any, answer: bytes | None) -> None:
        if answer is None or not cycle.keep_alive:
            super()._start_asgi_task(cycle, app)
        elif not cycle.disconnected:
            cycle.response_started = cycle.response_complete = True
            self._write_repeated(answer)
            self.on_response_complete()
