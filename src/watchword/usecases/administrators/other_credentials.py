"""Changes to MFA, API password and sessions of other accounts."""

from __future__ import annotations

from watchword.domain.audit import AuditEvent
from watchword.domain.errors import NothingToRevoke
from watchword.domain.mfa import Event, Status
from watchword.storage import credentials, sessions
from watchword.usecases import accounts
from watchword.usecases.account import recognised_browsers
from watchword.usecases.account.own_mfa import EVENTS
from watchword.usecases.administrators.authorization import By, Changed, demand_person, on_other
from watchword.usecases.api import api_password
from watchword.usecases.context import Watchword
from watchword.usecases.mfa import enrolment_codes, lifecycle


def change_mfa(
    app: Watchword, by: By, username: str, event: Event, *, keep_api_password: bool = False
) -> Changed:
    """Enable, reset or disable MFA of another account. All its sessions end.

    A reset or disable deletes the recovery codes and, unless `keep_api_password`, the API password,
    since an attacker may have used the account. Raises NotInThisState, and PersonNeeded for a
    member on the API.
    """
    with on_other(app, by, username, f"mfa-{event.value}") as (u, account):
        if not account.is_administrator:
            demand_person(by)
        lifecycle.apply(u, account, event)
        revoked = False
        if event is not Event.ENABLE:
            credentials.replace_recovery_codes(u.connection, account.id, [], u.now)
            revoked = not keep_api_password and api_password.take_away(u, account)
        u.record(EVENTS[event], account)
        after = accounts.reread(u, account)
        is_pending = after.mfa.status is Status.PENDING
        code = enrolment_codes.issue(u, after).code if is_pending else None
        return Changed(after, code, revoked)


def revoke_api_password(app: Watchword, by: By, username: str) -> None:
    """Revoke the API password of another account. Raises NothingToRevoke."""
    with on_other(app, by, username, "revoke-api-password") as (u, account):
        if not api_password.take_away(u, account):
            raise NothingToRevoke


def end_sessions(app: Watchword, by: By, username: str) -> int:
    """End all sessions of another account. Returns their number."""
    with on_other(app, by, username, "end-sessions") as (u, account):
        count = sessions.delete_all_of(u.connection, account.id)
        u.record(AuditEvent.SESSION_ENDED, account, reason="by-administrator", count=count)
        return count


def forget_browser(app: Watchword, by: By, username: str, id_: str) -> None:
    """Forget a recognised browser of another account. Its sessions continue. Raises AlreadySo."""
    with on_other(app, by, username, recognised_browsers.ACT) as (u, account):
        recognised_browsers.forget(u, account, id_)
