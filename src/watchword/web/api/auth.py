"""Authentication of the Management API: plain ASGI in front of the routes.

It stands here, outside the framework, because every request of every script goes through it.
A regular password that was right is remembered for a minute, as a keyed digest in memory, and
checked against the account at each use: it is dead with the next change of password or MFA.
Parallel requests with the same header wait for one verification.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from watchword.crypto import tokens
from watchword.domain import basic
from watchword.domain.audit import Actor, Door
from watchword.domain.errors import LoginFailed, Refusal
from watchword.usecases import api_access
from watchword.usecases.api_access import Caller, Credential
from watchword.usecases.context import Watchword
from watchword.web.api import metrics, problems
from watchword.web.http import errors
from watchword.web.http.hops import scripts as hop
from watchword.web.http.requests import actor_of

REMEMBERED: Final = timedelta(seconds=60)
_MOST_REMEMBERED: Final = 1024
OPEN_PATHS: Final = frozenset({"/health/live"})


def _is_open(scope: Scope) -> bool:
    """Return whether a request needs no credentials: a probe's, or a scraper's on this host."""
    path = scope["path"]
    return path in OPEN_PATHS or (path == metrics.PATH and metrics.is_from_this_host(scope))


class Authenticated:
    """ASGI: lets a request through with `scope["state"]["caller"]`, or answers it itself."""

    def __init__(self, routes: ASGIApp, app: Watchword) -> None:
        self._routes = routes
        self._app = app
        self._process_key = tokens.token().reveal()
        self._remembered: dict[str, tuple[datetime, Caller]] = {}
        self._in_progress: dict[str, asyncio.Task[Caller]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http" and not _is_open(scope):
            headers = [v for k, v in scope["headers"] if k == b"authorization"]
            try:
                scope["state"]["caller"] = await self._caller(headers, scope)
            except LoginFailed as refusal:
                await asyncio.sleep(errors.pause(refusal))
                await problems.unauthorized(scope)(scope, receive, send)
                return
            except Refusal as refusal:
                await problems.for_refusal(scope, refusal)(scope, receive, send)
                return
        await self._routes(scope, receive, send)

    async def _caller(self, headers: list[bytes], scope: Scope) -> Caller:
        """Return who calls. No credentials, or another scheme's, are no failed login: many
        clients send theirs only after the challenge.
        """
        if len(headers) != 1:
            raise LoginFailed
        given = basic.parse(headers[0])
        if given is None:
            raise LoginFailed
        actor = actor_of(scope, Door.API)
        if given.is_api_password:
            return await self._verified(given, actor)
        digest = self._app.keyring.mac("api-cache", self._process_key, headers[0].hex())
        if remembered := await self._recall(digest):
            return remembered
        return await self._verified_once(digest, given, actor)

    async def _verified(self, given: basic.Credentials, actor: Actor) -> Caller:
        hashing = api_access.authenticate(self._app, actor, given)
        return await self._app.queue.run(hashing, Door.API, hop)

    async def _recall(self, digest: str) -> Caller | None:
        until, caller = self._remembered.get(digest, (None, None))
        if until is None or caller is None or until <= self._app.clock.now():
            return None
        if await hop(api_access.still_valid, self._app, caller):
            return caller
        del self._remembered[digest]
        return None

    async def _verified_once(self, digest: str, given: basic.Credentials, actor: Actor) -> Caller:
        """Verify; requests that come meanwhile with the very same header wait for this one."""
        task = self._in_progress.get(digest)
        if task is None:
            task = asyncio.ensure_future(self._verified(given, actor))
            self._in_progress[digest] = task
            task.add_done_callback(lambda done: self._verification_over(digest, done))
        # Shielded: one client that hangs up must not take the others' answer with it.
        caller = await asyncio.shield(task)
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        if caller.credential is Credential.PASSWORD:
            self._remembered[digest] = (self._app.clock.now() + REMEMBERED, caller)
        return caller

    def _verification_over(self, digest: str, done: asyncio.Task[Caller]) -> None:
        self._in_progress.pop(digest, None)
        if not done.cancelled():
            # At the server's end those who waited for a refusal may be gone; it is no crash.
            done.exception()
