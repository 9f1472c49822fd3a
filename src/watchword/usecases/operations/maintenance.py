"""Regular deletion of expired rows.

Security does not depend on it: expired rows are refused because of their times.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from watchword.crypto import keyring
from watchword.domain import totp
from watchword.domain.api_password import LONGEST_OVERLAP
from watchword.domain.audit import AuditEvent
from watchword.domain.enrolment_code import PENDING_LONG
from watchword.domain.operational_errors import KeyOutdated
from watchword.domain.sessions import FIRST_RUN_LIFE, LONGEST_SETBACK
from watchword.domain.throttle import ADDRESS_KINDS, KNOWN_KINDS, POLICIES
from watchword.storage import (
    administrators,
    attempts,
    audit_history,
    authenticators,
    enrolment_proofs,
    gateway_codes,
    gateway_sessions,
    installation,
    known_browsers,
    replaced_api_passwords,
    row_batches,
    sessions,
    throttles,
)
from watchword.storage.row_batches import Key, Rows
from watchword.usecases.audit import refused_logins
from watchword.usecases.context import Watchword
from watchword.usecases.unit_of_work import bookkeeping

UNKNOWN_NAMES_KEPT: Final = timedelta(days=90)
"""How long throttles of unknown names are kept after the last guess. Those of accounts are kept
permanently, so an attacker who returns after this time can tell from the wait whether the account
exists. A long time makes that impractical. The audit log keeps the guesses for longer.
"""
SWEPT_AT_ONCE: Final = 500
"""Rows of a transaction, which holds SQLite's write lock for some hundredths of a second."""
MOST_SWEPT: Final = 50_000
"""Rows of a table that one sweep deletes; the next sweep continues."""


def sweep(app: Watchword) -> int:
    """Delete expired login attempts, enrolments, sessions, recognised browsers and replaced API
    passwords, throttles that are no longer needed, and rows dated far in the future. Returns the
    number of deleted rows.

    A recovery code and a restore mark all codes until the present time as used. If the clock was
    ahead then, the mark is lowered to the present time, so that later codes work.
    """
    now = app.clock.now()
    too_new = now + LONGEST_SETBACK
    with bookkeeping(app) as u:
        refused_logins.record_counted(u)
        replaced_api_passwords.lower_ends(u.connection, u.now, LONGEST_OVERLAP)
        count = installation.delete_first_run_link(u.connection, too_new + FIRST_RUN_LIFE)
    _lower_what_is_ahead(app, now)
    return count + sum(
        _delete(app, rows)
        for rows in (
            attempts.expired(now, too_new),
            authenticators.expired(now, too_new),
            gateway_codes.expired(now),
            gateway_sessions.expired(now),  # before the sessions that they keep
            sessions.expired(now, idle_since=now - app.limits.idle, too_new=too_new),
            known_browsers.expired(now, too_new),
            throttles.spent(now, ADDRESS_KINDS),
            throttles.of_forgotten(KNOWN_KINDS),
            throttles.of_unknown_names(now - UNKNOWN_NAMES_KEPT),
            *enrolment_proofs.expired(now),
            replaced_api_passwords.ended(now),
        )
    )


def _lower_what_is_ahead(app: Watchword, now: datetime) -> None:
    last = totp.latest_acceptable(now, app.settings.drift_window)
    used = authenticators.ahead(totp.time_step(now + LONGEST_SETBACK))
    for keys in _batches(app, used):
        with bookkeeping(app) as u:
            authenticators.lower_steps(u.connection, used, keys, last)
    for kind, policy in POLICIES.items():
        rows = throttles.ahead(kind, policy, now)
        for keys in _batches(app, rows):
            with bookkeeping(app) as u:
                throttles.lower(u.connection, rows, keys, policy, now)


def _delete(app: Watchword, rows: Rows) -> int:
    count = 0
    for keys in _batches(app, rows):
        with bookkeeping(app) as u:
            count += row_batches.delete_unlocked(u.connection, rows, keys)
    return count


def _batches(app: Watchword, rows: Rows) -> Iterator[list[Key]]:
    """Yield the keys of the rows in batches, for a transaction each."""
    with app.database.reading() as connection:
        keys = row_batches.keys(connection, rows, MOST_SWEPT)
    yield from (keys[first : first + SWEPT_AT_ONCE] for first in range(0, len(keys), SWEPT_AT_ONCE))


def record_long_pending(app: Watchword) -> int:
    """Record once per enrolment that an account has been pending for two weeks.

    The account stays Pending: going back to Disabled would weaken it. Returns the number recorded.
    """
    with bookkeeping(app) as u:
        administrators.lock_all(u.connection)  # several accounts are locked
        ids = administrators.pending_since(u.connection, u.now - PENDING_LONG)
        locked = [administrators.get(u.connection, id_, for_change=True) for id_ in ids]
        for account in locked:
            since = account.mfa.pending_since if account else None
            event = AuditEvent.MFA_PENDING_EXPIRED
            if account is None or since is None:
                continue
            if not audit_history.has_happened(u.connection, account.id, event, since):
                enrolment_proofs.forget_all_of(u.connection, account.id)
                u.record(event, account)
        return len(u.recorded)


def demand_ready(app: Watchword) -> None:
    """Raise DatabaseUnavailable unless the database accepts a write; a login needs one to count and
    record. Raises KeyOutdated when its values are sealed under a key that this node's keyring does
    not contain.
    """
    with app.database.trying() as connection:
        installation.write_again(connection)
        check = installation.key_check(connection)
    if check is not None and not app.keyring.knows_key_of(check):
        raise KeyOutdated(
            path=str(keyring.path_in(app.settings.data_dir)), key_id=keyring.sealed_under(check)
        )


def look_at_keyring(app: Watchword) -> None:
    """Read the keyring file again if it has changed. Raises KeyMissing, PlaceUnusable or
    KeyOutdated; the server continues with the keys that it has.
    """
    app.keyring.refresh()
    demand_ready(app)
