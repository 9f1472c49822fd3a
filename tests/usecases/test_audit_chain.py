"""The audit log's chain: what is changed in the database without the key is found."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.support.acts import BY_CLI, CLI, Acts
from tests.usecases.test_races import race, reset
from watchword.domain.errors import ChainBroken
from watchword.domain.mfa import Event
from watchword.usecases import audit_log, keys, others


@pytest.fixture
def lived(acts: Acts) -> Acts:
    """An installation in which some things have happened."""
    principal = acts.activate()
    acts.press(Event.RESET, principal)
    acts.create("bob:ü")
    others.disable(acts.app, BY_CLI, "bob:ü")
    return acts


def execute(acts: Acts, statement: str) -> None:
    with acts.app.database.writing() as connection:
        connection.execute(sa.text(statement))


def broken_at(acts: Acts) -> int:
    with pytest.raises(ChainBroken) as told:
        audit_log.verify(acts.app)
    return int(str(told.value.facts["event_id"]))


def test_a_log_that_nobody_touched_holds(lived: Acts) -> None:
    found = audit_log.verify(lived.app)
    assert found.count == found.last_id >= 8
    lived.create("carol")
    again = audit_log.verify(lived.app)
    assert (again.last_id, again.mac != found.mac) == (found.last_id + 1, True)


def test_it_holds_for_another_process(lived: Acts) -> None:
    other = lived.here.reopened()
    others.enable(other, BY_CLI, "bob:ü")
    other.close()
    assert audit_log.verify(lived.app).count


COLUMNS = {
    "at": "at + 1", "event": "'auth.login'", "outcome": "'refused'", "door": "'system'",
    "actor_id": "77", "actor_name": "'mallory'", "subject_id": "78", "subject_name": "'x'",
    "address": "'192.0.2.1'", "user_agent": "'y'", "request_id": "'z'", "session_ref": "'0'",
    "facts": "'{ }'", "mac": "'00'",
}  # fmt: skip


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_value_is_found(lived: Acts, column: str) -> None:
    # The confirming of the enrolment has a value in each column.
    execute(lived, f"UPDATE audit_events SET {column} = {COLUMNS[column]} WHERE id = 5")
    assert broken_at(lived) == 5


def test_a_removed_event_is_found(lived: Acts) -> None:
    execute(lived, "DELETE FROM audit_events WHERE id = 3")
    assert broken_at(lived) == 3


def test_the_last_event_cannot_be_removed_either(lived: Acts) -> None:
    last = audit_log.verify(lived.app).last_id
    execute(lived, f"DELETE FROM audit_events WHERE id = {last}")
    assert broken_at(lived) == last


def test_a_log_without_the_state_of_its_chain_does_not_hold(lived: Acts) -> None:
    """Who may delete rows deletes that one too, lest the last event is missed."""
    execute(lived, "DELETE FROM audit_chain")
    assert broken_at(lived) == 0


def test_two_events_that_changed_places_are_found(lived: Acts) -> None:
    for old, new in ((3, -1), (4, 3), (-1, 4)):
        execute(lived, f"UPDATE audit_events SET id = {new} WHERE id = {old}")
    assert broken_at(lived) == 3


def test_an_inserted_event_is_found(lived: Acts) -> None:
    columns = ", ".join(["at", *[c for c in COLUMNS if c != "at"]])
    last = audit_log.verify(lived.app).last_id
    execute(
        lived,
        f"INSERT INTO audit_events (id, {columns}) SELECT {last + 1}, {columns}"
        f" FROM audit_events WHERE id = {last}",
    )
    assert broken_at(lived) == last + 1
    lived.create("carol")  # and the log goes on
    assert broken_at(lived) == last + 1


def test_the_chain_outlives_a_rotation_of_keys(lived: Acts) -> None:
    keys.rotate(lived.app, CLI, lambda *_told: None)
    assert audit_log.verify(lived.app).count
    again = lived.here.reopened()
    assert audit_log.verify(again).count
    again.close()


def test_events_of_two_processes_at_once_stand_in_one_chain(acts: Acts) -> None:
    acts.activate()
    race(acts.here, reset, [("", "")] * 20)
    assert audit_log.verify(acts.app).count
