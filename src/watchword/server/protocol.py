"""HTTP/1.1 on one connection: what is not clear is refused, what is too slow is cut.

What is refused is in `request_validation.py`. After a refusal the connection closes: nobody can say where
the next request would begin.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from watchword.server.limits import Limits
from watchword.server.refusals import Refusals
from watchword.server.request_validation import Unclear, demand_clear

_LAST_WORDS_SECONDS: Final = 0.25


class Protocol(HttpToolsProtocol):
    """One connection. `left` is called when it is over.

        head --(complete)--> body --(complete)--> between --(first byte)--> head
         10 s                30 s                 15 s once answered

    At the end of the server a connection is aborted, not closed: closing TLS waits for the
    client to agree, and an idle client of a connection pool never does.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        state: ServerState,
        limits: Limits,
        refusals: Refusals,
        left: Callable[[], None],
    ) -> None:
        super().__init__(config, state, {})
        self._limits = limits
        self._refusals = refusals
        self._left = left
        self.is_through = False
        """Whether the handshake is over: from then on it is this object that says who left."""
        self._is_ending = False
        self._is_deaf = False
        self._is_in_head = True
        self._has_begun = False
        self._begun = 0
        self._stage = (0, True)
        self._head_bytes = 0
        self._field_bytes = 0
        self._has_target = False
        self._deadline: asyncio.TimerHandle | None = None
        self._write_deadline: asyncio.TimerHandle | None = None

    # --- the connection ---------------------------------------------------------------------
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin; the first head is waited for."""
        super().connection_made(transport)
        self.is_through = True
        self._wait_for(self._limits.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """End; the request under way learns that nobody waits for it."""
        self._is_deaf = True
        self._stop_waiting()
        self.resume_writing()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)
        self._left()

    def data_received(self, data: bytes) -> None:
        """Read; what cannot be read ends it."""
        if self._is_deaf or self.transport.is_closing():
            return
        was_in_head = self._is_in_head
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # The upgrade is ignored (RFC 9110, 7.8) and the request is answered, with its body. What
            # follows on this connection may be in another protocol.
            self._keep_time()
            self._is_deaf = True
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse(cause.status if isinstance(cause, Unclear) else HTTPStatus.BAD_REQUEST)
        else:
            self._count(len(data) if was_in_head and self._is_in_head else 0)
            self._keep_time()

    def _count(self, unfinished: int) -> None:
        """Count the bytes of a head that has no end yet: the parser keeps them all."""
        self._head_bytes += unfinished
        if self._head_bytes > self._limits.head_bytes:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    # --- what the parser finds --------------------------------------------------------------
    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self._unset_keepalive_if_required()
        self._has_begun, self._has_target, self._field_bytes = True, False, 0
        self._begun += 1

    def on_url(self, url: bytes) -> None:
        """A part of the target."""
        super().on_url(url)
        self._has_target = True
        self._demand_room(len(url))
        if self._field_bytes > self._limits.target_bytes:
            raise Unclear(HTTPStatus.REQUEST_URI_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field: of the head, or a trailer, which would come too late to be checked."""
        if not self._is_in_head:
            raise Unclear
        super().on_header(name, value)
        self._demand_room(len(name) + len(value) + 4)

    def _demand_room(self, more: int) -> None:
        self._field_bytes += more
        too_many = len(self.headers) > self._limits.head_fields
        if too_many or self._field_bytes > self._limits.head_bytes:
            raise Unclear(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_headers_complete(self) -> None:
        """The head is whole: refuse it, or let the app begin."""
        demand_clear(
            self.parser.get_method(),
            self.url,
            self.parser.get_http_version(),
            self.headers,
        )
        self._is_in_head, self._head_bytes = False, 0
        super().on_headers_complete()
        if self.parser.should_upgrade():
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """The request is whole."""
        super().on_message_complete()
        self._is_in_head, self._has_begun = True, False

    # --- time -------------------------------------------------------------------------------
    def _keep_time(self) -> None:
        """Set the time for what is waited for now. A request that came whole needs no timer."""
        if self._is_deaf:
            return
        stage = (self._begun, self._is_in_head)
        is_waiting = self._has_begun or self._begun == 0
        if not is_waiting:
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
            # A client that sends requests ahead: while we answer the first one we do not read.
            self._wait_for(self._limits.head_seconds)
        elif self._has_begun:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self.transport.abort()

    def timeout_keep_alive_handler(self) -> None:
        """Nobody asked for anything more; unless the next request had begun before the answer
        to this one was whole, and has a time of its own. The end of a long answer may still be
        on its way over a slow line, so it is no short goodbye.
        """
        if not self._has_begun and not self._is_answering():
            self._go(self._limits.write_seconds)

    def pause_writing(self) -> None:
        """The client does not read."""
        super().pause_writing()
        seconds = self._limits.write_seconds
        self._write_deadline = self.loop.call_later(seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """It does again."""
        if self._write_deadline is not None:
            self._write_deadline.cancel()
            self._write_deadline = None
        super().resume_writing()

    # --- the end ----------------------------------------------------------------------------
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _refuse(self, status: HTTPStatus) -> None:
        """Answer with this status and close, but never in the middle of another answer."""
        self._is_deaf = True
        self._stop_waiting()
        is_answered = self.cycle is not None and self.cycle.response_complete
        if self._is_in_head and self._is_answering():
            # It is a later request that is unclear: those before it get their answers.
            self.cycle.keep_alive = False
            return
        if self._is_in_head or self._can_still_be_answered():
            self._write_refusal(status)
        elif not is_answered:
            self.transport.abort()
        self._go(self._limits.goodbye_seconds)

    def _can_still_be_answered(self) -> bool:
        """Whether the request whose body is unclear has no answer yet, and is the one whose
        turn it is. Its app learns that nobody waits for it.
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
            (self.client or ("",))[0],
            fields=self.server_state.default_headers,
            is_readable=self._has_target,
            has_body=not is_head,
        )
        self.transport.write(answer)

    def _go(self, seconds: float) -> None:
        """Close; whoever does not agree to that in time is not asked again."""
        self._is_deaf = True
        self.transport.close()
        self.loop.call_later(seconds, self.transport.abort)

    def shutdown(self) -> None:
        """End the connection: at once when idle, else with the answer that is under way."""
        self._is_ending = True
        if not self._is_answering():
            self.transport.abort()
        else:
            super().shutdown()

    def on_response_complete(self) -> None:
        """Let the answer leave; at the server's end, then go."""
        super().on_response_complete()
        if self._is_ending:
            self.loop.call_later(_LAST_WORDS_SECONDS, self.transport.abort)
