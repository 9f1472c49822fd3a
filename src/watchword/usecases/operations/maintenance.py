"""Regular deletion of expired rows.

Security does not depend on it: expired rows are refused because of their times.
"""

from __future__ import annotations

from datetime import timedelta
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
    installation,
    known_browsers,
    replaced_api_passwords,
    sessions,
    throttles,
)
from watchword.usecases.audit import refused_logins
from watchword.usecases.context import Watchword
from watchword.usecases.unit_of_work import bookkeeping

UNKNOWN_NAMES_KEPT: Final = timedelta(days=90)
"""How long throttles of unknown names are kept after the last guess. Those of accounts are kept
permanently, so an attacker who returns after this time can tell from the wait whether the account
exists. A long time makes that impractical. The audit log keeps the guesses for longer.
"""


def sweep(app: Watchword) -> int:
    """Delete expired login attempts, enrolments, sessions, recognised browsers and replaced API
    passwords, throttles that are no longer needed, and rows dated far in the future. Returns the
    number of deleted rows.

    A recovery code and a restore mark all codes until the present time as used. If the clock was
    ahead then, the mark is lowered to the present time, so that later codes work.
    """
    with bookkeeping(app) as u:
        too_new = u.now + LONGEST_SETBACK
        now = totp.latest_acceptable(u.now, app.settings.drift_window)
        authenticators.lower_steps(u.connection, beyond=totp.time_step(too_new), to=now)
        # Before the others: it waits for rows, and `lower` waits for none.
        refused_logins.record_counted(u)
        for kind, policy in POLICIES.items():
            throttles.lower(u.connection, kind, policy, u.now)
        replaced_api_passwords.lower_ends(u.connection, u.now, LONGEST_OVERLAP)
        return sum(
            (
                attempts.delete_expired(u.connection, u.now, too_new),
                authenticators.delete_expired(u.connection, u.now, too_new),
                sessions.delete_expired(
                    u.connection, u.now, idle_since=u.now - app.limits.idle, too_new=too_new
                ),
                known_browsers.forget_expired(u.connection, u.now, too_new),
                installation.delete_first_run_link(u.connection, too_new + FIRST_RUN_LIFE),
                throttles.delete_spent(u.connection, u.now, ADDRESS_KINDS),
                throttles.delete_of_forgotten(u.connection, KNOWN_KINDS),
                throttles.delete_of_unknown_names(u.connection, u.now - UNKNOWN_NAMES_KEPT),
                enrolment_proofs.delete_expired(u.connection, u.now),
                replaced_api_passwords.delete_ended(u.connection, u.now),
            )
        )


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
