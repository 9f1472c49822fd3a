"""What is told of the budget of password guesses: when browsers that are not known are shut out.

Only they are: a browser that has logged in before has a budget of its own, so that who knows a
name cannot lock its owner out.
"""

from __future__ import annotations

from collections.abc import Iterable

from watchword.domain.accounts import Administrator
from watchword.domain.audit import AuditEvent
from watchword.domain.throttle import CEILING, Kind
from watchword.usecases.throttling import reservations
from watchword.usecases.throttling.reservations import Slot
from watchword.usecases.unit_of_work import Unit


def tell_when_closed(u: Unit, account: Administrator | None, held: Iterable[Slot]) -> None:
    """Tell when the wrong password of these slots was the one too many. Asks the database
    nothing, so that a name that nobody has costs as much.
    """
    is_last = any(s.kind is Kind.PASSWORD and s.reserved.failures == CEILING for s in held)
    if account is not None and is_last:
        _tell(u, account)


def count_failure(u: Unit, account: Administrator) -> None:
    """Count a wrong password that was given inside a session."""
    subject = str(account.id)
    counted = reservations.count_failure(u.connection, Kind.PASSWORD, subject, u.now)
    if counted.failures == CEILING:
        _tell(u, account)


def _tell(u: Unit, account: Administrator) -> None:
    u.record(AuditEvent.DEVICE_CLOSED, account, outcome="refused", failures=CEILING)
