"""Invalidation of sessions, codes and links after a restore.

A copy contains ended sessions, used codes and used links as if they were valid. All of them are
invalidated, so no used code works again. Passwords, MFA and, by default, API passwords stay.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import asdict

from watchword.domain import totp
from watchword.domain.accounts import Administrator
from watchword.domain.audit import Actor, AuditEvent
from watchword.storage import administrators, credentials, restore_cleanup
from watchword.storage.restore_cleanup import Ended
from watchword.usecases.context import Watchword
from watchword.usecases.unit_of_work import bookkeeping, unit

REVOKED_AT_ONCE: Final = 500


def end_what_was_open(
    app: Watchword, actor: Actor, *, revoke_api_passwords: bool = False, copied_at: str = ""
) -> Ended:
    """Invalidate them in one transaction with the event `system.restored`, after the API passwords.
    `copied_at` is the time of the backup, if known.
    """
    revoked = _revoke_api_passwords(app, actor) if revoke_api_passwords else 0
    with unit(app, actor) as u:
        administrators.lock_all(u.connection)
        used = totp.latest_acceptable(u.now, app.settings.drift_window)
        ended = restore_cleanup.end_everything_open(u.connection, used)
        facts: dict[str, Any] = {"copied_at": copied_at} if copied_at else {}
        u.record(
            AuditEvent.SYSTEM_RESTORED, api_passwords_revoked=revoked, **asdict(ended), **facts
        )
        return ended


def _revoke_api_passwords(app: Watchword, actor: Actor) -> int:
    """Revoke all API passwords in batches. If the process is killed, the same command continues."""
    revoked, last_id = 0, 0
    while accounts := _revoke_after(app, actor, last_id):
        revoked, last_id = revoked + len(accounts), accounts[-1].id
    return revoked


def _revoke_after(app: Watchword, actor: Actor, last_id: int) -> list[Administrator]:
    with bookkeeping(app, actor) as u:
        administrators.lock_all(u.connection)
        found = restore_cleanup.with_api_password(u.connection, last_id, REVOKED_AT_ONCE)
        for account in found:
            credentials.revoke_api_password(u.connection, account.id)
            u.record(AuditEvent.API_PASSWORD_REVOKED, account, reason="restored")
        return found
