"""Authentication of the Management API: ASGI in front of the routes.

It is outside the framework because every request passes through it. A recently accepted
credential is accepted from a cache at the same epoch (usecases/api/caller_cache.py).
Parallel requests with the same header wait for one verification.
"""

from __future__ import annotations

import asyncio
import functools
import ipaddress

from msgspec.structs import replace
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from watchword.domain import basic_auth
from watchword.domain.audit import Actor, Interface
from watchword.domain.errors import (
    LoginFailed,
    NotAnAdministrator,
    Refusal,
    TooManyRequests,
)
from watchword.domain.forwarded import is_forwarding
from watchword.usecases.api import authentication
from watchword.usecases.api.authentication import Caller, Credential
from watchword.usecases.api.caller_cache import Remembered, RememberedCallers
from watchword.usecases.api.rate_limit import Pace
from watchword.web.api import problems
from watchword.web.api.operations import Api
from watchword.web.http import refusal_messages, repeats, shared_epoch
from watchword.web.http.repeats import Permit
from watchword.web.http.request_scope import actor_of, arrival_of
from watchword.web.http.worker_threads import api as in_thread


def is_from_this_host(scope: Scope) -> bool:
    """Return whether the request comes directly from this machine, without a proxy's headers."""
    client = scope.get("client")
    try:
        address = ipaddress.ip_address(client[0] if client else "")
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    names = {name.decode("latin-1").lower() for name, _value in scope["headers"]}
    is_forwarded = "via" in names or is_forwarding(names)
    return (mapped or address).is_loopback and not is_forwarded


class Authenticated:
    """ASGI: passes a request on with `scope["state"]["caller"]`, or refuses it."""

    def __init__(self, routes: ASGIApp, api: Api) -> None:
        app = api.app
        self._routes = routes
        self._app = app
        self._open = {o.path for o in api.operations if o.is_open}
        self._open_to_loopback = {o.path for o in api.operations if o.is_open_to_loopback}
        self._remembered = RememberedCallers(app)
        self._epoch = shared_epoch.shared(app.database.epoch)
        self._pace = Pace(app)
        self._answers = api.answers
        self._repeatable = {o.path for o in api.operations if o.is_repeatable}
        self._open_to_members = {o.path for o in api.operations if o.is_open_to_members}
        self._in_progress: dict[bytes, asyncio.Task[Remembered]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if not self._is_open(scope):
            headers = [v for k, v in scope["headers"] if k == b"authorization"]
            try:
                found = await self._found(headers, scope)
                caller = found.caller
                self._pace.demand(caller)
                if (
                    not caller.account.is_administrator
                    and scope["path"] not in self._open_to_members
                ):
                    raise NotAnAdministrator
                scope["state"]["caller"] = caller
                receive = self._checking(receive, caller)
                if scope["path"] in self._repeatable:
                    admit = functools.partial(self._admit, caller)
                    repeats.permit(scope, Permit(caller.epoch, found.until, admit))
            except LoginFailed as refusal:
                await asyncio.sleep(refusal_messages.pause(refusal))
                await problems.unauthorized(scope)(scope, receive, send)
                return
            except Refusal as refusal:
                await problems.for_refusal(scope, refusal)(scope, receive, send)
                return
        await self._routes(scope, receive, send)

    def _admit(self, caller: Caller) -> bool:
        """Count an answer that is given again, unless its credential is above its rate limit."""
        try:
            self._pace.demand(caller)
        except TooManyRequests:
            return False
        self._answers.add("2xx")
        return True

    def _is_open(self, scope: Scope) -> bool:
        """Return whether the operation of this path needs no credentials."""
        path = scope["path"]
        if path in self._open_to_loopback:
            return is_from_this_host(scope)
        return path in self._open

    async def _found(self, headers: list[bytes], scope: Scope) -> Remembered:
        """Return the caller. Raises LoginFailed and other refusals.

        A request without Basic credentials does not count as a failed login: many clients send
        their credentials only after the challenge.
        """
        if len(headers) != 1:
            raise LoginFailed
        digest = self._remembered.digest(headers[0], arrival_of(scope).address)
        known = self._remembered.get(digest)
        if known is not None and known.caller.epoch == await self._epoch.now():
            return known
        given = basic_auth.parse(headers[0])
        if given is None:
            raise LoginFailed
        is_hashed = known is not None and known.caller.credential is Credential.PASSWORD
        if known is not None and is_hashed and (found := await self._recall(digest, known)):
            return found
        actor = actor_of(scope, Interface.API)
        if given.is_api_password:
            return await self._verified(digest, given, actor)
        return await self._verified_once(digest, given, actor)

    def _checking(self, receive: Receive, caller: Caller) -> Receive:
        """Check the credential again when the body is complete.

        A client can delay the end of the body until after the credential was revoked. Writing
        operations check again in their own transaction; this check also covers reading ones.
        """

        async def checked() -> Message:
            message = await receive()
            is_complete = message["type"] == "http.request" and not message.get("more_body", False)
            if is_complete and not await in_thread(authentication.refreshed, self._app, caller):
                raise LoginFailed
            return message

        return checked

    async def _verified(
        self, digest: bytes, given: basic_auth.Credentials, actor: Actor
    ) -> Remembered:
        hashing = authentication.authenticate(self._app, actor, given)
        caller = await self._app.queue.run(hashing, Interface.API, in_thread)
        return self._remembered.keep(digest, caller)

    async def _recall(self, digest: bytes, known: Remembered) -> Remembered | None:
        """Compare a regular password that was verified a moment ago with its account."""
        found = await in_thread(authentication.refreshed, self._app, known.caller)
        if found is None:
            self._remembered.forget(digest)
            return None
        return self._remembered.renew(digest, replace(known, caller=found))

    async def _verified_once(
        self, digest: bytes, given: basic_auth.Credentials, actor: Actor
    ) -> Remembered:
        """Verify once; parallel requests with the same header wait for the result."""
        task = self._in_progress.get(digest)
        if task is None:
            task = asyncio.ensure_future(self._verified(digest, given, actor))
            self._in_progress[digest] = task
            task.add_done_callback(lambda done: self._verification_over(digest, done))
        # Without the shield a client that disconnects would cancel the other requests as well.
        return await asyncio.shield(task)

    def _verification_over(self, digest: bytes, done: asyncio.Task[Remembered]) -> None:
        self._in_progress.pop(digest, None)
        if not done.cancelled():
            # Read the exception: at shutdown no request may wait for it, and asyncio would log it.
            done.exception()
