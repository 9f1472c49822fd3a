"""Audit events that an unauthenticated client can cause without limit: refused logins.

Above a rate of the whole installation they are counted, by account, and the counts become events
of their own. Otherwise a client with many addresses fills the disk of the database and pushes
other events out of sight.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from watchword.domain.accounts import Administrator
from watchword.domain.audit import AuditEvent
from watchword.domain.throttle import POLICIES, Kind, Open, Throttle
from watchword.storage import administrators, throttles
from watchword.usecases.unit_of_work import Unit

_ALL: Final = "all"


def record(u: Unit, event: AuditEvent, account: Administrator | None, **facts: str) -> None:
    """Record a refused login, or count it when there were too many within the hour.

    The statements are the same for a name without an account: ids start at 1.
    """
    policy = POLICIES[Kind.REFUSED_LOGINS]
    held = throttles.hold(u.connection, Kind.REFUSED_LOGINS, _ALL)
    if isinstance(held.check(policy, u.now), Open):
        throttles.put(u.connection, Kind.REFUSED_LOGINS, _ALL, held.reserved(policy, u.now))
        u.record(event, account, outcome="refused", **facts)
        return
    subject = str(account.id if account else 0)
    counted = throttles.hold(u.connection, Kind.REFUSED_LOGINS, subject)
    more = replace(counted, failures=counted.failures + 1)
    throttles.put(u.connection, Kind.REFUSED_LOGINS, subject, more)
    u.count(event)


def record_counted(u: Unit) -> None:
    """Record what was only counted: one event for each account, and one for all unknown names."""
    for subject, counted in throttles.all_of(u.connection, Kind.REFUSED_LOGINS):
        if subject == _ALL or not throttles.exchange(
            u.connection, Kind.REFUSED_LOGINS, subject, seen=counted, new=Throttle()
        ):
            continue
        throttles.clear(u.connection, Kind.REFUSED_LOGINS, subject)
        account = administrators.get(u.connection, int(subject))
        u.record(AuditEvent.REFUSED_LOGINS, account, outcome="refused", failures=counted.failures)
