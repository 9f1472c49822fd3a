"""Spraying: passwords tried at many names, most of which nobody has, from many addresses.

No address and no name is slowed by that. So names that nobody has are counted all together; above
some hundred in a minute every failure of a browser that is not known is answered a second later,
and the administrators are told. Nobody is kept out by it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from watchword.domain.accounts import Administrator
from watchword.domain.audit import AuditEvent
from watchword.domain.throttle import POLICIES, Kind, Open
from watchword.storage import audit, throttles
from watchword.usecases.unit_of_work import Unit

PAUSE_SECONDS: Final = 1
TOLD_EVERY: Final = timedelta(minutes=10)
_ALL: Final = "all"


def count(u: Unit, account: Administrator | None) -> int:
    """Count a failed login. Returns the seconds its answer has to wait, mostly none.

    The same statements are made for a name that somebody has.
    """
    policy = POLICIES[Kind.UNKNOWN_NAMES]
    held = throttles.hold(u.connection, Kind.UNKNOWN_NAMES, _ALL)
    # One more than the budget would only make the alarm last longer.
    is_counted = account is None and isinstance(held.check(policy, u.now), Open)
    now = held.reserved(policy, u.now) if is_counted else held
    throttles.put(u.connection, Kind.UNKNOWN_NAMES, _ALL, now)
    if isinstance(now.check(policy, u.now), Open):
        return 0
    told = audit.latest(u.connection, AuditEvent.SPRAYING)
    # A time that lies ahead is of a clock that went back: it must not silence the alarm.
    if told is None or abs(u.now - told) >= TOLD_EVERY:
        u.record(AuditEvent.SPRAYING, outcome="noticed")
    return PAUSE_SECONDS
