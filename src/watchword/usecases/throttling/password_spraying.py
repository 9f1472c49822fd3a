"""Detection of password spraying: passwords tried with many usernames from many addresses.

The limits of an address or of a username do not slow it. So logins with unknown usernames are
counted together. Above some hundreds in a minute, every failure of an unrecognised browser is
answered a second later, and the administrators are notified. No login is refused by it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from watchword.domain.accounts import Administrator
from watchword.domain.audit import AuditEvent
from watchword.domain.throttle import POLICIES, Kind, Open
from watchword.storage import audit_history, throttles
from watchword.usecases.unit_of_work import Unit

PAUSE_SECONDS: Final = 1
RECORDED_EVERY: Final = timedelta(minutes=10)
_ALL: Final = "all"


def count(u: Unit, account: Administrator | None) -> int:
    """Count a failed login. Returns the seconds before its answer is sent, usually 0. The
    statements are the same whether the username exists or not.
    """
    policy = POLICIES[Kind.UNKNOWN_NAMES]
    held = throttles.hold(u.connection, Kind.UNKNOWN_NAMES, _ALL)
    # Counting beyond the budget would only make the alarm last longer.
    is_counted = account is None and isinstance(held.check(policy, u.now), Open)
    now = held.reserved(policy, u.now) if is_counted else held
    throttles.put(u.connection, Kind.UNKNOWN_NAMES, _ALL, now)
    if isinstance(now.check(policy, u.now), Open):
        return 0
    recorded = audit_history.latest(u.connection, AuditEvent.SPRAYING)
    # A future time was written before the clock was set back. It must not silence the alarm.
    if recorded is None or abs(u.now - recorded) >= RECORDED_EVERY:
        u.record(AuditEvent.SPRAYING, outcome="noticed")
    return PAUSE_SECONDS
