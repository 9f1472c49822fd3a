"""Every row of the state table, run against the use-cases on both databases.

Each row runs twice from its initial state: without its precondition, when it must be refused and
change nothing; and with it, when every column must match the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support import installation
from tests.support.acts import Acts
from tests.support.postgres import PostgresServer
from tests.usecases.scene import Scenes
from tests.usecases.state_table import CHANGES, ROWS, WITHOUT_A_ROW, Held, Row
from tests.usecases.table_events import EVENTS
from watchword.domain.audit import AuditEvent
from watchword.domain.mfa import TRANSITIONS, Status

SETTINGS = ("off", "always", "other_browser")


INSTALLATIONS = [
    (database, setting) for database in ("sqlite", "postgresql") for setting in SETTINGS
]
Stages = Callable[[str, str], Scenes]


@pytest.fixture(scope="module")
def stages(
    postgres_server: PostgresServer,
    postgres_template: tuple[Path, str],
    sqlite_template: tuple[Path, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stages]:
    """One installation for each database and setting, used by all its rows. Bob changes other
    accounts, carol is another administrator.
    """
    with ExitStack() as opened:

        @cache
        def stage(database: str, setting: str) -> Scenes:
            is_sqlite = database == "sqlite"
            template = sqlite_template if is_sqlite else postgres_template
            server = None if is_sqlite else postgres_server
            folder = tmp_path_factory.mktemp("table") / "d"
            here = installation.open_copy(template, folder, server, enrolment_proof=setting)
            opened.callback(here.close)
            for name in ("bob", "carol"):
                Acts(here, name)
            return Scenes(here)

        yield stage


def on_each_installation() -> list[Any]:
    """Return each row for SQLite under each of its settings, and for PostgreSQL under one of them.

    The setting changes from row to row: no SQL statement depends on it.
    """
    settings = {
        "sqlite": {number: set(row.settings) for number, row in enumerate(ROWS)},
        "postgresql": {n: {row.settings[n % len(row.settings)]} for n, row in enumerate(ROWS)},
    }
    return [
        pytest.param(database, setting, row, id=f"{database}-{setting}-{row.start}: {row.event}")
        for database, setting in INSTALLATIONS
        for number, row in enumerate(ROWS)
        if setting in settings[database][number]
    ]


@pytest.mark.parametrize(("database", "setting", "row"), on_each_installation())
def test_each_row_matches_the_table(stages: Stages, database: str, setting: str, row: Row) -> None:
    scenes = stages(database, setting)
    if row.without is not None:
        _refused(scenes, row)
    if row.audit:
        _done(scenes, row)


def _refused(scenes: Scenes, row: Row) -> None:
    """Run the row without its precondition: only the counts of failures may change."""
    assert row.without is not None
    s = scenes.scene(row.start)
    before = s.held()
    with pytest.raises(row.without):
        EVENTS[row.event](s, not row.audit)
    assert s.state == row.start
    if "enabled" not in row.event:  # this event disables the account first
        assert s.held() == before


def _done(scenes: Scenes, row: Row) -> None:
    s = scenes.scene(row.start)
    before = s.held()
    assert s.state == row.start
    EVENTS[row.event](s, True)
    after = s.held()
    found = (s.state, before - after, s.recorded(), s.shown_to())
    assert found == (row.to, row.ends & before, row.audit, row.shown_to)


@pytest.mark.parametrize("start", ["D", "P0", "PR", "A", "A+locked"])
@pytest.mark.parametrize(("database", "setting"), INSTALLATIONS)
def test_account_initially_has_one_of_each_credential(
    stages: Stages, database: str, setting: str, start: str
) -> None:
    """Otherwise a row could pass because a credential never existed."""
    s = stages(database, setting).scene(start)
    missing = set() if start.startswith("A") else {Held.SECRET}
    if setting == "off":
        missing.add(Held.TICKET)
    assert s.held() == frozenset(Held) - missing
    assert s.state == start


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_row_is_independent_of_the_previous_one(stages: Stages, database: str) -> None:
    scenes = stages(database, "always")
    first = scenes.scene("A")
    before = first.held(), first.now, first.app.keyring.ids
    EVENTS["key rotation"](first, True)
    EVENTS["two weeks pass"](scenes.scene("P0"), True)
    EVENTS["deleted"](scenes.scene("A"), True)
    again = scenes.scene("A")
    assert (again.state, again.recorded(), again.shown_to()) == ("A", frozenset(), frozenset())
    assert (again.held(), again.now, again.app.keyring.ids) == before


# --- the table itself -------------------------------------------------------------------------
def test_events_of_the_table_are_those_of_the_test() -> None:
    assert {row.event for row in ROWS} == set(EVENTS)


def test_rows_are_unique_and_have_a_setting() -> None:
    assert len({(r.start, r.event, r.settings) for r in ROWS}) == len(ROWS)
    assert all(row.settings and set(row.settings) <= set(SETTINGS) for row in ROWS)
    assert all(row.audit or row.without for row in ROWS)


def test_each_recorded_change_has_a_row_or_an_exception() -> None:
    recorded = {e for e in AuditEvent if e.value.startswith(CHANGES)}
    with_a_row = {e for row in ROWS for e in row.audit}
    assert recorded - with_a_row == set(WITHOUT_A_ROW)


def test_each_transition_of_the_life_cycle_has_a_row_in_the_table() -> None:
    words = {"D": Status.DISABLED, "P0": Status.PENDING, "PR": Status.PENDING, "A": Status.ACTIVE}
    moves = {
        (words[r.start], words[r.to])
        for r in ROWS
        if r.start in words and r.to in words and words[r.start] is not words[r.to]
    }
    # One row enables and finishes in one event.
    moves.discard((Status.DISABLED, Status.ACTIVE))
    assert moves == {(start, transition.to) for (start, _), transition in TRANSITIONS.items()}
