"""Every row of the table of states, against the real use-cases, on both databases.

Each row is done twice, each time from its state as it was made: without what it needs, which is
refused and changes nothing; and with it, when each column has to be as the table says.
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


PLACES = [(database, setting) for database in ("sqlite", "postgresql") for setting in SETTINGS]
Stages = Callable[[str, str], Scenes]


@pytest.fixture(scope="module")
def stages(
    postgres_server: PostgresServer,
    postgres_template: tuple[Path, str],
    sqlite_template: tuple[Path, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stages]:
    """One installation on each database under each setting, for all rows there; bob acts on
    others, carol is another administrator.
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


def in_each_place() -> list[Any]:
    """Each row on both databases: on SQLite under each setting that it holds for, on PostgreSQL
    under one of them, a different one from row to row (no statement knows the setting).
    """
    settings = {
        "sqlite": {number: set(row.settings) for number, row in enumerate(ROWS)},
        "postgresql": {n: {row.settings[n % len(row.settings)]} for n, row in enumerate(ROWS)},
    }
    return [
        pytest.param(database, setting, row, id=f"{database}-{setting}-{row.start}: {row.event}")
        for database, setting in PLACES
        for number, row in enumerate(ROWS)
        if setting in settings[database][number]
    ]


@pytest.mark.parametrize(("database", "setting", "row"), in_each_place())
def test_each_row_is_as_the_table_says(
    stages: Stages, database: str, setting: str, row: Row
) -> None:
    scenes = stages(database, setting)
    if row.without is not None:
        _refused(scenes, row)
    if row.audit:
        _done(scenes, row)


def _refused(scenes: Scenes, row: Row) -> None:
    """Without what it needs: refused, and everything as before but what counts the failure."""
    assert row.without is not None
    s = scenes.scene(row.start)
    before = s.held()
    with pytest.raises(row.without):
        EVENTS[row.event](s, not row.audit)
    assert s.state == row.start
    if "enabled" not in row.event:  # that one is disabled first
        assert s.held() == before


def _done(scenes: Scenes, row: Row) -> None:
    s = scenes.scene(row.start)
    before = s.held()
    assert s.state == row.start
    EVENTS[row.event](s, True)
    after = s.held()
    found = (s.state, before - after, s.recorded(), s.told())
    assert found == (row.to, row.ends & before, row.audit, row.told)


@pytest.mark.parametrize("start", ["D", "P0", "PR", "A", "A+locked"])
@pytest.mark.parametrize(("database", "setting"), PLACES)
def test_the_account_holds_one_of_everything_beforehand(
    stages: Stages, database: str, setting: str, start: str
) -> None:
    """Or a row would spare something because it was never there."""
    s = stages(database, setting).scene(start)
    missing = set() if start.startswith("A") else {Held.SECRET}
    if setting == "off":
        missing.add(Held.TICKET)
    assert s.held() == frozenset(Held) - missing
    assert s.state == start


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_row_finds_nothing_of_the_one_before(stages: Stages, database: str) -> None:
    scenes = stages(database, "always")
    first = scenes.scene("A")
    before = first.held(), first.now, first.app.keyring.ids
    EVENTS["key rotation"](first, True)
    EVENTS["two weeks pass"](scenes.scene("P0"), True)
    EVENTS["deleted"](scenes.scene("A"), True)
    again = scenes.scene("A")
    assert (again.state, again.recorded(), again.told()) == ("A", frozenset(), frozenset())
    assert (again.held(), again.now, again.app.keyring.ids) == before


# --- the table itself -------------------------------------------------------------------------
def test_each_event_of_the_table_can_happen_in_the_test_and_the_other_way_round() -> None:
    assert {row.event for row in ROWS} == set(EVENTS)


def test_no_row_stands_twice_and_each_holds_under_some_setting() -> None:
    assert len({(r.start, r.event, r.settings) for r in ROWS}) == len(ROWS)
    assert all(row.settings and set(row.settings) <= set(SETTINGS) for row in ROWS)
    assert all(row.audit or row.without for row in ROWS)


def test_each_change_that_is_recorded_has_a_row_or_a_reason_for_none() -> None:
    recorded = {e for e in AuditEvent if e.value.startswith(CHANGES)}
    with_a_row = {e for row in ROWS for e in row.audit}
    assert recorded - with_a_row == set(WITHOUT_A_ROW)


def test_each_transition_of_the_life_cycle_has_a_row() -> None:
    words = {"D": Status.DISABLED, "P0": Status.PENDING, "PR": Status.PENDING, "A": Status.ACTIVE}
    moves = {
        (words[r.start], words[r.to])
        for r in ROWS
        if r.start in words and r.to in words and words[r.start] is not words[r.to]
    }
    # In one row a person enables and finishes.
    moves.discard((Status.DISABLED, Status.ACTIVE))
    assert moves == {(start, transition.to) for (start, _), transition in TRANSITIONS.items()}
