"""Rotation of the keys at rest while servers run.

    publish a new key  ->  make it current  ->  seal every row again  ->  open every row

The rotation can be interrupted after any step: its progress is read from the keyring file and from
the rows, so the same command continues it. Hashes and MACs (passwords, recovery codes, API
passwords) cannot be recomputed without the plain value; they stay valid under their key until
their owner renews them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from itertools import chain
from typing import Final

from msgspec import Struct

from watchword.crypto import keyring, ring_file
from watchword.crypto.keyring import Place
from watchword.crypto.ring_file import RingFile
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.operational_errors import CannotDecrypt
from watchword.storage import administrators, audit_history, key_usage, sealed_rows
from watchword.storage.key_usage import Holder
from watchword.storage.sealed_rows import SealedRow
from watchword.usecases.context import Watchword
from watchword.usecases.progress import Progress
from watchword.usecases.unit_of_work import bookkeeping, reading, unit

SEALED_AT_ONCE: Final = 200
"""Rows of a transaction, which holds SQLite's write lock for some hundredths of a second."""
READ_AT_ONCE: Final = 1000
_MOST_ROUNDS: Final = 5


class Rotation(Struct, frozen=True):
    """The result: rows sealed in this run, rows verified under the current key per table, rows
    that no key opens, and the number of rows still under an older key, which another node uses.
    """

    key_id: str
    sealed_anew: int
    proved: dict[str, int]
    broken: tuple[SealedRow, ...]
    late: int

    @property
    def is_whole(self) -> bool:
        """Whether the rotation is complete."""
        return not self.broken and not self.late


class KeyState(Struct, frozen=True):
    """One key of the ring (`old`, `current` or `prepared`), the number of values sealed under it,
    and the accounts with a password, recovery code or API password that depends on it.
    """

    id: str
    state: str
    sealed: int
    holders: tuple[Holder, ...]


def is_unfinished(app: Watchword) -> bool:
    """Return whether `rotate` has something to complete. It reads nothing if there was no rotation."""
    return len(app.keyring.ids) > 1 and (_prepared(app) is not None or not _is_whole(app))


def states(app: Watchword, actor: Actor) -> list[KeyState]:
    """Return the keys of the ring, oldest first."""
    ids, current = app.keyring.ids, app.keyring.current_id
    found = []
    with reading(app, actor) as connection:
        for id_ in ids:
            count = sealed_rows.count_under(connection, keyring.head_of(id_))
            holders = tuple(key_usage.holders(connection, [id_]))
            found.append(KeyState(id_, _state(ids, current, id_), count, holders))
    return found


def _state(ids: tuple[str, ...], current: str, id_: str) -> str:
    if id_ == current:
        return "current"
    return "old" if ids.index(id_) < ids.index(current) else "prepared"


# --- rotating --------------------------------------------------------------------------------
def prepare(app: Watchword, actor: Actor) -> str:
    """Publish a new key that is not used yet, unless one is published already. Returns its id.
    Raises PlaceUnusable.
    """
    with _changing(app) as file:
        return _prepared(app) or _publish(app, actor, file)


def rotate(
    app: Watchword, actor: Actor, progress: Progress, *, may_publish: bool = True
) -> Rotation:
    """Complete the rotation, also one that an earlier run left unfinished.

    A new key is created only when the last rotation is complete, and never without `may_publish`.
    Raises PlaceUnusable when another command changes the keyring.
    """
    with _changing(app) as file:
        prepared = _prepared(app)
        if prepared is None and may_publish and _is_whole(app):
            prepared = _publish(app, actor, file)
        if prepared is not None:
            _activate(app, actor, file, prepared)
        result = _seal_and_verify(app, progress)
        _record_end(app, actor, result)
    return result


def _seal_and_verify(app: Watchword, progress: Progress) -> Rotation:
    """Seal and verify all rows, again while verification finds rows under the old key: a
    transaction that began before the new key was current may still commit such a row.
    """
    done = 0
    for _ in range(_MOST_ROUNDS):
        done += _seal_again(app, progress)
        result = _verify(app, done)
        if not result.late:
            break
    return result


def _changing(app: Watchword) -> AbstractContextManager[RingFile]:
    return ring_file.changing(keyring.path_in(app.settings.data_dir))


def _prepared(app: Watchword) -> str | None:
    last = app.keyring.ids[-1]
    return last if last != app.keyring.current_id else None


