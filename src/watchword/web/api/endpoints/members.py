"""/api/v1/members: list, create, read, change, delete members; their credentials and sessions.

No credential of the API changes the password, the MFA, the role or the groups of a member. The
operations for it exist as for administrators, and answer 403.
"""

from __future__ import annotations

from functools import partial
from typing import Final
from urllib.parse import quote

from msgspec import UNSET, structs
from starlette.requests import Request
from starlette.responses import Response

from watchword.domain.audit import Interface
from watchword.domain.errors import AlreadySo, PersonNeeded
from watchword.domain.roles import Role, normal_groups
from watchword.domain.secret import Secret
from watchword.i18n import N_
from watchword.storage.administrator_query import Listed
from watchword.usecases import accounts
from watchword.usecases.administrators import other_accounts, other_credentials
from watchword.usecases.sessions import sessions
from watchword.web.api import bodies, etags
from watchword.web.api import member_schemas as m
from watchword.web.api import schemas as s
from watchword.web.api.authorization import (
    account_of,
    member_of,
    reader,
    writer,
    writer_and_account,
)
from watchword.web.api.endpoints.administrators import (
    DONE,
    ETAG,
    IF_MATCH,
    IF_NONE_MATCH,
    USERNAME,
    is_unchanged,
    list_page,
)
from watchword.web.api.endpoints.credentials import MFA, SESSION
from watchword.web.api.operations import Api, Body, Group, Success
from watchword.web.api.paging import AFTER, LIMIT
from watchword.web.api.problem_sets import CHANGING_A_MEMBER
from watchword.web.api.responses import json_response
from watchword.web.http.worker_threads import api as in_thread

PATH: Final = "/api/v1/members"
ONE: Final = PATH + "/{username}"
_USERNAME: Final = structs.replace(USERNAME, example="mia")
group = Group(N_("Members"))


@group.operation(
    "GET", PATH,
    summary=N_("List members, by name"),
    parameters=(LIMIT, AFTER),
    problems=("invalid",),
    answers=(Success(200, N_("A page of accounts."), m.MemberList, m.MemberList([m.MIA], None),
                     headers={"Link": N_("The next page, if there is one.")}),),
)  # fmt: skip
async def list_members(api: Api, request: Request) -> Response:
    """Return a page of members by name."""

    def shown(rows: list[Listed], following: str | None) -> m.MemberList:
        return m.MemberList([m.member_of(row.account, row.groups) for row in rows], following)

    return await list_page(api, request, PATH, Role.MEMBER, shown)


@group.operation(
    "POST", PATH,
    summary=N_("Create a member"),
    about=N_("Without `password`, the member is a script account. An administrator generates its API "
             "password at the console or with `watchword api-password generate`."),
    body=Body(m.NewMember, m.NewMember(
        "mia", "otter pencil gravel monsoon", "Mia Example", "mia@example.org", ["staff"])),
    problems=("writing-switched-off", "username-taken"),
    answers=(Success(201, N_("The new account."), m.MemberOut, m.MIA,
                     headers={**ETAG, "Location": N_("The address of the account.")}),),
)  # fmt: skip
async def create_member(api: Api, request: Request) -> Response:
    """Create a member."""
    by = writer(api.app, request)
    sent = await bodies.read(request, m.NewMember)
    new = accounts.NewAdministrator(
        sent.username,
        sent.full_name,
        sent.email,
        None if sent.password is None else Secret(sent.password),
        must_change_password=True,
        role=Role.MEMBER,
        groups=normal_groups(sent.groups),
    )
    hashing = other_accounts.create(api.app, by, new)
    made = await api.app.queue.run(hashing, Interface.API, in_thread)
    location = f"{PATH}/{quote(made.username, safe='')}"
    tag = etags.of(made, new.groups)
    return json_response(m.member_of(made, new.groups), 201, location=location, etag=tag)


@group.operation(
    "GET", ONE,
    summary=N_("Read one member"),
    parameters=(_USERNAME, IF_NONE_MATCH),
    problems=("no-such-member",),
    answers=(Success(200, N_("The account."), m.MemberOut, m.MIA, headers=ETAG),
             Success(304, N_("The account has not changed."), headers=ETAG)),
)  # fmt: skip
async def get_member(api: Api, request: Request) -> Response:
    """Return one member, or 304 when the client has its current state."""
    account, groups = await member_of(api.app, request)
    tag = etags.of(account, groups)
    return is_unchanged(request, tag) or json_response(m.member_of(account, groups), etag=tag)


