"""/api/v1/administrators: list, create, read, change, delete; password of another account.

No credential of the API reads a secret, generates an API password or changes the credentials of
its own account. With `api_manages_administrators` off, all writing operations are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from msgspec import UNSET, Struct, structs
from starlette.requests import Request
from starlette.responses import Response

from watchword.domain.audit import Interface
from watchword.domain.errors import AlreadySo
from watchword.domain.mfa import Status
from watchword.domain.roles import Role
from watchword.domain.secret import Secret
from watchword.i18n import N_
from watchword.storage.administrator_query import Listed, is_place
from watchword.usecases import accounts
from watchword.usecases.administrators import other_accounts
from watchword.usecases.administrators.authorization import Changed
from watchword.web.api import bodies, etags
from watchword.web.api import schemas as s
from watchword.web.api.authorization import account_of, reader, writer, writer_and_account
from watchword.web.api.bodies import BadBody
from watchword.web.api.operations import Api, Body, Group, Parameter, Success
from watchword.web.api.paging import AFTER, LIMIT, limit_of
from watchword.web.api.problem_sets import CHANGING_ANOTHER
from watchword.web.api.responses import json_response
from watchword.web.http.worker_threads import api as in_thread

PATH: Final = "/api/v1/administrators"
ONE: Final = PATH + "/{username}"
USERNAME: Final = Parameter(
    "username", N_("The username, percent-encoded: a slash is %2F."), {"type": "string"}, "bob",
    place="path",
)  # fmt: skip
IF_MATCH: Final = Parameter(
    "If-Match", N_("An ETag. The operation fails with 412 if the account has changed since."), {"type": "string"},
    place="header",
)  # fmt: skip
IF_NONE_MATCH: Final = Parameter(
    "If-None-Match", N_("An ETag. The answer is 304 if the account has not changed since."),
    {"type": "string"}, place="header",
)  # fmt: skip
ETAG: Final = {"ETag": N_("The current state of the account.")}
DONE: Final = Success(204, N_("Done. The answer has no body."))
_BOB: Final = s.AdministratorOut(
    username="bob",
    full_name="Bob Example",
    email="bob@example.org",
    enabled=True,
    mfa=s.MfaOut(enabled=False, status=Status.DISABLED, pending_since=None, activated_at=None),
    created_at=s.EXAMPLE_TIME,
    last_login_at=None,
)
group = Group(N_("Administrators"))


@group.operation(
    "GET", PATH,
    summary=N_("List administrators, by name"),
    parameters=(LIMIT, AFTER),
    problems=("invalid",),
    answers=(Success(200, N_("A page of accounts."), s.AdministratorList,
                     s.AdministratorList([_BOB], None),
                     headers={"Link": N_("The next page, if there is one.")}),),
)  # fmt: skip
async def list_administrators(api: Api, request: Request) -> Response:
    """Return a page of accounts by name."""

    def shown(rows: list[Listed], following: str | None) -> s.AdministratorList:
        return s.AdministratorList([s.administrator_of(row.account) for row in rows], following)

    return await list_page(api, request, PATH, Role.ADMINISTRATOR, shown)


async def list_page(
    api: Api,
    request: Request,
    path: str,
    role: Role,
    shown: Callable[[list[Listed], str | None], Struct],
) -> Response:
    """Return a page of the accounts of a role, as `shown` makes its struct."""
    limit, after = limit_of(request), request.query_params.get("after", "")[:400]
    if after and not is_place(after):
        raise BadBody(422, "invalid", "after must be the `next` value of an earlier answer.")
    rows = await in_thread(
        other_accounts.page, api.app, reader(request), after=after, role=role, limit=limit + 1
    )
    following = rows[limit - 1].place if len(rows) > limit else None
    response = json_response(shown(rows[:limit], following))
    if following is not None:
        query = f"limit={limit}&after={quote(following, safe='')}"
        response.headers["link"] = f'<{path}?{query}>; rel="next"'
    return response


def is_unchanged(request: Request, tag: str) -> Response | None:
    """Return 304 when the client has the state with this ETag, else None."""
    if etags.includes(request.headers.getlist("if-none-match"), tag):
        return Response(status_code=304, headers={"etag": tag})
    return None


@group.operation(
    "POST", PATH,
    summary=N_("Create an administrator"),
    body=Body(s.NewAdministrator, s.NewAdministrator(
        "bob", "otter pencil gravel monsoon", "Bob Example", "bob@example.org")),
    problems=("writing-switched-off", "username-taken"),
    answers=(Success(201, N_("The new account."), s.AdministratorOut, _BOB,
                     headers={**ETAG, "Location": N_("The address of the account.")}),),
)  # fmt: skip
async def create_administrator(api: Api, request: Request) -> Response:
    """Create an account."""
    by = writer(api.app, request)
    sent = await bodies.read(request, s.NewAdministrator)
    new = accounts.NewAdministrator(
        sent.username, sent.full_name, sent.email, Secret(sent.password), must_change_password=True
    )
    hashing = other_accounts.create(api.app, by, new)
    made = await api.app.queue.run(hashing, Interface.API, in_thread)
    location = f"{PATH}/{quote(made.username, safe='')}"
    return json_response(s.administrator_of(made), 201, location=location, etag=etags.of(made))


@group.operation(
    "GET", ONE,
    summary=N_("Read one administrator"),
    parameters=(USERNAME, IF_NONE_MATCH),
    problems=("no-such-administrator",),
    answers=(Success(200, N_("The account."), s.AdministratorOut, _BOB, headers=ETAG),
             Success(304, N_("The account has not changed."), headers=ETAG)),
)  # fmt: skip
async def get_administrator(api: Api, request: Request) -> Response:
    """Return one account, or 304 when the client has its current state."""
    account = await account_of(api.app, request)
    tag = etags.of(account)
    return is_unchanged(request, tag) or json_response(s.administrator_of(account), etag=tag)


@group.operation(
    "PATCH", ONE,
    summary=N_("Change an administrator"),
    about=N_("Changes any of `full_name`, `email` and `enabled`. If one field is invalid, nothing is "
             "changed. You cannot disable your own account."),
    body=Body(s.AdministratorChange, s.AdministratorChange(full_name="Bob B. Example")),
    parameters=(USERNAME, IF_MATCH),
    problems=(*CHANGING_ANOTHER, "last-administrator", "already-so"),
    answers=(Success(
        200, N_("The account after the change."), s.AdministratorChangedOut,
        s.AdministratorChangedOut(**structs.asdict(_BOB), enrolment_code=None), headers=ETAG,
    ),),
)  # fmt: skip
async def change_administrator(api: Api, request: Request) -> Response:
    """Change all named fields, or none."""
    by, account = await writer_and_account(api.app, request)
    sent = await bodies.read(request, s.AdministratorChange)
    # RFC 7396: null removes a value. An account without a value has an empty text.
    full_name = None if sent.full_name is UNSET else sent.full_name or ""
    email = None if sent.email is UNSET else sent.email or ""
    is_enabled = None if sent.enabled is UNSET else sent.enabled
    try:
        changed = await in_thread(
            other_accounts.change, api.app, by, account.username, full_name=full_name, email=email,
            is_enabled=is_enabled,
        )  # fmt: skip
    except AlreadySo:  # success for a script; read the account again, it may have changed
        changed = Changed(await account_of(api.app, request))
    return json_response(s.administrator_changed(changed), etag=etags.of(changed.account))


@group.operation(
    "DELETE", ONE,
    summary=N_("Delete an administrator"),
    parameters=(USERNAME, IF_MATCH),
    problems=(*CHANGING_ANOTHER, "last-administrator"),
    answers=(DONE,),
)  # fmt: skip
async def delete_administrator(api: Api, request: Request) -> Response:
    """Delete an account."""
    by, account = await writer_and_account(api.app, request)
    await in_thread(other_accounts.delete, api.app, by, account.username)
    return Response(status_code=204)


@group.operation(
    "PUT", f"{ONE}/password",
    summary=N_("Set another administrator's password"),
    about=N_("Ends the account's console sessions and revokes an issued enrolment code. MFA and API "
             "password do not change."),
    body=Body(s.NewPassword, s.NewPassword("another otter with pencils")),
    parameters=(USERNAME, IF_MATCH),
    problems=CHANGING_ANOTHER,
    answers=(DONE,),
)  # fmt: skip
async def set_password(api: Api, request: Request) -> Response:
    """Set another administrator's password, which they must change at the next console login."""
    by, account = await writer_and_account(api.app, request)
    sent = await bodies.read(request, s.NewPassword)
    hashing = other_accounts.set_password(api.app, by, account.username, Secret(sent.password))
    await api.app.queue.run(hashing, Interface.API, in_thread)
    return Response(status_code=204)
