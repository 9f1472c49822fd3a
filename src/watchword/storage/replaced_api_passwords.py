"""API passwords that were replaced: the one that is accepted until its end, and former ones, which
are rejected but recognised.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchword.domain.clocks import CLOCK_TOLERANCE
from watchword.storage.database import insert_into
from watchword.storage.row_batches import Rows
from watchword.storage.schema import Instant, api_passwords, former_api_passwords, old_api_passwords

MOST_FORMER: Final = 5
"""Former API passwords of an account that are recognised."""
_now, _old, _former = api_passwords.c, old_api_passwords.c, former_api_passwords.c
_KEPT: Final = [c.name for c in _old if c.name != "ends_at"]


def keep_old(connection: Connection, administrator_id: int, ends_at: datetime) -> None:
    """Keep the current API password, if there is one, until `ends_at`."""
    current = sa.select(*(_now[name] for name in _KEPT), sa.literal(ends_at, Instant)).where(
        _now.administrator_id == administrator_id, _now.mac.is_not(None)
    )
    connection.execute(old_api_passwords.insert().from_select([*_KEPT, "ends_at"], current))


def end_old(connection: Connection, administrator_id: int, *, seen: int | None = None) -> bool:
    """Delete the old API password if its generation is `seen` (None: any). Returns whether there
    was one.
    """
    is_meant = _old.administrator_id == administrator_id
    if seen is not None:
        is_meant &= _old.generation == seen
    return connection.execute(old_api_passwords.delete().where(is_meant)).rowcount == 1


def lower_ends(connection: Connection, now: datetime, longest: timedelta) -> None:
    """Lower ends that are too far ahead: a clock was ahead, and is corrected."""
    is_ahead = _old.ends_at > now + longest + CLOCK_TOLERANCE
    ids = sa.select(_old.administrator_id).where(is_ahead).with_for_update(skip_locked=True)
    lowering = old_api_passwords.update().where(_old.administrator_id.in_(ids))
    connection.execute(lowering.values(ends_at=now + longest))


def ended(now: datetime) -> Rows:
    """Return the API passwords that have ended on every node, although clocks differ."""
    return Rows(old_api_passwords, _old.ends_at <= now - CLOCK_TOLERANCE)


def keep_former(connection: Connection, administrator_id: int) -> None:
    """Store the current password among the former ones, so that a script with it is recognised."""
    present = sa.select(_now.administrator_id, _now.generation, _now.mac).where(
        _now.administrator_id == administrator_id, _now.mac.is_not(None)
    )
    inserting = insert_into(connection, former_api_passwords).from_select(
        ["administrator_id", "generation", "mac"], present
    )
    connection.execute(inserting.on_conflict_do_nothing())
    newest = (
        sa.select(_former.generation)
        .where(_former.administrator_id == administrator_id)
        .order_by(_former.generation.desc())
        .limit(MOST_FORMER)
    )
    connection.execute(
        former_api_passwords.delete().where(
            _former.administrator_id == administrator_id, _former.generation.not_in(newest)
        )
    )


def is_former_api_password(
    connection: Connection, administrator_id: int, macs: Sequence[str]
) -> bool:
    """Return whether one of these MACs belongs to a former API password of the account."""
    query = sa.select(_former.mac).where(
        _former.administrator_id == administrator_id, _former.mac.in_(macs)
    )
    return connection.execute(query.limit(1)).first() is not None
