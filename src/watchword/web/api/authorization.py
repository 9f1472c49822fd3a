"""The caller of an operation that changes an account, and the account that its path names."""

from __future__ import annotations

from urllib.parse import unquote

from msgspec.structs import replace
from starlette.exceptions import HTTPException
from starlette.requests import Request

from watchword.domain.accounts import Administrator
from watchword.domain.audit import Actor, Interface
from watchword.domain.errors import WritingSwitchedOff
from watchword.usecases import accounts
from watchword.usecases.administrators.authorization import By
from watchword.usecases.context import Watchword
from watchword.web.api import etags
from watchword.web.http.request_scope import actor_of
from watchword.web.http.worker_threads import api as in_thread


def reader(request: Request) -> Actor:
    """Return the authenticated caller of an operation that reads."""
    account = request.scope["state"]["caller"].account
    return actor_of(request.scope, Interface.API).known_as(account.id, account.username)


def writer(app: Watchword, request: Request) -> By:
    """Return the caller of an operation that changes something. Raises WritingSwitchedOff."""
    if not app.settings.api_manages_administrators:
        raise WritingSwitchedOff
    caller = request.scope["state"]["caller"]
    return By(reader(request), caller.account, caller=caller)


async def account_of(app: Watchword, request: Request) -> Administrator:
    """Return the account that the path names. Raises NoSuchAdministrator."""
    username = unquote(request.path_params["username"])
    return await in_thread(accounts.by_name, app, reader(request), username)


async def writer_and_account(app: Watchword, request: Request) -> tuple[By, Administrator]:
    """Return the caller and the account to change. Raises WritingSwitchedOff, NoSuchAdministrator,
    HTTPException (412).

    If-Match is checked here and again in the transaction of the change: of two changes with the
    same ETag only one is made.
    """
    by, account = writer(app, request), await account_of(app, request)
    wanted = request.headers.getlist("if-match")
    if not wanted:
        return by, account

    def demand(now: Administrator) -> None:
        if not etags.includes(wanted, etags.of(now)):
            raise HTTPException(412)

    demand(account)
    return replace(by, demand=demand), account
