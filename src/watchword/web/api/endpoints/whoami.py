"""GET /api/v1/whoami: the account of the credentials."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from watchword.domain.mfa import Status
from watchword.domain.roles import Role
from watchword.i18n import N_
from watchword.usecases.api.authentication import Caller, Credential
from watchword.web.api.operations import Api, Group, Success
from watchword.web.api.responses import json_response

group = Group(N_("You"))


class MfaState(msgspec.Struct, frozen=True):
    """The MFA of the account. `enabled` is true while pending and active."""

    enabled: bool
    status: Status


class Whoami(msgspec.Struct, frozen=True):
    """The account of the credentials."""

    username: str
    full_name: str
    mfa: MfaState
    credential: Credential
    role: Role


EXAMPLE = Whoami(
    "alice", "", MfaState(enabled=True, status=Status.ACTIVE), Credential.API_PASSWORD,
    Role.ADMINISTRATOR,
)  # fmt: skip


@group.operation(
    "GET", "/api/v1/whoami",
    summary=N_("Read the account of the credentials"),
    is_repeatable=True,
    is_open_to_members=True,
    answers=(Success(200, N_("The account and the kind of credential."), Whoami, EXAMPLE),),
)  # fmt: skip
async def whoami(_api: Api, request: Request) -> Response:
    """Return the caller that authentication found."""
    caller: Caller = request.scope["state"]["caller"]
    account = caller.account
    mfa = MfaState(account.mfa.is_enabled, account.mfa.status)
    found = Whoami(account.username, account.full_name, mfa, caller.credential, account.role)
    return json_response(found)
