"""What an administrator does to the account of another one.

The console's page System Administrators, the API and the command line come here; each brings a
`By`, who says who acts and what was proved. Nobody acts on their own MFA, password or existence
here, and nobody can take away the last one who could log in: whoever changes who is an
administrator holds one lock, and looks again under it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from watchword.crypto.passwords import Hashing
from watchword.domain.accounts import Administrator, email_problems, full_name_problems
from watchword.domain.audit import Actor, AuditEvent, Door
from watchword.domain.enrolment_code import DORMANT, EnrolmentProof
from watchword.domain.errors import (
    AlreadySo,
    Invalid,
    LastAdministrator,
    NoSuchAdministrator,
    NothingToRevoke,
    OwnAccount,
    ProofNeeded,
    SessionEnded,
)
from watchword.domain.mfa import Event, Status
from watchword.domain.search import asked
from watchword.domain.secret import Secret
from watchword.domain.sessions import Session, is_alive
from watchword.domain.throttle import Kind
from watchword.storage import administrators, credentials, sessions, throttles
from watchword.storage.directory import Listed, Sort, administrators_page
from watchword.usecases import accounts, enrolment_proof, proof, transitions
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.context import Watchword
from watchword.usecases.mfa import EVENTS
from watchword.usecases.sessions import Principal, demand_standing
from watchword.usecases.unit import Unit, unit


@dataclass(frozen=True)
class By:
    """Who acts. `account` is None on the host's command line, which answers to nobody."""

    actor: Actor
    account: Administrator | None = None
    principal: Principal | None = None


@contextmanager
def acting(app: Watchword, by: By) -> Iterator[Unit]:
    """Open the unit of an act on others. Raises ProofNeeded; SessionEnded when the acting
    account was disabled, deleted or changed, or the session ended, since the request was let in.
    """
    if by.principal is not None and not proof.is_recent(app, by.principal):
        raise ProofNeeded
    with unit(app, by.actor) as u:
        administrators.lock_all(u.connection)
        if by.account is not None:
            now = administrators.get(u.connection, by.account.id)
            if now is None or now.is_disabled or now.cred_ver != by.account.cred_ver:
                raise SessionEnded
        if by.principal is not None:
            demand_standing(u, by.principal)
        yield u
        if by.principal is not None:
            proof.use_up(u, by.principal)


@contextmanager
def on_other(
    app: Watchword, by: By, username: str, act: str
) -> Iterator[tuple[Unit, Administrator]]:
    """Open the unit of an act on one other account. Raises OwnAccount, NoSuchAdministrator."""
    with acting(app, by) as u:
        account = _held(u, username)
        _demand_other(by, account, act)
        yield u, account


def _held(u: Unit, username: str) -> Administrator:
    found = administrators.find(u.connection, username)
    account = found and administrators.get(u.connection, found.id, for_change=True)
    if not account:
        raise NoSuchAdministrator(username=username)
    return account


def _demand_other(by: By, account: Administrator, act: str) -> None:
    if by.account is not None and by.account.id == account.id:
        raise OwnAccount(act=act)


# --- reading ---------------------------------------------------------------------------------
def page(
    app: Watchword,
    *,
    search: str = "",
    sort: Sort = Sort.USERNAME,
    descending: bool = False,
    after: str = "",
    limit: int = 50,
) -> list[Listed]:
    """Return a page of administrators: those that have a word beginning with each one asked
    for, in an order, behind the place `after` (the `place` of the last one seen).
    """
    with app.database.reading() as connection:
        return administrators_page(
            connection, asked(search), sort, descending=descending, after=after, limit=limit
        )


def sessions_of(app: Watchword, account: Administrator) -> list[Session]:
    """Return another's sessions that still stand."""
    now = app.clock.now()
    with app.database.reading() as connection:
        found = sessions.of_account(connection, account.id)
    return [s for s in found if is_alive(s, account.cred_ver, app.limits, now)]


@dataclass(frozen=True)
class Changed:
    """The account as it is now, and the enrolment code to hand over, where one is wanted."""

    account: Administrator
    enrolment_code: Secret | None = None


