"""GET /api/v1/whoami: who the credentials belong to."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from watchword.domain.mfa import Status
from watchword.usecases.api.authentication import Caller, Credential


class MfaState(msgspec.Struct, frozen=True):
    """The account's MFA: `enabled` is true from pending on."""

    enabled: bool
    status: Status


class Whoami(msgspec.Struct, frozen=True):
    """The answer."""

    username: str
    full_name: str
    mfa: MfaState
    credential: Credential


async def show(request: Request) -> Response:
    """Answer for the caller that authentication found."""
    caller: Caller = request.scope["state"]["caller"]
    account = caller.account
    answer = Whoami(
        username=account.username,
        full_name=account.full_name,
        mfa=MfaState(account.mfa.is_enabled, account.mfa.status),
        credential=caller.credential,
    )
    return Response(msgspec.json.encode(answer), media_type="application/json")
