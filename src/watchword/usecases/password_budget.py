"""What is told of the budget of password guesses: when browsers that are not known are shut out.

Only they are: a browser that has logged in before has a budget of its own, so that who knows a
name cannot lock its owner out.
"""

from __future__ import annotations

from collections.abc import Iterable

from watchword.domain.accounts import Administrator
from watchword.domain.audit import AuditEvent
from watchword.domain.throttle import CEILING, Kind
from watchword.storage import throttles
from watchword.usecases import slots
from watchword.usecases.slots import Slot
from watchword.usecases.unit import Unit


def settle_wrong(u: Unit, account: Administrator | None, held: Iterable[Slot]) -> None:
    """Settle the slots of a wrong password, and tell when it was the one too many."""
    held = list(held)
    slots.settle(u.connection, held, is_right=False)
    if account is not None and any(slot.kind is Kind.PASSWORD for slot in held):
        _tell_when_closed(u, account)


def count_failure(u: Unit, account: Administrator) -> None:
    """Count a wrong password that was given inside a session."""
    slots.count_failure(u.connection, Kind.PASSWORD, str(account.id), u.now)
    _tell_when_closed(u, account)


def _tell_when_closed(u: Unit, account: Administrator) -> None:
    held = throttles.get(u.connection, Kind.PASSWORD, str(account.id))
    if held.failures == CEILING:
        u.record(AuditEvent.DEVICE_CLOSED, account, outcome="refused", failures=CEILING)
