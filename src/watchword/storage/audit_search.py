"""A search of the audit log that reads a limited number of events, and reports where it stopped.

The events of the index range of each condition are read newest first, and the other conditions are
checked for each. Two frequent values that never occur together would otherwise be looked for in the
whole log.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.engine import Connection

from watchword.storage.audit_query import (
    AuditFilter,
    AuditRow,
    Range,
    can_match,
    ranges_of,
    rows_of,
    without_idle_limits,
)
from watchword.storage.schema import audit_events

MOST_READ: Final = 20_000
"""Events that a search reads, which takes a database some hundredths of a second."""
SAMPLE: Final = 10_000
"""Events of a time range whose ids are read at each end, and the events by which ids and times may
be in another order."""
_c = audit_events.c


class Stop(Struct, frozen=True):
    """The oldest event that a search read before it stopped."""

    id: int
    at: datetime


class Found(Struct, frozen=True):
    """The newest matching events. With `stop`, older ones may match too."""

    rows: list[AuditRow]
    stop: Stop | None = None


def search(connection: Connection, wanted: AuditFilter, limit: int) -> Found:
    """Return at most `limit` events, newest first."""
    if not can_match(wanted) or (bounded := _nearly_within(connection, wanted)) is None:
        return Found([])
    ranges = ranges_of(connection, wanted)
    stop = _stop(connection, ranges, bounded)
    if stop is None:
        return Found(rows_of(connection, ranges, bounded, limit))
    rows = rows_of(connection, ranges, replace(bounded, from_id=stop), limit)
    if len(rows) == limit:
        return Found(rows)
    at = connection.execute(sa.select(_c.at).where(_c.id >= stop).order_by(_c.id).limit(1))
    return Found(rows, Stop(stop, at.scalar_one()))


def _nearly_within(connection: Connection, wanted: AuditFilter) -> AuditFilter | None:
    """Return the filter with ids that contain the events of its time range; None when the range has
    no event. The ids of a long range are those of its first and last events, with a margin.
    """
    wanted = without_idle_limits(connection, wanted)
    conditions = [_c.at >= wanted.since] if wanted.since is not None else []
    conditions += [_c.at < wanted.until] if wanted.until is not None else []
    if not conditions:
        return wanted
    count, first, last = _ids(connection, conditions, _c.at, _c.id)
    if count == 0:
        return None
    if count > SAMPLE:
        _, first_too, last_too = _ids(connection, conditions, _c.at.desc(), _c.id.desc())
        first, last = min(first, first_too) - SAMPLE, max(last, last_too) + SAMPLE
    before = last + 1
    return replace(wanted, from_id=first, before_id=min(wanted.before_id or before, before))


def _ids(connection: Connection, conditions: list[Any], *order: Any) -> tuple[int, int, int]:
    """Return number, lowest and highest id of the first events in this order."""
    few = sa.select(_c.id).where(*conditions).order_by(*order).limit(SAMPLE + 1).subquery()
    functions = (sa.func.count(), sa.func.min(few.c.id), sa.func.max(few.c.id))
    count, first, last = connection.execute(sa.select(*functions)).one()
    return count, first, last


def _stop(connection: Connection, ranges: list[Range], bounded: AuditFilter) -> int | None:
    """Return the id of the last event to read; None when all events of the ranges may be read."""
    if bounded.since is None and bounded.until is None and not any(r.of_rows for r in ranges):
        return None  # each event of a range matches
    most = max(1, MOST_READ // len(ranges))
    ends = [_end(connection, each, bounded, most) for each in ranges]
    end = max((id_ for id_ in ends if id_ is not None), default=None)
    if end is None:
        return None
    # The ranges of several events share the ids, so that many ids are no more events.
    newest = bounded.before_id or connection.execute(sa.select(sa.func.max(_c.id))).scalar_one()
    stop = min(end, newest - MOST_READ)
    return stop if stop > (bounded.from_id or 1) else None


def _end(connection: Connection, each: Range, bounded: AuditFilter, most: int) -> int | None:
    """Return the id of the event number `most` of a range; None when it has fewer."""
    before = [_c.id < bounded.before_id] if bounded.before_id is not None else []
    query = sa.select(_c.id).where(*each.of_index, *before).order_by(_c.id.desc())
    found: int | None = connection.execute(query.offset(most - 1).limit(1)).scalar()
    return found
