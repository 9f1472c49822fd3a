"""The API password: one per account, shown once, stored as a keyed MAC. The one that it replaced may
stay valid for some hours.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from watchword.crypto import tokens
from watchword.crypto.keyring import Keyring
from watchword.domain import api_password
from watchword.domain.accounts import Administrator
from watchword.domain.api_password import OVERLAPS, Due, Refused
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.errors import AlreadyGenerated, NothingToRevoke
from watchword.domain.secret import Secret
from watchword.storage import api_refusals, credentials, replaced_api_passwords
from watchword.storage.api_refusals import ApiRefusal
from watchword.storage.credentials import NewApiPassword, StoredApiPassword
from watchword.usecases.accounts import locked_by_name
from watchword.usecases.context import Watchword
from watchword.usecases.sessions.sessions import Principal, own_account
from watchword.usecases.unit_of_work import Unit, bookkeeping, reading, unit

HOUR: Final = timedelta(hours=1)


def mac_parts(administrator_id: int, password: str) -> tuple[str, str, str]:
    """Return purpose and parts of an API password's MAC, which is bound to its account."""
    return "api-password", str(administrator_id), password


def matching(
    keyring: Keyring, stored: StoredApiPassword, password: Secret
) -> StoredApiPassword | None:
    """Return the API password or the old one, whichever was given; None if neither was.

    The time depends neither on the one that was given nor on whether the account has them.
    """
    parts = mac_parts(stored.administrator_id, password.reveal())
    nothing = keyring.mac(*mac_parts(0, ""))
    right = None
    for each in (stored, stored.old or credentials.empty_api_password(0)):
        is_right = keyring.is_mac_of(each.mac or nothing, *parts)
        right = each if is_right and each.mac is not None else right
    return right


def read(app: Watchword, actor: Actor, account: Administrator) -> StoredApiPassword:
    """Return the account's API password as it is stored."""
    with reading(app, actor, account) as connection:
        return credentials.api_password(connection, account.id)


def expires_at(app: Watchword, stored: StoredApiPassword) -> datetime | None:
    """Return the time of its expiry, of an old one also by its end; None without either."""
    by_age = api_password.expires_at(stored.created_at, app.settings.api_password_max_days)
    return min((end for end in (by_age, stored.ends_at) if end is not None), default=None)


def is_expired(app: Watchword, stored: StoredApiPassword) -> bool:
    """Return whether the API password has expired or ended."""
    end = expires_at(app, stored)
    return end is not None and end <= app.clock.now()


def old_in_force(app: Watchword, stored: StoredApiPassword) -> StoredApiPassword | None:
    """Return the replaced API password while it is still accepted."""
    return stored.old if stored.old and not is_expired(app, stored.old) else None


def due(app: Watchword, created_at: datetime | None, last_used_at: datetime | None) -> Due | None:
    """Return why an API password of that age needs attention, or None."""
    most = app.settings.api_password_max_days
    return api_password.due(created_at, last_used_at, most, app.clock.now())


def refusals(app: Watchword, actor: Actor, account: Administrator) -> list[ApiRefusal]:
    """Return the account's credentials that the API has refused, with address and count."""
    with reading(app, actor, account) as connection:
        return api_refusals.of_account(connection, account.id)


def dismiss_refusals(
    app: Watchword, principal: Principal, until: datetime, *, wrong_too: bool
) -> None:
    """Delete the counts of refusals whose last one is not later than a time."""
    sparing = None if wrong_too else Refused.WRONG
    with bookkeeping(app) as u:
        api_refusals.forget(u.connection, principal.account.id, until=until, sparing=sparing)


def kind_of_refusal(u: Unit, administrator_id: int, password: Secret) -> Refused:
    """Return whether a refused API password is a former one of the account or a wrong one."""
    macs = u.app.keyring.macs(*mac_parts(administrator_id, password.reveal()))
    is_former = replaced_api_passwords.is_former_api_password(u.connection, administrator_id, macs)
    return Refused.FORMER if is_former else Refused.WRONG


def generate(
    app: Watchword,
    actor: Actor,
    principal: Principal,
    *,
    seen: int,
    overlap: timedelta = OVERLAPS[0],
) -> Secret:
    """Replace the API password. The current one is accepted for `overlap` longer.

    Raises AlreadyGenerated when the form, drawn with the generation `seen`, was used before;
    ProofNeeded; SessionEnded.
    """
    with own_account(app, actor, principal) as (u, account):
        return issue(u, account, seen, overlap)


def end_old(app: Watchword, actor: Actor, principal: Principal, *, seen: int) -> None:
    """End the replaced API password with the generation `seen` before its time.

    Raises NothingToRevoke, ProofNeeded, SessionEnded.
    """
    with own_account(app, actor, principal) as (u, account):
        current = credentials.api_password(u.connection, account.id)
        old = old_in_force(app, current)
        if not replaced_api_passwords.end_old(u.connection, account.id, seen=seen) or old is None:
            is_current = current.mac is not None and not is_expired(app, current)
            raise NothingToRevoke(cause="old-ended" if is_current else "")
        u.record(AuditEvent.API_PASSWORD_OLD_ENDED, account, begins_with=old.hint)


def revoke(app: Watchword, actor: Actor, principal: Principal) -> None:
    """Revoke the API password. Raises NothingToRevoke, ProofNeeded, SessionEnded."""
    with own_account(app, actor, principal) as (u, account):
        if not take_away(u, account):
            raise NothingToRevoke


def generate_by_operator(
    app: Watchword, actor: Actor, username: str, overlap: timedelta = OVERLAPS[0]
) -> Secret:
    """Generate an API password for any account, from the host's command line."""
    with unit(app, actor) as u:
        return issue(u, locked_by_name(u, username), None, overlap)


def issue(
    u: Unit, account: Administrator, seen: int | None = None, overlap: timedelta = OVERLAPS[0]
) -> Secret:
    """Generate an API password in the caller's unit. Raises AlreadyGenerated."""
    if overlap not in OVERLAPS:
        raise ValueError("not one of the choices")
    current = credentials.api_password(u.connection, account.id)
    is_kept = bool(overlap) and current.mac is not None and not is_expired(u.app, current)
    password = tokens.new_api_password()
    new = NewApiPassword(
        mac=u.app.keyring.mac(*mac_parts(account.id, password.reveal())),
        hint=api_password.hint(password.reveal()),
        created_at=u.now,
        created_by=u.actor.name,
    )
    old_ends_at = u.now + overlap if is_kept else None
    if not credentials.replace_api_password(
        u.connection, account.id, new, seen=seen, old_ends_at=old_ends_at
    ):
        raise AlreadyGenerated
    facts: dict[str, Any] = {"old_valid_hours": overlap // HOUR} if is_kept else {}
    u.record(AuditEvent.API_PASSWORD_GENERATED, account, **facts)
    return password


def take_away(u: Unit, account: Administrator) -> bool:
    """Revoke the account's API password, and the old one, in the caller's unit. Returns False
    without one.
    """
    if credentials.api_password(u.connection, account.id).mac is None:
        return False
    credentials.revoke_api_password(u.connection, account.id)
    u.record(AuditEvent.API_PASSWORD_REVOKED, account)
    return True
