"""Authorisation and transaction for changes to another account, by an administrator.

The console, the API and the command line each pass a `By` with the acting administrator and their
authentication. Administrators cannot change their own MFA or password, or delete themselves, this
way. Changes of the set of administrators take one lock and check their conditions under it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from msgspec import Struct

from watchword.domain.accounts import Administrator
from watchword.domain.audit import Actor
from watchword.domain.errors import (
    NotAnAdministrator,
    OwnAccount,
    PersonNeeded,
    ProofNeeded,
    SessionEnded,
)
from watchword.domain.roles import Role
from watchword.domain.secret import Secret
from watchword.storage import account_groups, administrators
from watchword.usecases import accounts
from watchword.usecases.api import authentication
from watchword.usecases.api.authentication import Caller
from watchword.usecases.context import Watchword
from watchword.usecases.login import reauthentication
from watchword.usecases.sessions.sessions import Principal, demand_standing, spend_proof
from watchword.usecases.unit_of_work import Unit, demand_manager, unit


class By(Struct, frozen=True):
    """The acting administrator: `principal` at the console, `caller` on the API. `account` is None
    on the command line, which needs no credential. `demand` raises when the other account or its
    groups have changed since the caller read them; it runs under that account's lock. `role` is the role that the
    other account must have; None for either.
    """

    actor: Actor
    account: Administrator | None = None
    principal: Principal | None = None
    demand: Callable[[Administrator, tuple[str, ...]], None] | None = None
    caller: Caller | None = None
    role: Role | None = None


class Changed(Struct, frozen=True):
    """The changed account, the enrolment code to pass on if the setting requires one, and whether
    an API password was revoked.
    """

    account: Administrator
    enrolment_code: Secret | None = None
    api_password_revoked: bool = False


@contextmanager
def acting(app: Watchword, by: By) -> Iterator[Unit]:
    """Open the unit of a change to the set of accounts.

    The session or API credential is checked again under the lock, since a request may have been
    authenticated long before its body was complete. Raises NotAnAdministrator, ProofNeeded,
    SessionEnded (console), LoginFailed (API).
    """
    with _locked(app, by) as u:
        _take_session(u, by)
        yield u


@contextmanager
def acting_on(app: Watchword, by: By, username: str) -> Iterator[tuple[Unit, Administrator]]:
    """Open the unit of a change to one account, which may be the actor's own. Raises the refusals
    of `acting`, NoSuchAdministrator and NoSuchMember.
    """
    with _locked(app, by) as u:
        account = accounts.locked_by_name(u, username, by.role)
        _take_session(u, by)
        if by.demand is not None:
            by.demand(account, account_groups.of_account(u.connection, account.id))
        yield u, account


def demand_may_begin(app: Watchword, by: By) -> None:
    """Check the actor before any work. Raises NotAnAdministrator, ProofNeeded, SessionEnded."""
    demand_manager(by.actor)
    if by.principal is not None and not reauthentication.is_recent(app, by.principal):
        raise ProofNeeded


def demand_person(by: By) -> None:
    """Raise PersonNeeded on the API, where no credential may make the change."""
    if by.caller is not None:
        raise PersonNeeded


@contextmanager
def _locked(app: Watchword, by: By) -> Iterator[Unit]:
    demand_may_begin(app, by)
    with unit(app, by.actor) as u:
        administrators.lock_all(u.connection)
        if by.caller is not None:
            _demand_administrator(authentication.demand_valid(u, by.caller))
        elif by.account is not None:
            _demand_unchanged(u, by.account)
        yield u


def _take_session(u: Unit, by: By) -> None:
    """Check the session again. It is locked after the account that is acted on: see unit_of_work.py."""
    if by.principal is not None:
        demand_standing(u, by.principal)
        spend_proof(u, by.principal)


def _demand_unchanged(u: Unit, account: Administrator) -> None:
    now = administrators.get(u.connection, account.id)
    if now is None or now.is_disabled or now.cred_ver != account.cred_ver:
        raise SessionEnded
    _demand_administrator(now)


def _demand_administrator(now: Administrator) -> None:
    if not now.is_administrator:
        raise NotAnAdministrator


@contextmanager
def on_other(
    app: Watchword, by: By, username: str, act: str
) -> Iterator[tuple[Unit, Administrator]]:
    """Open the unit of a change to one other account. Raises OwnAccount, NoSuchAdministrator."""
    with acting_on(app, by, username) as (u, account):
        demand_other(by, account, act)
        yield u, account


def demand_other(by: By, account: Administrator, act: str) -> None:
    """Raise OwnAccount when the account is the actor's own."""
    if by.account is not None and by.account.id == account.id:
        raise OwnAccount(act=act)