# --- accounts --------------------------------------------------------------------------------
def create(app: Watchword, by: By, new: NewAdministrator) -> Hashing[Administrator]:
    """Create an administrator. Raises Invalid, UsernameTaken."""
    if by.principal is not None and not proof.is_recent(app, by.principal):
        raise ProofNeeded
    accounts.demand_valid(app, new)
    hash_ = yield from app.pepper.hash(new.password, is_known=by.principal is not None)
    with acting(app, by) as u:
        return accounts.insert(u, new, hash_)


def change(
    app: Watchword,
    by: By,
    username: str,
    *,
    full_name: str | None = None,
    email: str | None = None,
    is_enabled: bool | None = None,
) -> Changed:
    """Change full name and e-mail address, and whether the account is enabled: all that is named
    or nothing. None leaves one as it is. One's own texts may be changed.

    Raises Invalid, AlreadySo when nothing is left to change, and what `enable` and `disable` do.
    """
    problems = [*full_name_problems(full_name or ""), *email_problems(email or "")]
    if problems:
        raise Invalid(*problems)
    with acting(app, by) as u:
        account = _held(u, username)
        _describe(u, account, full_name, email)
        code = None
        if is_enabled is not None and is_enabled == account.is_disabled:
            _demand_other(by, account, "enable" if is_enabled else "disable")
            code = (_enable if is_enabled else _disable)(u, account)
        if not u.recorded:
            raise AlreadySo(act="change")
        return Changed(_again(u, account), code)


def _describe(u: Unit, account: Administrator, full_name: str | None, email: str | None) -> None:
    given = {"full_name": full_name, "email": email}
    named = {name: value for name, value in given.items() if value is not None}
    if not named:
        return
    texts = {"full_name": account.full_name, "email": account.email, **named}
    administrators.describe(u.connection, account, texts["full_name"], texts["email"])
    u.record(AuditEvent.ADMINISTRATOR_CHANGED, account, fields=" ".join(named))


def set_password(
    app: Watchword, by: By, username: str, password: Secret, *, must_change: bool = True
) -> Hashing[Administrator]:
    """Set another's password; MFA and API password stay, everything opened with it ends.

    Unless the command line spares it, they choose their own at the next login. Raises Invalid.
    """
    if by.principal is not None and not proof.is_recent(app, by.principal):
        raise ProofNeeded
    account = accounts.by_name(app, username)
    field = "new_password" if by.actor.door is Door.CONSOLE else "password"
    problems = accounts.new_password_problems(app, password, account.username, field)
    if problems:
        raise Invalid(*problems)
    hash_ = yield from app.pepper.hash(password, is_known=by.principal is not None)
    with on_other(app, by, username, "set-password") as (u, account):
        accounts.store_password(u, account, hash_, must_change=must_change)
        for kind in (Kind.PASSWORD, Kind.PASSWORD_RECOVERY_CODE):
            throttles.clear(u.connection, kind, str(account.id))
        u.record(AuditEvent.PASSWORD_RESET, account)
        return _again(u, account)


def disable(app: Watchword, by: By, username: str) -> Administrator:
    """Disable an account: nothing of it opens any door. Raises LastAdministrator, AlreadySo."""
    with on_other(app, by, username, "disable") as (u, account):
        if account.is_disabled:
            raise AlreadySo(act="disable")
        _disable(u, account)
        return _again(u, account)


def _disable(u: Unit, account: Administrator) -> None:
    _demand_another(u, account)
    administrators.change(u.connection, account.id, is_disabled=True)
    administrators.raise_cred_ver(u.connection, account.id)
    transitions.end_all(u, account)
    u.record(AuditEvent.ADMINISTRATOR_DISABLED, account)


def enable(app: Watchword, by: By, username: str) -> Changed:
    """Enable it again: MFA is as it was, the API password is gone. So is the password when the
    account was not used for long and `enrolment_proof` is not off; what is pending needs the
    new code then.
    """
    with on_other(app, by, username, "enable") as (u, account):
        if not account.is_disabled:
            raise AlreadySo(act="enable")
        code = _enable(u, account)
        return Changed(_again(u, account), code)


