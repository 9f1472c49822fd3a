"""/api/v1/administrators and what belongs to one of them.

No credential of the API reads a secret, makes an API password or touches the credentials of
its own account. With `api_manages_administrators` off, the writing routes are refused.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any, Final, TypeVar
from urllib.parse import quote, unquote

import msgspec
from msgspec import UNSET
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from watchword.crypto.passwords import Hashing
from watchword.domain.accounts import Administrator
from watchword.domain.audit import Interface
from watchword.domain.errors import AlreadySo
from watchword.domain.mfa import Event
from watchword.domain.secret import Secret
from watchword.storage.administrator_query import is_place
from watchword.usecases import accounts
from watchword.usecases.administrators import other_accounts, other_credentials
from watchword.usecases.administrators.authorization import By, Changed
from watchword.usecases.context import Watchword
from watchword.usecases.sessions import sessions
from watchword.web.api import bodies, etags, schemas
from watchword.web.api.authorization import reader, writer
from watchword.web.api.bodies import BadBody
from watchword.web.api.paging import limit_of
from watchword.web.api.routes import Endpoint
from watchword.web.http.worker_threads import scripts as hop

PATH: Final = "/api/v1/administrators"
T = TypeVar("T")


def json_response(value: Any, status: int = 200, **headers: str) -> Response:
    """Return a JSON answer."""
    return Response(
        msgspec.json.encode(value), status, media_type="application/json", headers=headers
    )


def _name(request: Request) -> str:
    return unquote(request.path_params["username"])


def etag_of(account: Administrator) -> str:
    """Return the strong ETag of an account as it goes out."""
    body = msgspec.json.encode(schemas.administrator_of(account))
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


class Administrators:
    """The endpoints, for one installation."""

    def __init__(self, app: Watchword) -> None:
        self._app = app

    async def _run(self, hashing: Hashing[T]) -> T:
        return await self._app.queue.run(hashing, Interface.API, hop)

    async def _found(self, request: Request) -> Administrator:
        """Return the account. Raises NoSuchAdministrator."""
        return await hop(accounts.by_name, self._app, reader(request), _name(request))

    async def _aimed(self, request: Request) -> tuple[By, Administrator]:
        """Return who acts, and on whom. What If-Match says is asked at once, and again when the
        act holds the account: of two changes with one ETag, one is made.
        """
        by, account = writer(self._app, request), await self._found(request)
        wanted = request.headers.getlist("if-match")
        if not wanted:
            return by, account

        def demand(now: Administrator) -> None:
            if not etags.includes(wanted, etag_of(now)):
                raise HTTPException(412)

        demand(account)
        return replace(by, demand=demand), account

    # --- accounts ----------------------------------------------------------------------------
    async def page(self, request: Request) -> Response:
        """Answer with a page of accounts by name."""
        limit, after = limit_of(request), request.query_params.get("after", "")[:400]
        if after and not is_place(after):
            raise BadBody(422, "invalid", "after must be the `next` of an earlier answer.")
        rows = await hop(
            other_accounts.page, self._app, reader(request), after=after, limit=limit + 1
        )
        items = [schemas.administrator_of(row.account) for row in rows[:limit]]
        following = rows[limit - 1].place if len(rows) > limit else None
        headers = {}
        if following is not None:
            query = f"limit={limit}&after={quote(following, safe='')}"
            headers["link"] = f'<{PATH}?{query}>; rel="next"'
        response = json_response(schemas.AdministratorList(items, following))
        response.headers.update(headers)
        return response

    async def create(self, request: Request) -> Response:
        """Create an account."""
        by = writer(self._app, request)
        sent = await bodies.read(request, schemas.NewAdministrator)
        new = accounts.NewAdministrator(
            sent.username, sent.full_name, sent.email, Secret(sent.password),
            must_change_password=True,
        )  # fmt: skip
        made = await self._run(other_accounts.create(self._app, by, new))
        location = f"{PATH}/{quote(made.username, safe='')}"
        body = schemas.administrator_of(made)
        return json_response(body, 201, location=location, etag=etag_of(made))

    async def delete(self, request: Request) -> Response:
        """Delete an account."""
        by, account = await self._aimed(request)
        await hop(other_accounts.delete, self._app, by, account.username)
        return Response(status_code=204)

    async def show(self, request: Request) -> Response:
        """Answer with one account, or 304 when the client has it as it is."""
        account = await self._found(request)
        tag = etag_of(account)
        if etags.includes(request.headers.getlist("if-none-match"), tag):
            return Response(status_code=304, headers={"etag": tag})
        return json_response(schemas.administrator_of(account), etag=tag)

    async def change(self, request: Request) -> Response:
        """Change all that the body names, or nothing."""
        by, account = await self._aimed(request)
        sent = await bodies.read(request, schemas.AdministratorChange)
        # RFC 7396: null removes a value, and an empty text is how an account has none.
        full_name = None if sent.full_name is UNSET else sent.full_name or ""
        email = None if sent.email is UNSET else sent.email or ""
        is_enabled = None if sent.enabled is UNSET else sent.enabled
        try:
            changed = await hop(
                other_accounts.change, self._app, by, account.username, full_name=full_name, email=email,
                is_enabled=is_enabled,
            )  # fmt: skip
        except AlreadySo:  # a script makes sure of a state; the account may have changed meanwhile
            changed = Changed(await self._found(request))
        body = schemas.administrator_changed(changed)
        return json_response(body, etag=etag_of(changed.account))

    async def password(self, request: Request) -> Response:
        """Set another's password; they choose their own at the next console login."""
        by, account = await self._aimed(request)
        sent = await bodies.read(request, schemas.NewPassword)
        password = Secret(sent.password)
        await self._run(other_accounts.set_password(self._app, by, account.username, password))
        return Response(status_code=204)

    # --- MFA, API password, sessions ---------------------------------------------------------
    async def mfa(self, request: Request) -> Response:
        """Answer with the state."""
        return json_response(schemas.mfa_of(await self._found(request)))

    def mfa_act(self, event: Event) -> Endpoint:
        """Return the endpoint of enabling, disabling or resetting."""

        async def act(request: Request) -> Response:
            by, account = await self._aimed(request)
            sent = await bodies.read(request, schemas.MfaChange, empty=schemas.MfaChange())
            changed = await hop(
                other_credentials.change_mfa, self._app, by, account.username, event,
                keep_api_password=sent.keep_api_password,
            )  # fmt: skip
            return json_response(schemas.mfa_changed(changed))

        return act

    async def api_password(self, request: Request) -> Response:
        """Take the API password away."""
        by, account = await self._aimed(request)
        await hop(other_credentials.revoke_api_password, self._app, by, account.username)
        return Response(status_code=204)

    async def sessions(self, request: Request) -> Response:
        """Answer with the account's console sessions."""
        account = await self._found(request)
        found = await hop(sessions.standing, self._app, reader(request), account)
        return json_response(schemas.SessionList([schemas.session_of(s) for s in found], None))

    async def end_sessions(self, request: Request) -> Response:
        """End all of them."""
        by, account = await self._aimed(request)
        await hop(other_credentials.end_sessions, self._app, by, account.username)
        return Response(status_code=204)
