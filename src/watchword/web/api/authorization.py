"""The caller of an operation that changes an account, and the account that its path names."""

from __future__ import annotations

from urllib.parse import unquote

from msgspec.structs import replace
from starlette.exceptions import HTTPException
from starlette.requests import Request

from watchword.domain.accounts import Administrator
from watchword.domain.audit import Actor, Interface
from watchword.domain.errors import WritingSwitchedOff
from watchword.domain.roles import Role
from watchword.usecases import accounts
from watchword.usecases.administrators import account_details
from watchword.usecases.administrators.authorization import By
from watchword.usecases.context import Watchword
from watchword.web.api import etags
from watchword.web.http.request_scope import actor_of
from watchword.web.http.worker_threads import api as in_thread


def reader(request: Request) -> Actor:
    """Return the authenticated caller of an operation that reads."""
    account = request.scope["state"]["caller"].account
    return actor_of(request.scope, Interface.API).known_as(account)


def writer(app: Watchword, request: Request) -> By:
    """Return the caller of an operation that changes something. Raises WritingSwitchedOff."""
    if not app.settings.api_manages_administrators:
        raise WritingSwitchedOff
    caller = request.scope["state"]["caller"]
    return By(reader(request), caller.account, caller=caller)


async def account_of(
    app: Watchword, request: Request, role: Role = Role.ADMINISTRATOR
) -> Administrator:
    """Return the account that the path names. Raises NoSuchAdministrator, NoSuchMember."""
    username = unquote(request.path_params["username"])
    return await in_thread(accounts.by_name, app, reader(request), username, role)


async def member_of(app: Watchword, request: Request) -> tuple[Administrator, tuple[str, ...]]:
    """Return the member that the path names, with its groups. Raises NoSuchMember."""
    username = unquote(request.path_params["username"])
    read = account_details.with_groups
    return await in_thread(read, app, reader(request), username, Role.MEMBER)


async def writer_and_account(
    app: Watchword, request: Request, role: Role = Role.ADMINISTRATOR
) -> tuple[By, Administrator]:
    """Return the caller and the account to change. Raises WritingSwitchedOff, NoSuchAdministrator,
    NoSuchMember, HTTPException (412).

    If-Match is checked here and again in the transaction of the change: of two changes with the
    same ETag only one is made.
    """
    by = replace(writer(app, request), role=role)
    if role is Role.MEMBER:
        account, groups = await member_of(app, request)
    else:
        account, groups = await account_of(app, request), ()
    wanted = request.headers.getlist("if-match")
    if not wanted:
        return by, account

    def demand(now: Administrator, groups: tuple[str, ...]) -> None:
        if not etags.includes(wanted, etags.of(now, groups)):
            raise HTTPException(412)

    demand(account, groups)
    return replace(by, demand=demand), account
