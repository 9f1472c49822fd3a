"""Work on all accounts: memory and locks do not grow with the number of accounts."""

from __future__ import annotations

import json
import os
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.support import installation, many_rows
from tests.support.acts import CLI, Acts
from tests.support.installation import Installation
from tests.support.statements import counted
from watchword.cli import account_commands as commands
from watchword.cli.terminal import show_json, show_json_list
from watchword.domain.audit import AuditEvent as E
from watchword.domain.health_checks import Code
from watchword.storage import database, schema
from watchword.storage.database import streamed
from watchword.usecases import accounts
from watchword.usecases.mfa.lifecycle import secret_place
from watchword.usecases.operations import after_restore, key_rotation, maintenance
from watchword.usecases.operations.data_checks import examine_data

FEW, MANY, PAGE = 300, 1_200, 100
MOST_RATIO = 1.25


@pytest.fixture(scope="module")
def sizes(
    sqlite_template: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[int, Installation]]:
    """Installations with few and with many accounts. Each account appears in each finding."""
    made = {}
    for count in (FEW, MANY):
        folder = tmp_path_factory.mktemp(f"of-{count}") / "d"
        here = installation.open_copy(sqlite_template, folder, None)
        many_rows.fill(here.app, count, 10, Acts(here).account)
        with here.app.database.writing() as connection:
            connection.execute(schema.recovery_codes.delete())
            connection.execute(schema.administrators.update().values(mfa_status="active"))
            connection.execute(schema.api_passwords.update().values(created_at=here.clock.now()))
            connection.execute(schema.authenticators.update().values(secret=b"not sealed"))
        here.settings = here.app.settings
        made[count] = here
    yield made
    for here in made.values():
        here.app.close()


def list_as_rows(here: Installation) -> None:
    commands.print_rows(accounts.everyone(here.app, CLI), "")


def list_as_json(here: Installation) -> None:
    show_json_list(map(commands.row_as_json, accounts.everyone(here.app, CLI)))


def check(here: Installation) -> None:
    found = {each.check: each for each in examine_data(here.settings, here.clock.now())}
    assert found["keyring"].code is Code.KEYRING_SECRETS
    assert found["recovery-codes"].code is Code.RECOVERY_NONE_LEFT


READ_EVERYTHING: dict[str, Callable[[Installation], None]] = {
    "administrator list": list_as_rows,
    "administrator list --json": list_as_json,
    "doctor": check,
}


def peak(act: Callable[[Installation], None], here: Installation) -> int:
    act(here)  # statements are compiled and cached
    tracemalloc.start()
    try:
        act(here)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("work", READ_EVERYTHING)
