"""Sweeping out what has had its time. Nothing depends on it being done at any moment: what is
too old is refused by its time, not by its absence.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from watchword.crypto import keyring
from watchword.domain import totp
from watchword.domain.audit import AuditEvent
from watchword.domain.enrolment_code import PENDING_LONG
from watchword.domain.operational_errors import KeyOutdated
from watchword.domain.sessions import FIRST_RUN_LIFE, LONGEST_SETBACK
from watchword.domain.throttle import ADDRESS_KINDS, KNOWN_KINDS, POLICIES
from watchword.storage import (
    administrators,
    attempts,
    audit,
    authenticators,
    enrolment_proofs,
    installation,
    known_browsers,
    sessions,
    throttles,
)
from watchword.usecases.audit import refused_logins
from watchword.usecases.context import Watchword
from watchword.usecases.unit_of_work import bookkeeping

UNKNOWN_NAMES_KEPT: Final = timedelta(days=90)
"""Since the last guess at a name that nobody has. What was guessed at an account is kept for ever,
so whoever comes back after a pause learns from the wait whether there is one; that is for the
pause to be long. The audit log keeps a longer row of each of these guesses.
"""


def sweep(app: Watchword) -> int:
    """Delete expired attempts, enrolments, sessions and known browsers, throttles that are spent
    or nobody's any more, and what a clock that ran far ahead has made. Returns how many rows went.

    A recovery code and a restore use up all codes until now. By such a clock that would be until
    its time has come: once it is right again, those until now are used up, and later ones good.
    """
    with bookkeeping(app) as u:
        too_new = u.now + LONGEST_SETBACK
        now = totp.time_step(u.now) + app.settings.drift_window
        authenticators.lower_steps(u.connection, beyond=totp.time_step(too_new), to=now)
        for kind, policy in POLICIES.items():
            throttles.lower(u.connection, kind, policy, u.now)
        refused_logins.record_counted(u)
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
            )
        )


def tell_of_long_pending(app: Watchword) -> int:
    """Record, once for each time, that an account has been pending for two weeks. It stays
    Pending: going back to Disabled would open what somebody wanted closed.
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
            if not audit.has_happened(u.connection, account.id, event, since):
                enrolment_proofs.forget_all_of(u.connection, account.id)
                u.record(event, account)
        return len(u.recorded)


def demand_ready(app: Watchword) -> None:
    """Raise DatabaseUnavailable unless the database takes a write: one that is locked, full or
    read-only lets nobody in, for a login has to be counted and recorded. Raises KeyOutdated
    when it was sealed anew under a key that this node's keyring does not hold.
    """
    with bookkeeping(app) as u:
        installation.write_again(u.connection)
        check = installation.key_check(u.connection)
    if check is not None and not app.keyring.knows_key_of(check):
        raise KeyOutdated(
            path=str(keyring.path_in(app.settings.data_dir)), key_id=keyring.sealed_under(check)
        )


def look_at_keyring(app: Watchword) -> None:
    """Read the keyring's file again where it has changed. Raises what is wrong with it:
    KeyMissing, PlaceUnusable, KeyOutdated. The server goes on with the keys it holds.
    """
    app.keyring.refresh()
    demand_ready(app)