def _is_whole(app: Watchword) -> bool:
    """Return whether the last rotation is complete: no row is under another key, and the log
    records its end (a run may have been killed between the last row and the verification).
    """
    current = app.keyring.current_id
    with app.database.reading() as connection:
        left = sealed_rows.count_not_under(connection, keyring.head_of(current))
        recorded = audit_history.newest_facts(connection, AuditEvent.KEY_ROTATED, "done")
    is_recorded = recorded is not None and recorded.get("new") == current
    return left == 0 and (is_recorded or len(app.keyring.ids) == 1)


def _publish(app: Watchword, actor: Actor, file: RingFile) -> str:
    with unit(app, actor) as u:
        key_id = file.publish()
        u.record(AuditEvent.KEY_ROTATED, outcome="prepared", new=key_id)
    return key_id


def _activate(app: Watchword, actor: Actor, file: RingFile, key_id: str) -> None:
    """Make the key current. The log is written first, so that no change is missing from the log;
    if the process is killed in between, the next run continues.
    """
    with unit(app, actor) as u:
        old = app.keyring.current_id
        u.record(AuditEvent.KEY_ROTATED, outcome="begun", old=old, new=key_id)
    file.activate(key_id)


def _seal_again(app: Watchword, progress: Progress) -> int:
    """Seal every row that is not under the current key. A batch is a transaction, so that no
    request waits for the rotation.
    """
    head = keyring.head_of(app.keyring.current_id)
    with app.database.reading() as connection:
        total = sealed_rows.count_not_under(connection, head)
    done = 0
    for rows in _batches(app, SEALED_AT_ONCE, head):
        done += _seal_rows(app, rows)
        progress(done, max(total, done))
    return done


def _batches(app: Watchword, most: int, not_under: bytes | None) -> Iterator[list[SealedRow]]:
    """Yield the rows of all tables in batches, each read in a snapshot of its own."""
    for table in sealed_rows.TABLES:
        after = None
        while rows := _next(app, table, after, most, not_under):
            yield rows
            after = rows[-1].key


def _next(
    app: Watchword, table: str, after: int | str | None, most: int, not_under: bytes | None
) -> list[SealedRow]:
    with app.database.reading() as connection:
        return sealed_rows.next_rows(connection, table, after=after, most=most, not_under=not_under)


def _seal_rows(app: Watchword, rows: Iterable[SealedRow]) -> int:
    """Seal rows again. Returns how many. A row that changed since it was read has a newer value and
    stays unchanged.
    """
    sealed = [*_sealed(app, rows)]  # before the transaction, which holds the write lock
    with bookkeeping(app) as u:
        return sum(sealed_rows.replace(u.connection, row, value) for row, value in sealed)


def _sealed(app: Watchword, rows: Iterable[SealedRow]) -> Iterator[tuple[SealedRow, bytes]]:
    for row in rows:
        # A row that no key opens is reported at the end.
        with suppress(CannotDecrypt):
            yield row, app.keyring.seal(_place(row), app.keyring.open(_place(row), row.value))


def _verify(app: Watchword, done: int) -> Rotation:
    """Open every row and count the results."""
    current = app.keyring.current_id
    proved, broken, late = dict.fromkeys(sealed_rows.TABLES, 0), [], 0
    for row in chain.from_iterable(_batches(app, READ_AT_ONCE, None)):
        if not _opens(app, row):
            broken.append(row)
        elif keyring.sealed_under(row.value) == current:
            proved[row.table] += 1
        else:
            late += 1
    return Rotation(current, done, proved, tuple(broken), late)


def _opens(app: Watchword, row: SealedRow) -> bool:
    try:
        app.keyring.open(_place(row), row.value)
    except CannotDecrypt:
        return False
    return True


def _place(row: SealedRow) -> Place:
    return Place(row.table, row.column, str(row.key))


def _record_end(app: Watchword, actor: Actor, result: Rotation) -> None:
    with unit(app, actor) as u:
        u.record(
            AuditEvent.KEY_ROTATED,
            outcome="done" if result.is_whole else "failed",
            new=result.key_id,
            rows=sum(result.proved.values()),
            broken=len(result.broken),
            late=result.late,
        )


def name_of(app: Watchword, row: SealedRow) -> str:
    """Return the username of a row's account; empty without an account."""
    if row.table != "authenticators":
        return ""
    with app.database.reading() as connection:
        account = administrators.get(connection, int(row.key))
    return account.username if account else ""
