"""Enabling, resetting and disabling MFA on the administrator's own account.

The table in domain/mfa.py defines the allowed transitions and their effects.
"""

from __future__ import annotations

from msgspec import Struct

from watchword.domain.accounts import Administrator
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.mfa import Event
from watchword.domain.secret import Secret
from watchword.storage import audit_history, sessions
from watchword.storage.database import Connection
from watchword.usecases import accounts
from watchword.usecases.context import Watchword
from watchword.usecases.login import reauthentication
from watchword.usecases.mfa import enrolment, enrolment_codes, lifecycle
from watchword.usecases.mfa.enrolment_codes import Issued
from watchword.usecases.sessions.sessions import Principal, own_account
from watchword.usecases.throttling import known_browsers
from watchword.usecases.unit_of_work import Unit

EVENTS = {
    Event.ENABLE: AuditEvent.MFA_ENABLE,
    Event.RESET: AuditEvent.MFA_RESET,
    Event.DISABLE: AuditEvent.MFA_DISABLE,
}


class ChangedOwn(Struct, frozen=True):
    """The new enrolment proof, where the setting requires one, and the new token of the acting
    browser.
    """

    issued: Issued
    browser: Secret


def change_own(app: Watchword, actor: Actor, principal: Principal, event: Event) -> ChangedOwn:
    """Enable, reset or disable MFA on the actor's own account.

    Enabling and resetting create the secret that "Finish now" shows. The acting session stays, all
    others end. Only the acting browser stays recognised: otherwise its owner, who has no recovery
    codes while pending, would be throttled together with attackers at the next login.
    Raises ProofNeeded, NotInThisState, ChangedMeanwhile, SessionEnded.
    """
    if event is Event.DISABLE:
        reauthentication.demand_for_disabling(app, principal)
    with own_account(app, actor, principal) as (u, account):
        lifecycle.apply(u, account, event, sparing=principal.session.id)
        _date_proof_before(u, principal)
        u.record(EVENTS[event], account)
        after = accounts.reread(u, account)
        browser = known_browsers.remember(u, after)
        if event is Event.DISABLE:
            return ChangedOwn(Issued(), browser)
        lifecycle.attach(u, principal.session.id, enrolment.start(u, after), old=None)
        return ChangedOwn(enrolment_codes.issue(u, after, for_this_browser=True), browser)


def _date_proof_before(u: Unit, principal: Principal) -> None:
    """Date the re-authentication no later than this change. A node whose clock is ahead may have
    dated it later, and `reauthentication.demand_for_disabling` compares the two.
    """
    if principal.session.proved_at > u.now:
        sessions.date_proof(u.connection, principal.session.id, u.now)


def is_new_to(connection: Connection, account: Administrator) -> bool:
    """Return whether the account has never had MFA, according to the audit log."""
    if account.mfa.is_enabled:
        return False
    since = account.created_at
    return not audit_history.has_happened(connection, account.id, AuditEvent.MFA_ENABLE, since)
