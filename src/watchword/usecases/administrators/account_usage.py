"""Present use of an account's credentials and sessions, which an action would stop."""

from __future__ import annotations

from msgspec import Struct

from watchword.domain.accounts import Administrator
from watchword.domain.api_password import is_in_use
from watchword.domain.audit import Actor
from watchword.domain.errors import (
    AlreadySo,
    HasPassword,
    NothingToRevoke,
    OwnAccount,
    PasswordMissing,
    ProofNeeded,
)
from watchword.domain.mfa import Event, transition
from watchword.domain.roles import Role
from watchword.domain.sessions import Session
from watchword.storage.credentials import StoredApiPassword
from watchword.storage.known_browsers import KnownBrowser
from watchword.usecases import accounts
from watchword.usecases.account import recognised_browsers
from watchword.usecases.administrators import script_accounts
from watchword.usecases.api import api_password
from watchword.usecases.context import Watchword
from watchword.usecases.login import reauthentication
from watchword.usecases.sessions import sessions
from watchword.usecases.sessions.sessions import Principal

MFA_EVENTS = {
    "enable-mfa": Event.ENABLE,
    "disable-mfa": Event.DISABLE,
    "reset-secret": Event.RESET,
}


class Usage(Struct, frozen=True):
    """The account, its API password with the last uses on the API, and its open sessions, most
    recently used first. `api_used` is that API password or the one that it replaced, whichever was
    used last.
    """

    account: Administrator
    api_password: StoredApiPassword
    api_used: StoredApiPassword
    sessions: list[Session]
    api_password_in_use: bool
    regular_password_in_use: bool


def before(
    app: Watchword,
    actor: Actor,
    principal: Principal,
    username: str,
    act: str,
    role: Role | None = None,
) -> Usage:
    """Return the use that an action would stop, for its confirmation page.

    Raises the same refusals as the action: NoSuchAdministrator, OwnAccount, ProofNeeded,
    NotInThisState, AlreadySo, NothingToRevoke.
    """
    account = accounts.by_name(app, actor, username, role)
    if account.id == principal.account.id:
        raise OwnAccount(act=act)
    if not reauthentication.is_recent(app, principal):
        raise ProofNeeded
    stored = api_password.read(app, actor, account)
    _demand_possible(account, stored, act)
    used, now = _last_used(app, stored), app.clock.now()
    return Usage(
        account,
        stored,
        used,
        sessions.standing(app, actor, account),
        api_password_in_use=is_in_use(used.last_used_at, now),
        regular_password_in_use=is_in_use(stored.regular_used_at, now),
    )


def browser(
    app: Watchword,
    actor: Actor,
    principal: Principal,
    username: str,
    id_: str,
    role: Role | None = None,
) -> tuple[Administrator, KnownBrowser]:
    """Return the account and its recognised browser, for the page that confirms to forget it.

    Raises NoSuchAdministrator, OwnAccount, ProofNeeded, AlreadySo.
    """
    account = accounts.by_name(app, actor, username, role)
    act = recognised_browsers.ACT
    if account.id == principal.account.id:
        raise OwnAccount(act=act)
    if not reauthentication.is_recent(app, principal):
        raise ProofNeeded
    found = recognised_browsers.own(app, actor, account, None).found
    chosen = next((each for each in found if each.id == id_), None)
    if chosen is None:
        raise AlreadySo(act=act, cause="forgotten")
    return account, chosen


def _last_used(app: Watchword, stored: StoredApiPassword) -> StoredApiPassword:
    old = api_password.old_in_force(app, stored)
    if old is None or old.last_used_at is None:
        return stored
    is_newer = stored.last_used_at is not None and stored.last_used_at >= old.last_used_at
    return stored if is_newer else old


def _demand_possible(account: Administrator, stored: StoredApiPassword, act: str) -> None:
    if act == "make-administrator" and not account.has_password:
        raise PasswordMissing(username=account.username)
    if act == script_accounts.GENERATE and account.has_password:
        raise HasPassword(username=account.username)
    if act in MFA_EVENTS:
        transition(account.mfa.status, MFA_EVENTS[act])
    if act == "revoke-api-password" and stored.mac is None:
        raise NothingToRevoke
    if act == "disable" and account.is_disabled:
        raise AlreadySo(act=act)
    if act == "lock-down" and account.is_disabled and stored.mac is None:
        raise AlreadySo(act=act)
