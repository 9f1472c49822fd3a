"""Logins and failed logins per day (UTC), of each account and of all together.

A chart of 30 days cannot count the audit log at each page view. `login_days` has the counts of the
events up to `counted_events.last_id`; the few later events are counted when a page is shown.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from watchword.domain.audit import AuditEvent as E
from watchword.storage.database import insert_into
from watchword.storage.schema import audit_events, counted_events, login_days

ALL: Final = 0
"""Stands for all accounts, also for failed logins with names that do not exist."""
Key = tuple[int, date]
"""Account and day."""
_KINDS: Final = (
    E.LOGIN, E.PASSWORD_FAIL, E.MFA_FAIL, E.RECOVERY_FAILED, E.API_AUTH_FAIL, E.REFUSED_LOGINS,
)  # fmt: skip
_EPOCH: Final = date(1970, 1, 1)
_DAY: Final = timedelta(days=1) // timedelta(microseconds=1)
_c = audit_events.c


class Counted(Struct, frozen=True):
    """Counts of a range of events, by account and day. `last_id` is the last event of the range."""

    last_id: int
    logins: Counter[Key]
    failures: Counter[Key]


def counted_to(connection: Connection) -> int:
    """Return the last event that `login_days` includes."""
    return int(connection.execute(sa.select(counted_events.c.last_id)).scalar_one())


def count(
    connection: Connection, after: int, most: int, since: date, of: int | None = None
) -> Counted:
    """Return the counts of the next `most` events after an id, without those of days before `since`.
    With `of`, only the counts of that account, or of ALL, are complete.
    """
    last_id, logins, failures = after, Counter[Key](), Counter[Key]()
    for row in connection.execute(_counting(after, most, since, of)):
        last_id = max(last_id, row.last_id)
        counter = logins if row.event == E.LOGIN.value else failures
        for account in {ALL, row.subject_id or ALL}:
            counter[account, _EPOCH + timedelta(days=row.day)] += _number(row)
    return Counted(last_id, +logins, +failures)


def _counting(after: int, most: int, since: date, of: int | None) -> Any:
    # The inner limit makes both databases read a range of the primary key.
    part = sa.select(_c.id, _c.at, _c.event, _c.subject_id, _c.facts).where(_c.id > after)
    found = part.order_by(_c.id).limit(most).subquery().c
    day = sa.type_coerce(found.at, sa.BigInteger) // _DAY
    is_counted = found.event.in_([kind.value for kind in _KINDS]) & (day >= _days(since))
    subject = sa.null() if of == ALL else sa.case((is_counted, found.subject_id))
    if of:
        is_counted &= found.subject_id == of
    is_sum = is_counted & (found.event == E.REFUSED_LOGINS.value)
    named = sa.select(
        found.id,
        sa.case((is_counted, found.event), else_="").label("event"),
        sa.cast(subject, sa.BigInteger).label("subject_id"),
        sa.case((is_counted, day), else_=0).label("day"),
        sa.case((is_sum, found.facts), else_="").label("facts"),
    ).subquery()
    *groups, id_ = (named.c[name] for name in ("event", "subject_id", "day", "facts", "id"))
    count, last = sa.func.count().label("number"), sa.func.max(id_).label("last_id")
    return sa.select(*groups, count, last).group_by(*groups)


def _number(row: Any) -> int:
    """Return how many logins the events stand for: an event of refused logins has a count."""
    if row.event != E.REFUSED_LOGINS.value:
        return int(row.number) if row.event else 0
    try:
        facts = json.loads(row.facts)
    except ValueError:  # a row that was changed in the database
        return 0
    match facts:
        case {"failures": int(each)}:
            return each * int(row.number)
    return 0


def add(connection: Connection, counted: Counted, since: int) -> bool:
    """Add counts of the events after `since`. Returns False when another node has added them."""
    done = connection.execute(
        counted_events.update()
        .where(counted_events.c.last_id == since)
        .values(last_id=counted.last_id)
    )
    if done.rowcount == 1 and (rows := _rows(counted)):
        inserting = insert_into(connection, login_days)
        more = {
            name: login_days.c[name] + inserting.excluded[name] for name in ("logins", "failures")
        }
        key = list(login_days.primary_key)
        connection.execute(inserting.on_conflict_do_update(index_elements=key, set_=more), rows)
    return done.rowcount == 1


def _rows(counted: Counted) -> list[dict[str, int]]:
    return [
        {
            "administrator_id": account,
            "day": _days(day),
            "logins": counted.logins[account, day],
            "failures": counted.failures[account, day],
        }
        for account, day in sorted({*counted.logins, *counted.failures})
    ]


def _days(day: date) -> int:
    return (day - _EPOCH).days


def delete_before(connection: Connection, day: date) -> int:
    """Delete the counts of earlier days. Returns the number of rows."""
    is_old = login_days.c.day < _days(day)
    return connection.execute(login_days.delete().where(is_old)).rowcount


def stored(
    connection: Connection, administrator_id: int, since: date
) -> dict[date, tuple[int, int]]:
    """Return logins and failed logins of each day that has any."""
    c = login_days.c
    query = sa.select(c.day, c.logins, c.failures).where(
        c.administrator_id == administrator_id, c.day >= _days(since)
    )
    rows = connection.execute(query)
    return {_EPOCH + timedelta(days=row.day): (row.logins, row.failures) for row in rows}
