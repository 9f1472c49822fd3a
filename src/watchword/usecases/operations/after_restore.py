"""Invalidation of sessions, codes and links after a restore.

A copy contains ended sessions, used codes and used links as if they were valid. All of them are
invalidated, so no used code works again. Passwords, MFA and, by default, API passwords stay.
"""

from __future__ import annotations

from typing import Any

from watchword.domain import totp
from watchword.domain.audit import Actor, AuditEvent
from watchword.storage import administrators, credentials, restore_cleanup
from watchword.storage.restore_cleanup import Ended
from watchword.usecases.context import Watchword
from watchword.usecases.unit_of_work import Unit, unit


def end_what_was_open(
    app: Watchword, actor: Actor, *, revoke_api_passwords: bool = False, copied_at: str = ""
) -> Ended:
    """Invalidate them in one transaction with the event `system.restored`. `copied_at` is the time
    of the backup, if known.
    """
    with unit(app, actor) as u:
        administrators.lock_all(u.connection)
        used = totp.latest_acceptable(u.now, app.settings.drift_window)
        revoked = _revoke_api_passwords(u) if revoke_api_passwords else 0
        ended = restore_cleanup.end_everything_open(u.connection, used)
        facts: dict[str, Any] = {"copied_at": copied_at} if copied_at else {}
        u.record(AuditEvent.SYSTEM_RESTORED, api_passwords_revoked=revoked, **vars(ended), **facts)
        return ended


def _revoke_api_passwords(u: Unit) -> int:
    revoked = 0
    for account in administrators.everyone(u.connection):
        if credentials.api_password(u.connection, account.id).mac is not None:
            credentials.revoke_api_password(u.connection, account.id)
            u.record(AuditEvent.API_PASSWORD_REVOKED, account, reason="restored")
            revoked += 1
    return revoked
