"""Managing other accounts: list, create, edit, disable, enable, unlock, delete.

The last account that can log in cannot be disabled or deleted. MFA, API password and sessions of
other accounts are in other_credentials.py.
"""

from __future__ import annotations

from typing import Any

from watchword.crypto.passwords import Hashing
from watchword.domain.accounts import Administrator, email_problems, full_name_problems
from watchword.domain.audit import Actor, AuditEvent, Interface
from watchword.domain.enrolment_code import DORMANT, EnrolmentProof
from watchword.domain.errors import AlreadySo, Invalid, LastAdministrator, Problem
from watchword.domain.mfa import Status
from watchword.domain.roles import Role, groups_problems
from watchword.domain.search import asked
from watchword.domain.secret import Secret
from watchword.domain.throttle import Kind
from watchword.storage import account_groups, administrators, credentials, sessions, throttles
from watchword.storage.administrator_query import Listed, Sort, administrators_page
from watchword.usecases import accounts
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.administrators.authorization import (
    By,
    Changed,
    acting,
    acting_on,
    demand_may_begin,
    demand_other,
    demand_person,
    on_other,
)
from watchword.usecases.api import api_password
from watchword.usecases.context import Watchword
from watchword.usecases.mfa import enrolment_codes, lifecycle
from watchword.usecases.throttling import code_attempts
from watchword.usecases.unit_of_work import Unit, reading


def page(
    app: Watchword,
    actor: Actor,
    *,
    search: str = "",
    sort: Sort = Sort.USERNAME,
    descending: bool = False,
    after: str = "",
    limit: int = 50,
    role: Role = Role.ADMINISTRATOR,
) -> list[Listed]:
    """Return a page of the accounts of a role that match every search term, in the given order, after the
    position `after` (the `place` of the last row seen).
    """
    with reading(app, actor) as connection:
        return administrators_page(
            connection, asked(search), sort,
            descending=descending, after=after, role=role, limit=limit,
        )  # fmt: skip


def create(app: Watchword, by: By, new: NewAdministrator) -> Hashing[Administrator]:
    """Create an administrator or a member. Raises Invalid, UsernameTaken."""
    demand_may_begin(app, by)
    accounts.demand_valid(app, new)
    hash_ = None
    if new.password is not None:
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
    groups: tuple[str, ...] | None = None,
    is_enabled: bool | None = None,
) -> Changed:
    """Change full name, e-mail address, groups, and whether the account is enabled: all or
    nothing.

    None leaves a value unchanged. Administrators may change their own texts this way. Raises
    Invalid, AlreadySo when there is no change, PersonNeeded for groups on the API, and the
    refusals of `enable` and `disable`.
    """
    texts = [*full_name_problems(full_name or ""), *email_problems(email or "")]
    if problems := [*texts, *groups_problems(groups or ())]:
        raise Invalid(*problems)
    if groups is not None:
        demand_person(by)
    with acting_on(app, by, username) as (u, account):
        _describe(u, account, full_name, email)
        _put_into(u, account, groups)
        code = None
        if is_enabled is not None and is_enabled == account.is_disabled:
            demand_other(by, account, "enable" if is_enabled else "disable")
            code = (_enable if is_enabled else _disable)(u, account)
        if not u.recorded:
            raise AlreadySo(act="change")
        return Changed(accounts.reread(u, account), code)


def _describe(u: Unit, account: Administrator, full_name: str | None, email: str | None) -> None:
    given = {"full_name": full_name, "email": email}
    named = {name: value for name, value in given.items() if value is not None}
    if not named:
        return
    texts = {"full_name": account.full_name, "email": account.email, **named}
    administrators.describe(u.connection, account, texts["full_name"], texts["email"])
    u.record(AuditEvent.ADMINISTRATOR_CHANGED, account, fields=" ".join(named))


def _put_into(u: Unit, account: Administrator, groups: tuple[str, ...] | None) -> None:
    before = account_groups.of_account(u.connection, account.id)
    if groups is None or groups == before:
        return
    account_groups.replace(u.connection, account.id, groups)
    facts = {"groups": ",".join(groups), "before": ",".join(before)}
    u.record(AuditEvent.GROUPS_CHANGED, account, **{k: v for k, v in facts.items() if v})


def set_password(
    app: Watchword,
    by: By,
    username: str,
    password: Secret,
    *,
    repeated: Secret | None = None,
    must_change: bool = True,
    revokes_api_password: bool = False,
) -> Hashing[Changed]:
    """Set the password of another account. MFA stays, sessions end; the API password is revoked
    on request.

    With `must_change` the owner has to choose a new password at the next login. Raises Invalid,
    and PersonNeeded for a member on the API.
    """
    demand_may_begin(app, by)
    account = accounts.by_name(app, by.actor, username, by.role)
    if not account.is_administrator:
        demand_person(by)
    field = "new_password" if by.actor.interface is Interface.CONSOLE else "password"
    problems = accounts.new_password_problems(app, password, account, field)
    if repeated is not None and repeated != password:
        problems.append(Problem(f"repeat_{field}", "not-the-same"))
    if problems:
        raise Invalid(*problems)
    hash_ = yield from app.pepper.hash(password, is_known=by.principal is not None)
    with on_other(app, by, username, "set-password") as (u, account):
        accounts.store_password(u, account, hash_, must_change=must_change)
        for kind in (Kind.PASSWORD, Kind.PASSWORD_RECOVERY_CODE):
            throttles.clear(u.connection, kind, str(account.id))
        revoked = revokes_api_password and api_password.take_away(u, account)
        u.record(AuditEvent.PASSWORD_RESET, account)
        return Changed(accounts.reread(u, account), api_password_revoked=revoked)