def test_memory_does_not_grow_with_the_accounts(
    sizes: dict[int, Installation], monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    with Path(os.devnull).open("w") as nowhere:
        monkeypatch.setattr("sys.stdout", nowhere)
        monkeypatch.setattr(accounts, "EVERYONE_PAGE", PAGE)
        monkeypatch.setattr(database, "STREAMED", PAGE)
        few, many = (peak(READ_EVERYTHING[work], sizes[count]) for count in (FEW, MANY))
    assert many < few * MOST_RATIO


def test_all_accounts_are_listed_by_name(sizes: dict[int, Installation]) -> None:
    names = [each.username for each in accounts.everyone(sizes[FEW].app, CLI)]
    assert len(names) == FEW + 1
    assert names == sorted(names)


@pytest.mark.parametrize("values", [[], [{}], [1, "ä\nb"], [{"a": {"b": [1]}}, {"c": []}]])
def test_json_list_is_printed_as_a_whole_one(
    values: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    show_json(values)
    whole = capsys.readouterr().out
    show_json_list(iter(values))
    assert capsys.readouterr().out == whole
    assert json.loads(whole) == values


@pytest.mark.parametrize("here", ["postgresql"], indirect=True)
def test_long_result_stays_on_the_postgresql_server(here: Installation) -> None:
    with here.app.database.reading() as connection:
        columns = sa.select(schema.installation.c.id)
        rows = streamed(connection, sa.union_all(*[columns] * 3).subquery().select())
        next(rows)
        open_on_server = connection.exec_driver_sql("SELECT count(*) FROM pg_cursors")
        assert open_on_server.scalar_one() == 1
        assert len([*rows]) == 2


def test_api_passwords_are_revoked_in_batches(acts: Acts, monkeypatch: pytest.MonkeyPatch) -> None:
    many_rows.fill(acts.app, 12, 10, acts.account)
    monkeypatch.setattr(after_restore, "REVOKED_AT_ONCE", 5)
    with counted(acts.app) as made:
        after_restore.end_what_was_open(acts.app, CLI, revoke_api_passwords=True)
    assert made.transactions == 3 + 1 + 1  # the last batch is empty
    with acts.app.database.reading() as connection:
        left = sa.select(schema.api_passwords.c.mac).where(schema.api_passwords.c.mac.is_not(None))
        assert connection.execute(left).all() == []
        event = schema.audit_events.c.event
        recorded = sa.select(sa.func.count()).where(event == E.API_PASSWORD_REVOKED.value)
        assert connection.execute(recorded).scalar_one() == 12


@contextmanager
def changed_rows(acts: Acts, statement: str) -> Iterator[list[int]]:
    """Record the number of changed rows of each statement that begins so."""
    found: list[int] = []

    def note(_connection: object, cursor: Any, sent: str, *_rest: object) -> None:
        if sent.startswith(statement):
            found.append(cursor.rowcount)

    sa.event.listen(acts.app.database.engine, "after_cursor_execute", note)
    try:
        yield found
    finally:
        sa.event.remove(acts.app.database.engine, "after_cursor_execute", note)


def test_expired_rows_are_deleted_in_batches(acts: Acts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is a transaction, so logins do not wait for all of them."""
    many_rows.fill(acts.app, 12, 10, acts.account)
    acts.here.clock.advance(timedelta(days=400))
    monkeypatch.setattr(maintenance, "SWEPT_AT_ONCE", 5)
    monkeypatch.setattr(maintenance, "MOST_SWEPT", 10)
    with changed_rows(acts, "DELETE FROM sessions") as deleted, counted(acts.app) as made:
        assert maintenance.sweep(acts.app) == 6 * 10
    assert deleted == [5, 5]
    assert made.transactions > 6 * 2
    with changed_rows(acts, "DELETE FROM sessions") as deleted:
        assert maintenance.sweep(acts.app) == 6 * 2
        assert maintenance.sweep(acts.app) == 0
    assert deleted == [2]


def test_sweep_without_expired_rows_only_deletes_odd_links(acts: Acts) -> None:
    acts.login()
    maintenance.sweep(acts.app)
    with counted(acts.app) as made:
        assert maintenance.sweep(acts.app) == 0
    few = ("SELECT", "COMMIT", "DELETE FROM first_run_links", "UPDATE old_api_passwords")
    assert [each for each in made.statements if not each.startswith(few)] == []


def test_secrets_are_sealed_again_in_batches(acts: Acts, monkeypatch: pytest.MonkeyPatch) -> None:
    many_rows.fill(acts.app, 12, 10, acts.account)
    with acts.app.database.writing() as connection:
        connection.execute(schema.enrolments.delete())
        table = schema.authenticators
        for (id_,) in connection.execute(sa.select(table.c.administrator_id)).all():
            sealed = acts.app.keyring.seal(secret_place(id_), b"secret")
            row = table.update().where(table.c.administrator_id == id_)
            connection.execute(row.values(secret=sealed))
    monkeypatch.setattr(key_rotation, "SEALED_AT_ONCE", 5)
    monkeypatch.setattr(key_rotation, "READ_AT_ONCE", 5)
    seen: list[tuple[int, int]] = []
    result = key_rotation.rotate(acts.app, CLI, lambda *done: seen.append(done))
    assert result.is_whole
    assert result.proved["authenticators"] == 12
    assert seen == [(1, 14), (6, 14), (11, 14), (13, 14), (14, 14)]
