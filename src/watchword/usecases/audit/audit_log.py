"""The audit log: pages, exports, verification of its chain, and deletion of old events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from itertools import takewhile

from msgspec import Struct
from msgspec.structs import replace

from watchword.crypto.chain import START
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.errors import ChainBroken, ChainMissing
from watchword.storage import administrators, audit, audit_history, audit_search
from watchword.storage.audit import ChainState, LinkedRow, OldEvent
from watchword.storage.audit_query import AuditFilter, AuditRow, audit_page, is_named, within
from watchword.storage.audit_search import Found
from watchword.storage.database import Connection
from watchword.usecases.context import Watchword
from watchword.usecases.progress import Progress, silent
from watchword.usecases.sessions.sessions import Principal, demand_standing
from watchword.usecases.unit_of_work import bookkeeping, reading, unit

EXPORT_PAGE = 1000
PRUNED_AT_ONCE = 5000
"""Deleting this number of rows blocks other writers for some hundredths of a second."""
PRUNED_EVERY = timedelta(days=1)


def page(app: Watchword, actor: Actor, wanted: AuditFilter, limit: int) -> list[AuditRow]:
    """Return events, newest first.

    If the log contains the account's name as written, that spelling is used; otherwise the account
    is looked up as at a login, regardless of case.
    """
    with reading(app, actor) as connection:
        return audit_page(connection, _as_written(connection, wanted), limit)


def search(app: Watchword, actor: Actor, wanted: AuditFilter, limit: int) -> Found:
    """Return events as `page` does, from a limited number of events."""
    with reading(app, actor) as connection:
        return audit_search.search(connection, _as_written(connection, wanted), limit)


def _as_written(connection: Connection, wanted: AuditFilter) -> AuditFilter:
    if not wanted.account or is_named(connection, wanted.account):
        return wanted
    account = administrators.find(connection, wanted.account)
    return replace(wanted, account=account.username) if account else wanted


def export(
    app: Watchword, actor: Actor, wanted: AuditFilter, principal: Principal | None = None
) -> Iterator[AuditRow]:
    """Record the export, then yield every matching event, newest first.

    `principal` is None on the command line. Raises SessionEnded before any event is read.
    """
    with unit(app, actor) as u:
        if principal is not None:
            demand_standing(u, principal)
        u.record(AuditEvent.AUDIT_EXPORTED)
    with reading(app, actor) as connection:
        # Once, not per page: it reads the whole time range.
        bounded = within(connection, wanted)
    if bounded is None:
        return
    wanted = bounded
    while rows := page(app, actor, wanted, EXPORT_PAGE):
        yield from rows
        wanted = replace(wanted, before_id=rows[-1].id)


class Verified(Struct, frozen=True):
    """A valid chain: number of events, first and last event, and the last MAC.

    Keep the last number and MAC elsewhere; only they reveal that the last events were removed.
    """

    count: int
    first_id: int
    last_id: int
    mac: str


def verify(app: Watchword, actor: Actor, progress: Progress = silent) -> Verified:
    """Check the chain from its first event to its last.

    Raises ChainBroken with the number of the first event that was changed, removed or inserted, and
    ChainMissing.
    """
    # One snapshot, so that events written meanwhile do not count as missing.
    with reading(app, actor) as connection:
        state = audit.chain_state(connection)
        if state is None:
            raise ChainMissing
        first_id, mac = beginning(connection, state)
        count = state.last_id - first_id + 1
        last_id, mac = _followed(
            app, connection, first_id, mac,
            progress=lambda number: progress(number - first_id, count),
        )  # fmt: skip
    return ended(state, first_id, last_id, mac)


def _followed(
    app: Watchword,
    connection: Connection,
    first_id: int,
    mac: str,
    through: int | None = None,
    progress: Callable[[int], None] = lambda _number: None,
) -> tuple[int, str]:
    """Check the chain from the event `first_id`, which follows `mac`, to the last event or to
    `through`. Returns number and MAC of the last checked event. Raises ChainBroken.
    """
    number = first_id
    while rows := audit.linked_rows(connection, number, EXPORT_PAGE):
        if through is not None:
            rows = rows[: through - number + 1]
        number, mac = linked(app, rows, number, mac)
        progress(number)
        if number - 1 == through:
            break
    return number - 1, mac


def linked(app: Watchword, rows: Iterable[LinkedRow], number: int, mac: str) -> tuple[int, str]:
    """Check consecutive events; the first has `number` and follows `mac`.

    Returns the number after the last event, and its MAC. Raises ChainBroken.
    """
    for row in rows:
        mac = app.chain.link(mac, row.linked)
        if row.id != number or row.mac != mac:
            raise ChainBroken(event_id=number)
        number += 1
    return number, mac


def beginning(connection: Connection, state: ChainState) -> tuple[int, str]:
    """Return the number of the chain's first event and the MAC before it.

    After pruning, the newest prune event has both. It is part of the chain itself, so a forged one
    breaks the chain. Raises ChainBroken.
    """
    try:
        pruned = audit_history.newest_id_and_facts(connection, AuditEvent.AUDIT_PRUNED, "done")
    except ValueError:
        pruned = None
    match pruned:
        case int(number), {"through": int(last), "mac": str(mac)} if (
            number > last >= state.first_id
        ):
            _demand_nothing_before(connection, last + 1)
            return last + 1, mac
    # An attacker who can write to the database can change the stored beginning. A chain must
    # therefore begin with the first event, or with an event that the key has linked.
    if state.first_id > 1 and not _may_begin(connection, state.first_id):
        raise ChainBroken(event_id=1)
    _demand_nothing_before(connection, 1)
    return state.first_id, START


def _may_begin(connection: Connection, first_id: int) -> bool:
    try:
        return audit.may_begin_chain(connection, first_id)
    except ValueError:
        return False


def _demand_nothing_before(connection: Connection, first_id: int) -> None:
    """Raise ChainBroken for an event before the beginning of the chain, which the chain would
    not cover.
    """
    oldest = audit.oldest(connection, most=1)
    if oldest and oldest[0].id < first_id:
        raise ChainBroken(event_id=oldest[0].id)


def ended(state: ChainState, first_id: int, last_id: int, mac: str) -> Verified:
    """Return the verified chain if its end matches the stored end. Raises ChainBroken."""
    if (last_id, mac) != (state.last_id, state.mac):
        raise ChainBroken(event_id=min(last_id, state.last_id) + 1)
    return Verified(last_id - first_id + 1, first_id, last_id, mac)


def prune(app: Watchword, *, most: int = PRUNED_AT_ONCE) -> int:
    """Delete events older than `audit_retention_days`, once a day, at most `most` per call.
    Returns their number.

    Only the oldest events are deleted, so the numbers stay consecutive. The prune event contains
    the last deleted event's MAC, from which `verify` continues. Raises ChainBroken and deletes
    nothing when those events were changed: an attacker may have changed their times.
    """
    last = _too_old(app, most)
    if last is None:
        return 0
    with bookkeeping(app) as u:
        count = audit.delete_through(u.connection, last.id)
        if count:  # otherwise another node has just deleted them
            u.record(AuditEvent.AUDIT_PRUNED, count=count, through=last.id, mac=last.mac)
        return count


def _too_old(app: Watchword, most: int) -> OldEvent | None:
    """Return the last event to delete; None while it is too early. It is searched in a snapshot,
    so that no writer waits while the chain is checked.
    """
    kept_since = app.clock.now() - timedelta(days=app.settings.audit_retention_days)
    with app.database.reading() as connection:
        first = audit.oldest(connection, most=1)
        if not first or first[0].at >= kept_since - PRUNED_EVERY:
            return None
        found = audit.oldest(connection, most)
        *_others, last = takewhile(lambda event: event.at < kept_since, found)
        state = audit.chain_state(connection)
        if state is None:
            raise ChainMissing
        if last.id >= state.first_id:
            _followed(app, connection, *beginning(connection, state), through=last.id)
        return last
