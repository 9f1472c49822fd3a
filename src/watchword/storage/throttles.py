"""Stored throttles. A slot is reserved by one conditional statement, so of parallel guesses in any
number of processes one gets it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from msgspec.structs import asdict
from sqlalchemy.engine import Connection

from watchword.domain.clocks import CLOCK_TOLERANCE
from watchword.domain.throttle import Kind, Policy, Throttle
from watchword.storage.database import insert_into
from watchword.storage.row_batches import Key, Rows
from watchword.storage.schema import known_browsers, throttles

_KEY: Final = ("kind", "subject")
_columns = [c for c in throttles.c if c.name not in _KEY]

# Built once: building it takes longer than reading the row.
_get: Final = sa.select(*_columns).where(
    throttles.c.kind == sa.bindparam("kind"), throttles.c.subject == sa.bindparam("subject")
)

UNKNOWN_NAME: Final = "name:"
"""The beginning of the subject of an unknown name."""


def get(connection: Connection, kind: Kind, subject: str) -> Throttle:
    """Return the throttle; an empty one when none is stored."""
    row = connection.execute(_get, {"kind": kind.value, "subject": subject}).first()
    return Throttle(**row._mapping) if row else Throttle()


def states(
    connection: Connection, wanted: Sequence[tuple[Kind, str]]
) -> dict[tuple[Kind, str], Throttle]:
    """Return several throttles by kind and subject; one that was never stored is whole."""
    if not wanted:
        return {}
    query = sa.select(throttles.c.kind, throttles.c.subject, *_columns)
    rows = connection.execute(query.where(sa.or_(*(_is(*each) for each in wanted))))
    found = {(Kind(kind), subject): Throttle(*values) for kind, subject, *values in rows}
    return {each: found.get(each, Throttle()) for each in wanted}


def hold(connection: Connection, kind: Kind, subject: str) -> Throttle:
    """Lock the throttle until the transaction ends, and return it."""
    inserting = _inserting(connection, kind, subject, Throttle()).on_conflict_do_update(
        index_elements=_KEY, set_={"failures": throttles.c.failures}
    )
    return Throttle(**connection.execute(inserting.returning(*_columns)).one()._mapping)


def exchange(
    connection: Connection, kind: Kind, subject: str, *, seen: Throttle, new: Throttle
) -> bool:
    """Store `new` if the stored throttle is still as seen. Returns False when it has changed.

    The statement depends on `seen`: where its time could show whether a name exists, use `hold`.
    """
    is_as_seen = sa.and_(*(throttles.c[name] == value for name, value in asdict(seen).items()))
    if seen == Throttle():  # which may have no row yet
        query = _inserting(connection, kind, subject, new).on_conflict_do_update(
            index_elements=_KEY, set_=asdict(new), where=is_as_seen
        )
    else:
        query = throttles.update().where(_is(kind, subject), is_as_seen).values(**asdict(new))
    return connection.execute(query.returning(throttles.c.kind)).first() is not None


def put(connection: Connection, kind: Kind, subject: str, new: Throttle) -> None:
    """Store another state of a throttle that the caller has locked."""
    connection.execute(throttles.update().where(_is(kind, subject)).values(**asdict(new)))


def give_in_a_row_back(connection: Connection, kind: Kind, subject: str) -> None:
    """Reset the consecutive failures and their wait; the window stays as it is."""
    whole = Throttle()
    connection.execute(
        throttles.update()
        .where(_is(kind, subject))
        .values(failures=whole.failures, next_allowed_at=whole.next_allowed_at)
    )


def clear(connection: Connection, kind: Kind, subject: str) -> None:
    """Delete the throttle."""
    connection.execute(throttles.delete().where(_is(kind, subject)))


def all_of(connection: Connection, kind: Kind) -> list[tuple[str, Throttle]]:
    """Return the throttles of a kind, with their subjects."""
    query = sa.select(throttles.c.subject, *_columns).where(throttles.c.kind == kind.value)
    return [(subject, Throttle(*values)) for subject, *values in connection.execute(query)]


def ahead(kind: Kind, policy: Policy, now: datetime) -> Rows:
    """Return the throttles of this kind whose times are too far ahead: a clock was ahead, and is
    corrected.
    """
    beyond = asdict(Throttle.most(policy, now + CLOCK_TOLERANCE))
    is_ahead = [throttles.c[name] > time for name, time in beyond.items() if name != "failures"]
    return Rows(throttles, sa.and_(throttles.c.kind == kind.value, sa.or_(*is_ahead)))


def lower(
    connection: Connection, rows: Rows, keys: Sequence[Key], policy: Policy, now: datetime
) -> None:
    """Lower the times of these throttles, except of those that another transaction has locked."""
    query = sa.select(throttles.c.kind, throttles.c.subject, *_columns).where(rows.among(keys))
    found = connection.execute(query.with_for_update(skip_locked=True)).all()
    for kind, subject, *values in found:
        seen = Throttle(*values)
        exchange(connection, Kind(kind), subject, seen=seen, new=seen.lowered(policy, now))


def spent(now: datetime, kinds: Iterable[Kind]) -> Rows:
    """Return the throttles of these kinds that delay no login on any node, although clocks
    differ.
    """
    c = throttles.c
    now -= CLOCK_TOLERANCE
    times = (c.drained_at <= now, c.next_allowed_at <= now, c.in_flight_until <= now)
    return Rows(throttles, sa.and_(_is_one_of(kinds), *times))


def of_unknown_names(before: datetime) -> Rows:
    """Return the throttles of unknown names whose last guess was before a time. Without their
    deletion unauthenticated clients could fill the table.
    """
    c = throttles.c
    is_unknown = (c.kind == Kind.PASSWORD.value, c.subject.like(f"{UNKNOWN_NAME}%"))
    is_old = (c.drained_at <= before, c.next_allowed_at <= before)
    return Rows(throttles, sa.and_(*is_unknown, *is_old))


def of_forgotten(kinds: Iterable[Kind]) -> Rows:
    """Return the throttles of browsers and addresses that are no longer recognised."""
    is_forgotten = throttles.c.subject.not_in(sa.select(known_browsers.c.id))
    return Rows(throttles, sa.and_(_is_one_of(kinds), is_forgotten))


def _is_one_of(kinds: Iterable[Kind]) -> Any:
    return throttles.c.kind.in_([kind.value for kind in kinds])


def _inserting(connection: Connection, kind: Kind, subject: str, new: Throttle) -> Any:
    return insert_into(connection, throttles).values(
        kind=kind.value, subject=subject, **asdict(new)
    )


def _is(kind: Kind, subject: str) -> Any:
    return sa.and_(throttles.c.kind == kind.value, throttles.c.subject == subject)
