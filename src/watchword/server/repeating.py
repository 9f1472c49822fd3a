"""HTTP/1.1 on one connection: a stored answer is given again without the application.

uvicorn's object for a request, its task and its checks of each header field are not needed then.
Keep-alive, pipelining and draining stay those of uvicorn.
"""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.server import ServerState

from watchword.web.http.repeats import Repeats


class Repeating(HttpToolsProtocol):
    """Asks for a stored answer at the complete head of a request."""

    def __init__(self, config: uvicorn.Config, state: ServerState, repeats: Repeats | None) -> None:
        super().__init__(config, state, {})
        self._repeats = repeats
        self._may_repeat = False

    def on_headers_complete(self) -> None:
        """Give a stored answer, or start the application."""
        self._may_repeat = self._is_repeatable()
        if self._may_repeat and self._repeated():
            return
        super().on_headers_complete()
        self._may_repeat = False
        if self.parser.should_upgrade():
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """Handle the end of a request."""
        if self.cycle is not None:  # None if every answer so far was a stored one
            super().on_message_complete()

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _is_repeatable(self) -> bool:
        """Return whether the request may get a stored answer: no other request of the connection
        waits, so that answers keep their order and never nest.
        """
        return (
            self._repeats is not None
            and self.parser.get_method() == b"GET"
            and self.parser.get_http_version() == "1.1"
            and self.parser.should_keep_alive()
            and not self.parser.should_upgrade()
            and not self._is_answering()
            and not self.flow.write_paused
        )

    def _repeated(self) -> bool:
        """Give a stored answer again. Returns False if there is none, or none yet."""
        peer = self.client[0] if self.client else ""
        answer = self._repeats.answer(self.url, self.headers, peer) if self._repeats else None
        if answer is not None:
            self._write_repeated(answer)
        return answer is not None

    def _write_repeated(self, answer: bytes) -> None:
        content = [STATUS_LINE[HTTPStatus.OK]]
        for name, value in self.server_state.default_headers:
            content += (name, b": ", value, b"\r\n")
        self.transport.write(b"".join([*content, answer]))
        self.on_response_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Start the application, unless a stored answer may be given soon."""
        if self._repeats is not None and self._may_repeat and self._repeats.is_deferred:
            scope: Any = cycle.scope
            peer = self.client[0] if self.client else ""
            reply = partial(self._reply, cycle, app)
            self._repeats.ask(self.url, scope["headers"], peer, reply)
        else:
            super()._start_asgi_task(cycle, app)

    def _reply(self, cycle: RequestResponseCycle, app: Any, answer: bytes | None) -> None:
        if answer is None or not cycle.keep_alive:
            super()._start_asgi_task(cycle, app)
        elif not cycle.disconnected:
            cycle.response_started = cycle.response_complete = True
            self._write_repeated(answer)