def _enable(u: Unit, account: Administrator) -> Secret | None:
    administrators.change(u.connection, account.id, is_disabled=False)
    credentials.change_api_password(u.connection, account.id, seen=None, values={})
    unused = u.now - (account.last_login_at or account.created_at)
    is_dormant = unused > DORMANT
    facts: dict[str, Any] = {"unused_days": unused.days} if is_dormant else {}
    u.record(AuditEvent.ADMINISTRATOR_ENABLED, account, **facts)
    return _ask_for_more(u, account) if is_dormant else None


def _ask_for_more(u: Unit, account: Administrator) -> Secret | None:
    """Accounts that nobody looks after are how enrolments were taken over elsewhere."""
    if enrolment_proof.wanted(u.app) is EnrolmentProof.OFF:
        return None
    administrators.change(u.connection, account.id, must_change_password=True)
    is_pending = account.mfa.status is Status.PENDING
    return enrolment_proof.issue(u, _again(u, account)).code if is_pending else None


def delete(app: Watchword, by: By, username: str) -> None:
    """Delete an account with everything that is its. Raises LastAdministrator."""
    with on_other(app, by, username, "delete") as (u, account):
        _demand_another(u, account)
        administrators.delete(u.connection, account.id)
        _forget_throttles(u, account)
        u.record(AuditEvent.ADMINISTRATOR_DELETED, account)


def unlock(app: Watchword, by: By, username: str) -> None:
    """Forget the failures that slow the account's passwords and codes down."""
    with on_other(app, by, username, "unlock") as (u, account):
        _forget_throttles(u, account)
        u.record(AuditEvent.ADMINISTRATOR_UNLOCKED, account)


def _forget_throttles(u: Unit, account: Administrator) -> None:
    for kind in (Kind.PASSWORD, Kind.PASSWORD_RECOVERY_CODE, Kind.CODE, Kind.CODE_MONTH):
        throttles.clear(u.connection, kind, str(account.id))


def _demand_another(u: Unit, account: Administrator) -> None:
    if not account.is_disabled and not administrators.usable_besides(u.connection, account.id):
        raise LastAdministrator


# --- MFA, API password, sessions -------------------------------------------------------------
def change_mfa(
    app: Watchword, by: By, username: str, event: Event, *, keep_api_password: bool = False
) -> Changed:
    """Enable, reset or disable another's MFA. All their sessions end.

    A reset or disable takes the recovery codes, and the API password unless it is told to
    keep it: the account may be in somebody else's hands. Raises NotInThisState.
    """
    with on_other(app, by, username, f"mfa-{event.value}") as (u, account):
        transitions.apply(u, account, event)
        if event is not Event.ENABLE:
            credentials.replace_recovery_codes(u.connection, account.id, [], u.now)
            if not keep_api_password:
                _take_api_password(u, account)
        u.record(EVENTS[event], account)
        after = _again(u, account)
        is_pending = after.mfa.status is Status.PENDING
        return Changed(after, enrolment_proof.issue(u, after).code if is_pending else None)


def revoke_api_password(app: Watchword, by: By, username: str) -> None:
    """Take another's API password away. Raises NothingToRevoke."""
    with on_other(app, by, username, "revoke-api-password") as (u, account):
        if not _take_api_password(u, account):
            raise NothingToRevoke


def _take_api_password(u: Unit, account: Administrator) -> bool:
    if credentials.api_password(u.connection, account.id).mac is None:
        return False
    credentials.change_api_password(u.connection, account.id, seen=None, values={})
    u.record(AuditEvent.API_PASSWORD_REVOKED, account)
    return True


def end_sessions(app: Watchword, by: By, username: str) -> int:
    """End all of another's sessions. Returns how many there were."""
    with on_other(app, by, username, "end-sessions") as (u, account):
        count = sessions.delete_all_of(u.connection, account.id)
        u.record(AuditEvent.SESSION_ENDED, account, reason="by-administrator", count=count)
        return count


def _again(u: Unit, account: Administrator) -> Administrator:
    found = administrators.get(u.connection, account.id)
    if found is None:
        raise NoSuchAdministrator(username=account.username)
    return found
