"""The audit log as a whole: pages, exports whose reading is itself an event, whether the chain
of its rows holds, and its end after some hundred days.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import takewhile

from watchword.crypto.chain import START
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.errors import ChainBroken, ChainMissing
from watchword.storage import administrators, audit
from watchword.storage.audit import ChainState, LinkedRow, OldEvent
from watchword.storage.audit_query import AuditFilter, AuditRow, audit_page, is_named, within
from watchword.storage.database import Connection
from watchword.usecases.context import Watchword
from watchword.usecases.sessions.sessions import Principal, demand_standing
from watchword.usecases.unit_of_work import bookkeeping, reading, unit

EXPORT_PAGE = 1000
PRUNED_AT_ONCE = 5000
"""So many rows are deleted in some hundredths of a second, for which everybody else waits."""
PRUNED_EVERY = timedelta(days=1)


def page(app: Watchword, actor: Actor, wanted: AuditFilter, limit: int) -> list[AuditRow]:
    """Return events, newest first. An account is found as at the login, however its name is
    written; a name that stands in the log as it was asked for is taken at its word.
    """
    with reading(app, actor) as connection:
        return audit_page(connection, _as_written(connection, wanted), limit)


def _as_written(connection: Connection, wanted: AuditFilter) -> AuditFilter:
    if not wanted.account or is_named(connection, wanted.account):
        return wanted
    account = administrators.find(connection, wanted.account)
    return replace(wanted, account=account.username) if account else wanted


def export(
    app: Watchword, actor: Actor, wanted: AuditFilter, principal: Principal | None = None
) -> Iterator[AuditRow]:
    """Yield every wanted event, newest first; the export itself is recorded first. `principal` is
    None on the host's command line. Raises SessionEnded before anything is read.
    """
    with unit(app, actor) as u:
        if principal is not None:
            demand_standing(u, principal)
        u.record(AuditEvent.AUDIT_EXPORTED)
    with reading(app, actor) as connection:
        # Once, not for each page: it reads the whole span of time.
        bounded = within(connection, wanted)
    if bounded is None:
        return
    wanted = bounded
    while rows := page(app, actor, wanted, EXPORT_PAGE):
        yield from rows
        wanted = replace(wanted, before_id=rows[-1].id)


@dataclass(frozen=True)
class Verified:
    """A chain that holds: so many events, up to this one, whose MAC is this.

    Note number and MAC elsewhere: that is how a log whose end was cut off is found out.
    """

    count: int
    first_id: int
    last_id: int
    mac: str


def verify(app: Watchword, actor: Actor) -> Verified:
    """Follow the chain from its first event to its last. Raises ChainBroken, with the number of
    the first event that is not as it was written, or that stands where another one stood; and
    ChainMissing.
    """
    # All in one snapshot: events that are written meanwhile are not looked for.
    with reading(app, actor) as connection:
        state = audit.chain_state(connection)
        if state is None:
            raise ChainMissing
        first_id, mac = beginning(connection, state)
        last_id, mac = _followed(app, connection, first_id, mac)
    return ended(state, first_id, last_id, mac)


def _followed(
    app: Watchword, connection: Connection, first_id: int, mac: str, through: int | None = None
) -> tuple[int, str]:
    """Follow the chain from an event, before which stands `mac`, to its last one or to `through`.
    Returns number and MAC of where it came to. Raises ChainBroken.
    """
    number = first_id
    while rows := audit.linked_rows(connection, number, EXPORT_PAGE):
        if through is not None:
            rows = rows[: through - number + 1]
        number, mac = linked(app, rows, number, mac)
        if number - 1 == through:
            break
    return number - 1, mac


def linked(app: Watchword, rows: Iterable[LinkedRow], number: int, mac: str) -> tuple[int, str]:
    """Return the number behind these events, and the last one's MAC. The first one has `number`,
    and before it stands `mac`. Raises ChainBroken.
    """
    for row in rows:
        mac = app.chain.link(mac, row.linked)
        if row.id != number or row.mac != mac:
            raise ChainBroken(event_id=number)
        number += 1
    return number, mac


def beginning(connection: Connection, state: ChainState) -> tuple[int, str]:
    """Return the number of the chain's first event and the MAC before it: behind what was pruned
    last, as an event tells that is in the chain itself, and so comes after what it tells of. Where
    somebody has forged that event, or removed others besides, the chain does not hold.
    """
    try:
        pruned = audit.newest_told(connection, AuditEvent.AUDIT_PRUNED, "done")
    except ValueError:
        pruned = None
    match pruned:
        case int(number), {"through": int(last), "mac": str(mac)} if (
            number > last >= state.first_id
        ):
            _demand_nothing_before(connection, last + 1)
            return last + 1, mac
    # The chain's row says where it begins, and whoever can write to the database can write that
    # too. But a chain begins with the first event there is, or with one that the key has linked.
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
    """Raise ChainBroken when an event stands where none was ever written, or none is any more:
    it would be read as one of the log, and the chain does not come by it.
    """
    oldest = audit.oldest(connection, most=1)
    if oldest and oldest[0].id < first_id:
        raise ChainBroken(event_id=oldest[0].id)


def ended(state: ChainState, first_id: int, last_id: int, mac: str) -> Verified:
    """Return the chain as verified when it ends as its row says. Raises ChainBroken."""
    if (last_id, mac) != (state.last_id, state.mac):
        raise ChainBroken(event_id=min(last_id, state.last_id) + 1)
    return Verified(last_id - first_id + 1, first_id, last_id, mac)


def prune(app: Watchword, *, most: int = PRUNED_AT_ONCE) -> int:
    """Delete events that are older than `audit_retention_days`, once a day and some thousand at a
    time. Returns how many went.

    They go from the log's beginning only, so that no number is missing between others; the event
    that tells of it has the last one's MAC, from which `verify` goes on. Raises ChainBroken, and
    deletes nothing, where they are not as they were written: somebody may have made them old.
    """
    last = _too_old(app, most)
    if last is None:
        return 0
    with bookkeeping(app) as u:
        count = audit.delete_through(u.connection, last.id)
        if count:  # another node may have just done it
            u.record(AuditEvent.AUDIT_PRUNED, count=count, through=last.id, mac=last.mac)
        return count


def _too_old(app: Watchword, most: int) -> OldEvent | None:
    """Return the last one of the events that are to go; None while it is too early. Looked for
    in a snapshot, so that nobody waits while the chain is followed.
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
