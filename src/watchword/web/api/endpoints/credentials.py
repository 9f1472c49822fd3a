"""MFA, API password and console sessions of another administrator."""

from __future__ import annotations

from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from watchword.domain.mfa import Event, Status
from watchword.i18n import N_
from watchword.usecases.administrators import other_credentials
from watchword.usecases.sessions import sessions
from watchword.web.api import bodies
from watchword.web.api import schemas as s
from watchword.web.api.authorization import account_of, reader, writer_and_account
from watchword.web.api.endpoints.administrators import DONE, IF_MATCH, ONE, USERNAME
from watchword.web.api.operations import Api, Body, Group, Success
from watchword.web.api.problem_sets import CHANGING_ANOTHER
from watchword.web.api.responses import json_response
from watchword.web.http.worker_threads import api as in_thread

group = Group(N_("Administrators"))
MFA: Final = s.MfaOut(
    enabled=True, status=Status.PENDING, pending_since=s.EXAMPLE_TIME, activated_at=None
)
SESSION: Final = s.SessionOut("Mozilla/5.0 ...", "192.0.2.7", s.EXAMPLE_TIME, s.EXAMPLE_TIME)


@group.operation(
    "GET", f"{ONE}/mfa",
    summary=N_("Read the MFA state of an administrator"),
    parameters=(USERNAME,),
    problems=("no-such-administrator",),
    answers=(Success(200, N_("The state."), s.MfaOut, MFA),),
)  # fmt: skip
async def get_mfa(api: Api, request: Request) -> Response:
    """Return the MFA state."""
    return json_response(s.mfa_of(await account_of(api.app, request)))


_change = partial(
    group.operation,
    "POST",
    about=N_("Ends all console sessions of the account."),
    body=Body(s.MfaChange, s.MfaChange(keep_api_password=True), is_required=False),
    parameters=(USERNAME, IF_MATCH),
    problems=(*CHANGING_ANOTHER, "not-in-this-state", "changed-meanwhile"),
    answers=(Success(200, N_("The new state."), s.MfaChangedOut),),
)


@_change(f"{ONE}/mfa/enable", summary=N_("Enable MFA: pending until the next login at the console"))
async def enable_mfa(api: Api, request: Request) -> Response:
    """Enable MFA."""
    return await _change_mfa(api, request, Event.ENABLE)


@_change(f"{ONE}/mfa/disable", summary=N_("Disable MFA"))
async def disable_mfa(api: Api, request: Request) -> Response:
    """Disable MFA."""
    return await _change_mfa(api, request, Event.DISABLE)


@_change(
    f"{ONE}/mfa/reset",
    summary=N_("Reset the secret: the old one is invalid, MFA is pending again"),
)
async def reset_mfa(api: Api, request: Request) -> Response:
    """Reset the secret."""
    return await _change_mfa(api, request, Event.RESET)


async def _change_mfa(api: Api, request: Request, event: Event) -> Response:
    by, account = await writer_and_account(api.app, request)
    sent = await bodies.read(request, s.MfaChange, empty=s.MfaChange())
    changed = await in_thread(
        other_credentials.change_mfa, api.app, by, account.username, event,
        keep_api_password=sent.keep_api_password,
    )  # fmt: skip
    return json_response(s.mfa_changed(changed))


@group.operation(
    "DELETE", f"{ONE}/api-password",
    summary=N_("Revoke another administrator's API password"),
    parameters=(USERNAME, IF_MATCH),
    problems=(*CHANGING_ANOTHER, "nothing-to-revoke"),
    answers=(DONE,),
)  # fmt: skip
async def revoke_api_password(api: Api, request: Request) -> Response:
    """Revoke the API password."""
    by, account = await writer_and_account(api.app, request)
    await in_thread(other_credentials.revoke_api_password, api.app, by, account.username)
    return Response(status_code=204)


@group.operation(
    "GET", f"{ONE}/sessions",
    summary=N_("List the console sessions of an administrator"),
    parameters=(USERNAME,),
    problems=("no-such-administrator",),
    answers=(Success(200, N_("The sessions."), s.SessionList, s.SessionList([SESSION], None)),),
)  # fmt: skip
async def list_sessions(api: Api, request: Request) -> Response:
    """Return the account's console sessions."""
    account = await account_of(api.app, request)
    found = await in_thread(sessions.standing, api.app, reader(request), account)
    return json_response(s.SessionList([s.session_of(each) for each in found], None))


@group.operation(
    "DELETE", f"{ONE}/sessions",
    summary=N_("End all console sessions of an administrator"),
    parameters=(USERNAME, IF_MATCH),
    problems=CHANGING_ANOTHER,
    answers=(DONE,),
)  # fmt: skip
async def end_sessions(api: Api, request: Request) -> Response:
    """End the account's console sessions."""
    by, account = await writer_and_account(api.app, request)
    await in_thread(other_credentials.end_sessions, api.app, by, account.username)
    return Response(status_code=204)
