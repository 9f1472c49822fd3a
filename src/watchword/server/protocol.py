"""HTTP/1.1 on one connection: invalid requests are refused, slow clients are disconnected.

`request_validation.py` lists what is refused. After a refusal the connection closes, because the
beginning of the next request is unknown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

import httptools
import uvicorn
from uvicorn.server import ServerState

from watchword.server.limits import Limits
from watchword.server.refusals import Refusals
from watchword.server.repeating import Repeating
from watchword.server.request_validation import Rejected, demand_valid
from watchword.web.http.repeats import Repeats

_AFTER_ANSWER_SECONDS: Final = 0.25


class Protocol(Repeating):
    """One connection. `left` is called when it has ended.

        head --(complete)--> body --(complete)--> between --(first byte)--> head
         10 s                30 s                 15 s once answered

    When the server stops, a connection is aborted, not closed: closing TLS waits for an answer of
    the client, and an idle client of a connection pool never sends it.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        state: ServerState,
        limits: Limits,
        refusals: Refusals,
        left: Callable[[], None],
        repeats: Repeats | None = None,
    ) -> None:
        super().__init__(config, state, repeats)
        self._limits = limits
        self._refusals = refusals
        self._left = left
        self.is_connected = False
        """Whether the handshake is complete. From then on this object calls `left`."""
        self._is_ending = False
        self._is_in_head = True
        self._stage = (0, True)
        self._head_bytes = 0
        self._field_bytes = 0
        self._has_target = False
        self._deadline: asyncio.TimerHandle | None = None
        self._write_deadline: asyncio.TimerHandle | None = None

    # --- the connection ---------------------------------------------------------------------
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first head."""
        super().connection_made(transport)
        self.is_connected = True
        self._wait_for(self._limits.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """End. The request under way is notified that its client is gone."""
        self._ignores_input, self._held = True, None
        self._stop_waiting()
        self.resume_writing()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)
        self._left()

    def parse(self, data: bytes) -> None:
        """Parse. Invalid bytes end the connection."""
        was_in_head, head = self._is_in_head, self._begun + (not self._has_begun)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # The upgrade is ignored (RFC 9110, 7.8) and the request is answered, with its body. Later
            # bytes on this connection may be of another protocol.
            self._set_deadline()
            self._ignores_input = True
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse(cause.status if isinstance(cause, Rejected) else HTTPStatus.BAD_REQUEST)
        else:
            # The bytes of an incomplete head are counted: the parser keeps all of them. Those of
            # earlier requests in the same piece are not.
            is_one_head = was_in_head and self._is_in_head and self._begun <= head
            self._head_bytes += len(data) if is_one_head else 0
            if self._head_bytes > self._limits.head_bytes:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            self._set_deadline()

    # --- callbacks of the parser ------------------------------------------------------------
    def on_message_begin(self) -> None:
        """Handle the first byte of a request."""
        super().on_message_begin()
        if self.timeout_keep_alive_task is not None:
            self._unset_keepalive_if_required()
        self._has_begun, self._has_target, self._field_bytes = True, False, 0
        self._begun += 1

    def on_url(self, url: bytes) -> None:
        """Handle a part of the target."""
        self.url += url
        self._has_target = True
        self._field_bytes += len(url)
        if self._field_bytes > self._limits.head_bytes:
            raise Rejected(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        if self._field_bytes > self._limits.target_bytes:
            raise Rejected(HTTPStatus.REQUEST_URI_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Handle a field of the head. Trailers are refused: they arrive after the checks."""
        if not self._is_in_head:
            raise Rejected
        # As in uvicorn, without its calls: there are several fields in each request.
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))
        self._field_bytes += len(name) + len(value) + 4
        limits = self._limits
        if self._field_bytes > limits.head_bytes or len(self.headers) > limits.head_fields:
            raise Rejected(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_headers_complete(self) -> None:
        """Handle a complete head: refuse it, or start the application."""
        demand_valid(
            self.parser.get_method(),
            self.url,
            self.parser.get_http_version(),
            self.headers,
        )
        self._is_in_head, self._head_bytes = False, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Handle the end of a request."""
        if self.cycle is not None:  # None if every answer so far was a stored one
            super().on_message_complete()
        self._is_in_head, self._has_begun = True, False

    # --- time -------------------------------------------------------------------------------
    def _set_deadline(self) -> None:
        """Set the deadline of the current stage. A complete request needs none."""
        if self._ignores_input:
            return
        stage = (self._begun, self._is_in_head)
        is_waiting = self._has_begun or self._begun == 0
        if not is_waiting:
            if self._deadline is not None:
                self._stop_waiting()
        elif stage != self._stage or self._deadline is None:
            in_head = self._is_in_head
            self._wait_for(self._limits.head_seconds if in_head else self._limits.body_seconds)
        self._stage = stage

    def _wait_for(self, seconds: float) -> None:
        self._stop_waiting()
        self._deadline = self.loop.call_later(seconds, self._out_of_time)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _out_of_time(self) -> None:
        self._deadline = None
        if self._is_in_head and self._is_answering():
            # A client with pipelined requests: the next one is not read before this answer ends.
            self._wait_for(self._limits.head_seconds)
        elif self._has_begun:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self.transport.abort()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection. A next request that has begun has its own deadline instead.

        The end of a long answer may still be in transit over a slow line, so the time until the
        abort is not the short one.
        """
        rest = self._repeated_at + self.timeout_keep_alive - self.loop.time()
        if self._held is not None or rest > 0:  # a repeat does not set the timer again
            rest = max(rest, 1)
            self.timeout_keep_alive_task = self.loop.call_later(
                rest, self.timeout_keep_alive_handler
            )
        elif not self._has_begun and not self._is_answering():
            self._close(self._limits.write_seconds)

    def pause_writing(self) -> None:
        """Start the deadline of a client that does not read."""
        super().pause_writing()
        seconds = self._limits.write_seconds
        self._write_deadline = self.loop.call_later(seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Cancel that deadline."""
        if self._write_deadline is not None:
            self._write_deadline.cancel()
            self._write_deadline = None
        super().resume_writing()

    # --- the end ----------------------------------------------------------------------------
    def _refuse(self, status: HTTPStatus) -> None:
        """Answer with this status and close, but never in the middle of another answer."""
        self._ignores_input = True
        self._stop_waiting()
        is_answered = self.cycle is not None and self.cycle.response_complete
        if self._is_in_head and self._is_answering():
            # A later, pipelined request is invalid: those before it get their answers.
            self.cycle.keep_alive = False
            return
        if self._is_in_head or self._can_still_be_answered():
            self._write_refusal(status)
        elif not is_answered:
            self.transport.abort()
        self._close(self._limits.goodbye_seconds)

    def _can_still_be_answered(self) -> bool:
        """Return whether the request with the invalid body is the current one and has no answer
        yet. Its application is then notified that the client is gone.
        """
        if not self._is_answering() or self.cycle.response_started or self.pipeline:
            return False
        self.cycle.disconnected = True
        self.cycle.message_event.set()
        return True

    def _write_refusal(self, status: HTTPStatus) -> None:
        is_head = not self._is_in_head and self.parser.get_method() == b"HEAD"
        answer = self._refusals.answer(
            status,
            self._peer,
            fields=self.server_state.default_headers,
            is_readable=self._has_target,
            has_body=not is_head,
        )
        self.transport.write(answer)

    def _close(self, seconds: float) -> None:
        """Close. Abort when the client has not closed its side after this time."""
        self._ignores_input = True
        self.transport.close()
        self.loop.call_later(seconds, self.transport.abort)

    def shutdown(self) -> None:
        """End the connection: immediately when idle, else after the current answer."""
        self._is_ending = True
        if self._held is not None:
            self._parse_held()
        if not self._is_answering():
            self.transport.abort()
        else:
            super().shutdown()

    def on_response_complete(self) -> None:
        """End the connection after the answer when the server is stopping."""
        super().on_response_complete()
        if self._is_ending:
            self.loop.call_later(_AFTER_ANSWER_SECONDS, self.transport.abort)
