"""Audit events of refused logins, limited in number.

An unauthenticated client can cause any number of them. Above a rate for the whole installation
they are counted per account, and each count becomes one event. Otherwise a client with many
addresses could fill the disk and bury other events.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from watchword.domain.accounts import Administrator
from watchword.domain.audit import AuditEvent
from watchword.domain.refused_addresses import written
from watchword.domain.throttle import POLICIES, Kind, Open, Throttle, address_subject
from watchword.storage import administrators, refused_addresses, throttles
from watchword.usecases.unit_of_work import Unit

_ALL: Final = "all"
MOST_ADDRESSES: Final = 5
"""Addresses in the event."""


def record(u: Unit, event: AuditEvent, account: Administrator | None, **facts: str) -> None:
    """Record a refused login, or count it when there were too many within the hour.

    A name without an account causes the same statements, with the id 0, which no account has.
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
    address = address_subject(u.actor.address)
    refused_addresses.count(u.connection, account.id if account else 0, address)
    u.count(event)


def record_counted(u: Unit) -> None:
    """Record the counts: one event per account, and one for all unknown names. The fact `addresses`
    has the most frequent ones with their counts.
    """
    for subject, counted in throttles.all_of(u.connection, Kind.REFUSED_LOGINS):
        if subject == _ALL or not throttles.exchange(
            u.connection, Kind.REFUSED_LOGINS, subject, seen=counted, new=Throttle()
        ):
            continue
        throttles.clear(u.connection, Kind.REFUSED_LOGINS, subject)
        account = administrators.get(u.connection, int(subject))
        found = refused_addresses.take(u.connection, int(subject), MOST_ADDRESSES)
        u.record(
            AuditEvent.REFUSED_LOGINS, account, outcome="refused", failures=counted.failures,
            addresses=written(found),
        )  # fmt: skip
