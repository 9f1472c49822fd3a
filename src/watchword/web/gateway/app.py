"""The gateway as an ASGI app: one request of a proxy, one decision, one answer.

    proxy --> peer trusted? --> application of the path --> original request --> decision --> answer

A known visitor is allowed without a worker thread and without a statement. Every failure is a
refusal.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any, Final

from watchword.config import trusted
from watchword.crypto import tokens
from watchword.domain import forwarded, gateway_credentials
from watchword.domain.audit import Actor, Interface
from watchword.domain.errors import Refusal
from watchword.domain.gateway_credentials import Presented
from watchword.domain.gateway_decision import (
    RESERVED,
    UNAVAILABLE,
    Decision,
    decide,
    needs_credential,
)
from watchword.domain.original_request import Fields, Flaw, OriginalRequest
from watchword.usecases.context import Watchword
from watchword.usecases.gateway import gateway_checks, return_tickets
from watchword.usecases.gateway.foreign_peers import ForeignPeers
from watchword.web.gateway import reserved_paths
from watchword.web.gateway.answers import Answer, Asked
from watchword.web.gateway.dialects import DIALECTS, Dialect
from watchword.web.gateway.known_visits import KnownVisits
from watchword.web.http import error_containment, shared_epoch
from watchword.web.http.request_scope import printable, request_id_of
from watchword.web.http.worker_threads import gateway as in_thread

log = logging.getLogger("watchword.gateway")

_LIVE: Final = b"/health/live"
_MOST_USER_AGENT: Final = 200
Scope = MutableMapping[str, Any]


class Gateway:
    """The gateway of one installation."""

    def __init__(self, app: Watchword, console_url: str) -> None:
        self._app = app
        self._console = console_url.rstrip("/")
        self._trusted = trusted(app.settings)
        self._epoch = shared_epoch.shared(app.database.epoch)
        self._known = KnownVisits()
        self._foreign = ForeignPeers(app)

    async def __call__(
        self,
        scope: Scope,
        receive: Callable[[], Awaitable[Any]],  # noqa: ARG002 - a check has no body
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        """Answer."""
        if scope["type"] != "http":
            return
        given = next((v for name, v in scope["headers"] if name == b"x-request-id"), b"")
        request_id = request_id_of(given.decode("latin-1"))
        try:
            answer = await self._answer(scope)
        except Exception as error:  # noqa: BLE001 - every failure is a refusal
            error_containment.log_failure(log, request_id, error)
            answer = Answer(HTTPStatus.SERVICE_UNAVAILABLE)
        length = (b"content-length", str(len(answer.body)).encode())
        number = (b"x-request-id", request_id.encode())
        start = {"type": "http.response.start", "status": int(answer.status)}
        await send({**start, "headers": [*answer.fields, length, number]})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Scope) -> Answer:
        path = bytes(scope["raw_path"]).partition(b"?")[0]
        if path == _LIVE:
            return Answer(HTTPStatus.OK, body=b"ok\n")
        peer = str(scope["client"][0]) if scope.get("client") else ""
        if not self._trusted.covers(peer):
            if self._foreign.is_new(peer):
                await in_thread(self._foreign.record, peer)
            return Answer(HTTPStatus.FORBIDDEN)
        _, start, kind, name = [*path.split(b"/", 4), b"", b"", b""][:4]
        dialect = DIALECTS.get(kind)
        if start != b"auth" or dialect is None or not name.isascii():
            return Answer(HTTPStatus.NOT_FOUND)
        below = path[len(b"/auth//") + len(kind) + len(name) :]
        return await self._checked(scope, dialect, name.decode("ascii"), below, peer)

    async def _checked(
        self, scope: Scope, dialect: Dialect, name: str, below: bytes, peer: str
    ) -> Answer:
        fields: Fields = scope["headers"]
        request = dialect.read(scope, below)
        if isinstance(request, OriginalRequest) and request.path in RESERVED:
            return await self._reserved(dialect, name, request, fields, peer)
        given = gateway_credentials.presented(fields)
        try:
            decision, application = await self._decision(
                dialect, name, request, given, fields, peer
            )
        except Refusal as refusal:  # such as an unavailable database, which storage has logged
            log.info("no decision: %s", refusal.code)
            decision, application = UNAVAILABLE, None

        def ticket() -> tuple[str, Any]:
            if application is None or isinstance(request, Flaw):
                raise TypeError("a redirect needs an application and a request")
            sealed, nonce = return_tickets.issue(self._app, application, request)
            return f"{self._console}/enter?r={sealed}", nonce

        return dialect.answer(decision, given, Asked(application, request, fields, ticket))

    async def _reserved(
        self, dialect: Dialect, name: str, request: OriginalRequest, fields: Fields, peer: str
    ) -> Answer:
        """Answer a path that never reaches the tool."""
        if dialect.is_asked_again:
            return Answer(HTTPStatus.UNAUTHORIZED)
        actor = self._actor(fields, peer, self._address(fields))
        return await in_thread(
            reserved_paths.answer, self._app, actor, self._console, name, request, fields
        )

    async def _decision(
        self,
        dialect: Dialect,
        name: str,
        request: OriginalRequest | Flaw,
        given: Presented,
        fields: Fields,
        peer: str,
    ) -> tuple[Decision, Any]:
        now, epoch = self._app.clock.now(), await self._epoch.now()
        known = self._known.application(name)
        application = known.application if known and known.is_valid(epoch, now) else None
        if isinstance(request, Flaw):
            return decide(application, request, None, now), application
        if application is not None and not needs_credential(application, request):
            return decide(application, request, None, now), application
        address = self._address(fields)
        key = self._known.key(name, request.host, address or peer, given)
        visit = None if given.is_ambiguous else self._known.visit(key)
        if visit is not None and visit.is_valid(epoch, now):
            return decide(visit.application, request, visit.shown, now), visit.application
        actor = self._actor(fields, peer, address)
        found = await in_thread(
            gateway_checks.check, self._app, actor, name, request, given,
            is_recorded=not dialect.is_second,
        )  # fmt: skip
        if not dialect.is_second:
            self._known.keep(name, key, found)
        return found.decision, found.application

    def _address(self, fields: Fields) -> str:
        """Return the client's address as the proxy reports it; "" when it does not."""
        sent = [value.decode("latin-1") for n, value in fields if n == b"x-forwarded-for"]
        return forwarded.client_of(sent, self._trusted) or ""

    def _actor(self, fields: Fields, peer: str, address: str) -> Actor:
        agents = [value for name, value in fields if name == b"user-agent"]
        agent = agents[-1].decode("latin-1")[:_MOST_USER_AGENT] if agents else ""
        return Actor(
            interface=Interface.GATEWAY,
            address=address or peer,
            via=peer if address else "",
            is_shared=not address,
            user_agent=printable(agent),
            request_id=tokens.identifier(),
        )