def disable(app: Watchword, by: By, username: str) -> Administrator:
    """Disable an account on all interfaces. Raises LastAdministrator, AlreadySo."""
    with on_other(app, by, username, "disable") as (u, account):
        if account.is_disabled:
            raise AlreadySo(act="disable")
        _disable(u, account)
        return accounts.reread(u, account)


def _disable(u: Unit, account: Administrator) -> None:
    demand_another(u, account)
    administrators.set_disabled(u.connection, account.id, is_disabled=True)
    administrators.raise_cred_ver(u.connection, account.id)
    lifecycle.end_all(u, account)
    u.record(AuditEvent.ADMINISTRATOR_DISABLED, account)


def lock_down(app: Watchword, by: By, username: str) -> Changed:
    """Disable an account, end its sessions and revoke its API password: all or nothing.

    An account that is disabled already loses what is left. Raises LastAdministrator, AlreadySo.
    """
    with on_other(app, by, username, "lock-down") as (u, account):
        count = sessions.delete_all_of(u.connection, account.id)
        if count:
            u.record(AuditEvent.SESSION_ENDED, account, reason="by-administrator", count=count)
        is_revoked = api_password.take_away(u, account)
        if not account.is_disabled:
            _disable(u, account)
        if not u.recorded:
            raise AlreadySo(act="lock-down")
        return Changed(accounts.reread(u, account), api_password_revoked=is_revoked)


def enable(app: Watchword, by: By, username: str) -> Changed:
    """Enable an account again. MFA stays as it was; the API password is deleted.

    If the account was unused for long and `enrolment_proof` is not off, a new password is required
    at the next login, and a pending enrolment gets a new code.
    """
    with on_other(app, by, username, "enable") as (u, account):
        if not account.is_disabled:
            raise AlreadySo(act="enable")
        code = _enable(u, account)
        return Changed(accounts.reread(u, account), code)


def _enable(u: Unit, account: Administrator) -> Secret | None:
    administrators.set_disabled(u.connection, account.id, is_disabled=False)
    credentials.revoke_api_password(u.connection, account.id)
    unused = u.now - (account.last_login_at or account.created_at)
    is_dormant = unused > DORMANT and account.has_password
    facts: dict[str, Any] = {"unused_days": unused.days} if is_dormant else {}
    u.record(AuditEvent.ADMINISTRATOR_ENABLED, account, **facts)
    return _ask_for_more(u, account) if is_dormant else None


def _ask_for_more(u: Unit, account: Administrator) -> Secret | None:
    # Attackers have taken over enrolments of dormant accounts in other products.
    if enrolment_codes.wanted(u.app) is EnrolmentProof.OFF:
        return None
    administrators.require_new_password(u.connection, account.id)
    is_pending = account.mfa.status is Status.PENDING
    return enrolment_codes.issue(u, accounts.reread(u, account)).code if is_pending else None


def delete(app: Watchword, by: By, username: str) -> None:
    """Delete an account and its data. Raises LastAdministrator."""
    with on_other(app, by, username, "delete") as (u, account):
        demand_another(u, account)
        administrators.delete(u.connection, account.id)
        _forget_throttles(u, account)
        is_administrator = account.is_administrator
        event = AuditEvent.ADMINISTRATOR_DELETED if is_administrator else AuditEvent.MEMBER_DELETED
        u.record(event, account)


def unlock(app: Watchword, by: By, username: str) -> bool:
    """Reset the throttles of the account's passwords and codes.

    Codes that were closed after a hundred failures stay closed until a new secret (NIST SP
    800-63B-4, 3.2.2). Returns whether that is the case.
    """
    with on_other(app, by, username, "unlock") as (u, account):
        codes_stay_closed = account.mfa.status is Status.ACTIVE and code_attempts.is_closed(
            u.connection, account
        )
        _forget_throttles(u, account, spares_code=codes_stay_closed)
        u.record(AuditEvent.ADMINISTRATOR_UNLOCKED, account)
        return codes_stay_closed


def _forget_throttles(u: Unit, account: Administrator, *, spares_code: bool = False) -> None:
    for kind in (Kind.PASSWORD, Kind.PASSWORD_RECOVERY_CODE, Kind.CODE, Kind.CODE_MONTH):
        if kind is not Kind.CODE or not spares_code:
            throttles.clear(u.connection, kind, str(account.id))


def demand_another(u: Unit, account: Administrator) -> None:
    """Raise LastAdministrator if the account is the only administrator that can log in."""
    is_usable = account.is_administrator and not account.is_disabled
    if is_usable and not administrators.usable_besides(u.connection, account.id):
        raise LastAdministrator
