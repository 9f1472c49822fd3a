"""Events about the limit of wrong passwords, which closes an account to unrecognised browsers.

A recognised browser has a budget of its own, so that an attacker who knows a username cannot lock
its owner out.
"""

from __future__ import annotations

from collections.abc import Iterable

from watchword.domain.accounts import Administrator
from watchword.domain.audit import AuditEvent
from watchword.domain.throttle import CEILING, Kind
from watchword.usecases.throttling import reservations
from watchword.usecases.throttling.reservations import Slot
from watchword.usecases.unit_of_work import Unit


def record_when_closed(u: Unit, account: Administrator | None, held: Iterable[Slot]) -> None:
    """Record that the wrong password of these slots was the last one allowed. It sends no
    statement of its own, so that an unknown name takes as long.
    """
    is_last = any(s.kind is Kind.PASSWORD and s.reserved.failures == CEILING for s in held)
    if account is not None and is_last:
        _record(u, account)


def count_failure(u: Unit, account: Administrator) -> None:
    """Count a wrong password that was entered in a session."""
    subject = str(account.id)
    counted = reservations.count_failure(u.connection, Kind.PASSWORD, subject, u.now)
    if counted.failures == CEILING:
        _record(u, account)


def _record(u: Unit, account: Administrator) -> None:
    u.record(AuditEvent.DEVICE_CLOSED, account, outcome="refused", failures=CEILING)