@group.operation(
    "PATCH", ONE,
    summary=N_("Change a member"),
    about=N_("Changes any of `full_name`, `email` and `enabled`. If one field is invalid, nothing is "
             "changed. Groups and role are changed at the console or on the command line."),
    body=Body(m.MemberChange, m.MemberChange(full_name="Mia B. Example")),
    parameters=(_USERNAME, IF_MATCH),
    problems=(*CHANGING_A_MEMBER, "person-needed", "already-so"),
    answers=(Success(
        200, N_("The account after the change."), m.MemberChangedOut,
        m.MemberChangedOut(**structs.asdict(m.MIA), enrolment_code=None), headers=ETAG,
    ),),
)  # fmt: skip
async def change_member(api: Api, request: Request) -> Response:
    """Change all named fields, or none."""
    by, account = await writer_and_account(api.app, request, Role.MEMBER)
    sent = await bodies.read(request, m.MemberChange)
    if sent.groups is not UNSET or sent.role is not UNSET:
        raise PersonNeeded
    # RFC 7396: null removes a value. An account without a value has an empty text.
    full_name = None if sent.full_name is UNSET else sent.full_name or ""
    email = None if sent.email is UNSET else sent.email or ""
    is_enabled = None if sent.enabled is UNSET else sent.enabled
    code = None
    try:
        changed = await in_thread(
            other_accounts.change, api.app, by, account.username, full_name=full_name, email=email,
            is_enabled=is_enabled,
        )  # fmt: skip
        code = s.enrolment_code_of(changed)
    except AlreadySo:
        pass  # success for a script
    account, groups = await member_of(api.app, request)
    shown = structs.asdict(m.member_of(account, groups))
    tag = etags.of(account, groups)
    return json_response(m.MemberChangedOut(**shown, enrolment_code=code), etag=tag)


@group.operation(
    "DELETE", ONE,
    summary=N_("Delete a member"),
    parameters=(_USERNAME, IF_MATCH),
    problems=CHANGING_A_MEMBER,
    answers=(DONE,),
)  # fmt: skip
async def delete_member(api: Api, request: Request) -> Response:
    """Delete a member."""
    by, account = await writer_and_account(api.app, request, Role.MEMBER)
    await in_thread(other_accounts.delete, api.app, by, account.username)
    return Response(status_code=204)


@group.operation(
    "GET", f"{ONE}/mfa",
    summary=N_("Read the MFA state of a member"),
    parameters=(_USERNAME,),
    problems=("no-such-member",),
    answers=(Success(200, N_("The state."), s.MfaOut, MFA),),
)  # fmt: skip
async def get_member_mfa(api: Api, request: Request) -> Response:
    """Return the MFA state."""
    return json_response(s.mfa_of(await account_of(api.app, request, Role.MEMBER)))


_by_persons = partial(
    group.operation,
    about=N_("No credential of the API may do this: the answer is 403."),
    parameters=(_USERNAME, IF_MATCH),
    problems=(*CHANGING_A_MEMBER, "person-needed"),
)


async def _refuse(api: Api, request: Request) -> Response:
    """Refuse a change that the API does not make. Raises NoSuchMember, PersonNeeded."""
    await writer_and_account(api.app, request, Role.MEMBER)
    raise PersonNeeded


for _path, _method, _name, _summary in (
    ("password", "PUT", "set_member_password", N_("Set a member's password")),
    ("mfa/enable", "POST", "enable_member_mfa", N_("Enable MFA of a member")),
    ("mfa/disable", "POST", "disable_member_mfa", N_("Disable MFA of a member")),
    ("mfa/reset", "POST", "reset_member_mfa", N_("Reset the secret of a member")),
):
    _by_persons(_method, f"{ONE}/{_path}", summary=_summary, name=_name, answers=())(_refuse)


@group.operation(
    "DELETE", f"{ONE}/api-password",
    summary=N_("Revoke a member's API password"),
    parameters=(_USERNAME, IF_MATCH),
    problems=(*CHANGING_A_MEMBER, "nothing-to-revoke"),
    answers=(DONE,),
)  # fmt: skip
async def revoke_member_api_password(api: Api, request: Request) -> Response:
    """Revoke the API password. This takes access away and gives none."""
    by, account = await writer_and_account(api.app, request, Role.MEMBER)
    await in_thread(other_credentials.revoke_api_password, api.app, by, account.username)
    return Response(status_code=204)


@group.operation(
    "GET", f"{ONE}/sessions",
    summary=N_("List the console sessions of a member"),
    parameters=(_USERNAME,),
    problems=("no-such-member",),
    answers=(Success(200, N_("The sessions."), s.SessionList, s.SessionList([SESSION], None)),),
)  # fmt: skip
async def list_member_sessions(api: Api, request: Request) -> Response:
    """Return the member's console sessions."""
    account = await account_of(api.app, request, Role.MEMBER)
    found = await in_thread(sessions.standing, api.app, reader(request), account)
    return json_response(s.SessionList([s.session_of(each) for each in found], None))


@group.operation(
    "DELETE", f"{ONE}/sessions",
    summary=N_("End all console sessions of a member"),
    parameters=(_USERNAME, IF_MATCH),
    problems=CHANGING_A_MEMBER,
    answers=(DONE,),
)  # fmt: skip
async def end_member_sessions(api: Api, request: Request) -> Response:
    """End the member's console sessions."""
    by, account = await writer_and_account(api.app, request, Role.MEMBER)
    await in_thread(other_credentials.end_sessions, api.app, by, account.username)
    return Response(status_code=204)
