"""Detection of audit log changes made without the key."""

from __future__ import annotations

import socket
from contextlib import closing
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from tests.support.acts import BY_CLI, CLI, Acts
from tests.support.race import race
from tests.usecases.test_races import reset
from watchword.domain.errors import ChainBroken, ChainMissing
from watchword.domain.mfa import Event
from watchword.storage.audit_query import AuditFilter
from watchword.usecases.administrators import other_accounts
from watchword.usecases.audit import audit_log
from watchword.usecases.context import Watchword
from watchword.usecases.operations import key_rotation


@pytest.fixture
def lived(acts: Acts) -> Acts:
    """An installation with some audit events."""
    principal = acts.activate()
    acts.press(Event.RESET, principal)
    acts.create("bob:ü")
    other_accounts.disable(acts.app, BY_CLI, "bob:ü")
    return acts


def execute(acts: Acts, statement: str) -> None:
    with acts.app.database.writing() as connection:
        connection.execute(sa.text(statement))


def broken_at(acts: Acts) -> int:
    with pytest.raises(ChainBroken) as refused:
        audit_log.verify(acts.app, CLI)
    return int(str(refused.value.facts["event_id"]))


def test_unchanged_log_verifies(lived: Acts) -> None:
    found = audit_log.verify(lived.app, CLI)
    assert found.count == found.last_id >= 8
    lived.create("carol")
    again = audit_log.verify(lived.app, CLI)
    assert (again.last_id, again.mac != found.mac) == (found.last_id + 1, True)


def test_log_with_events_of_two_processes_verifies(lived: Acts) -> None:
    other = lived.here.reopened()
    other_accounts.enable(other, BY_CLI, "bob:ü")
    lived.create("carol")  # this process has not seen the new end of the chain
    other_accounts.disable(other, BY_CLI, "bob:ü")
    other.close()
    assert audit_log.verify(lived.app, CLI).count


def test_event_written_during_verification_does_not_break_the_chain(lived: Acts) -> None:
    """Another server writes an event between the first and the second statement."""
    with closing(lived.here.reopened()) as other:
        changes = iter([partial(other_accounts.enable, other, BY_CLI, "bob:ü")])

        def write(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            for change in changes if statement.startswith("SELECT") else ():
                change()

        engine = lived.app.database.engine
        sa.event.listen(engine, "after_cursor_execute", write)
        found = audit_log.verify(lived.app, CLI)
        sa.event.remove(engine, "after_cursor_execute", write)
    assert audit_log.verify(lived.app, CLI).last_id == found.last_id + 1


COLUMNS = {
    "at": "at + 1", "event": "'auth.login'", "outcome": "'refused'", "interface": "'system'",
    "actor_id": "77", "actor_name": "'mallory'", "subject_id": "78", "subject_name": "'x'",
    "address": "'192.0.2.1'", "user_agent": "'y'", "request_id": "'z'", "session_ref": "'0'",
    "facts": "'{ }'", "mac": "'00'", "node": "''",
}  # fmt: skip


@pytest.mark.parametrize("column", COLUMNS)
def test_changed_value_is_found(lived: Acts, column: str) -> None:
    # Event 5 is a confirmed enrolment: it has a value in each column.
    execute(lived, f"UPDATE audit_events SET {column} = {COLUMNS[column]} WHERE id = 5")
    assert broken_at(lived) == 5


def test_removed_event_is_found(lived: Acts) -> None:
    execute(lived, "DELETE FROM audit_events WHERE id = 3")
    assert broken_at(lived) == 3


def test_removal_of_the_last_event_is_found(lived: Acts) -> None:
    last = audit_log.verify(lived.app, CLI).last_id
    execute(lived, f"DELETE FROM audit_events WHERE id = {last}")
    assert broken_at(lived) == last


def test_chain_that_is_gone_is_not_started_again(lived: Acts) -> None:
    """A new chain would cover a changed log, starting at the next command or start."""
    execute(lived, "DELETE FROM audit_chain")
    execute(lived, "UPDATE audit_events SET actor_name = 'mallory' WHERE id = 3")
    with pytest.raises(ChainMissing):
        lived.here.reopened()
    with pytest.raises(ChainMissing):
        audit_log.verify(lived.app, CLI)


@pytest.mark.parametrize("lives_on", [True, False])
def test_chain_start_that_moves_behind_a_changed_event_is_found(
    lived: Acts, lives_on: bool
) -> None:
    last = audit_log.verify(lived.app, CLI).last_id
    execute(lived, "UPDATE audit_events SET actor_name = 'mallory' WHERE id = 3")
    execute(lived, f"UPDATE audit_chain SET first_id = {last + 1}, last_id = {last}, mac = ''")
    if lives_on:
        lived.create("carol")
    assert broken_at(lived) == 1


@pytest.mark.parametrize("facts", ['{"old": "0001"}', '{"old": "0004"}', "{}", "[]", "{"])
def test_forged_upgrade_event_at_the_chain_start_is_found(lived: Acts, facts: str) -> None:
    last = audit_log.verify(lived.app, CLI).last_id
    escaped = facts.replace(":", "\\:")
    execute(
        lived,
        f"UPDATE audit_events SET event = 'system.upgraded', facts = '{escaped}' WHERE id = {last}",
    )
    execute(lived, f"UPDATE audit_chain SET first_id = {last}")
    assert broken_at(lived) == (last if facts == '{"old": "0001"}' else 1)


def test_event_inserted_before_the_first_one_is_found(lived: Acts) -> None:
    copy(lived, 3, 0)
    assert broken_at(lived) == 0


def copy(acts: Acts, id_: int, to: int) -> None:
    columns = ", ".join(["at", *[c for c in COLUMNS if c != "at"]])
    execute(
        acts,
        f"INSERT INTO audit_events (id, {columns}) SELECT {to}, {columns}"
        f" FROM audit_events WHERE id = {id_}",
    )


def test_two_swapped_events_are_found(lived: Acts) -> None:
    for old, new in ((3, -1), (4, 3), (-1, 4)):
        execute(lived, f"UPDATE audit_events SET id = {new} WHERE id = {old}")
    assert broken_at(lived) == 3


def test_inserted_event_is_found(lived: Acts) -> None:
    last = audit_log.verify(lived.app, CLI).last_id
    copy(lived, last, last + 1)
    assert broken_at(lived) == last + 1
    lived.create("carol")  # logging continues
    assert broken_at(lived) == last + 1


def test_chain_verifies_after_a_key_rotation(lived: Acts) -> None:
    key_rotation.rotate(lived.app, CLI, lambda *_progress: None)
    assert audit_log.verify(lived.app, CLI).count
    again = lived.here.reopened()
    assert audit_log.verify(again, CLI).count
    again.close()


def test_concurrent_events_of_two_processes_form_one_chain(acts: Acts) -> None:
    acts.activate()
    race(acts.here, reset, [("", "")] * 20)
    assert audit_log.verify(acts.app, CLI).count


# --- pruning after 400 days ---------------------------------------------------------------------
@pytest.fixture
def pruned(lived: Acts) -> Acts:
    """An installation after 400 days: some new events, and the old ones pruned."""
    lived.here.clock.advance(timedelta(days=399))
    lived.create("carol")
    assert audit_log.prune(lived.app) == 0  # no event is old enough
    lived.here.clock.advance(timedelta(days=2, minutes=1))
    old = audit_log.verify(lived.app, CLI).count - 1
    assert audit_log.prune(lived.app) == old
    return lived


def test_old_events_are_pruned_and_the_rest_verifies(pruned: Acts) -> None:
    kept = audit_log.page(pruned.app, CLI, AuditFilter(), 500)
    assert [(e.event, e.subject) for e in kept] == [
        ("audit.pruned", ""), ("administrator.created", "carol")
    ]  # fmt: skip
    pruning, last = kept
    assert (pruning.facts["through"], pruning.facts["count"]) == (last.id - 1, last.id - 1)
    found = audit_log.verify(pruned.app, CLI)
    assert (found.first_id, found.last_id, found.count) == (last.id, pruning.id, 2)


def test_pruning_runs_once_a_day_in_limited_batches(pruned: Acts) -> None:
    """Otherwise each event that becomes too old would cause a pruning event of its own."""
    for number in range(5):
        pruned.create(f"x{number}")
        pruned.here.clock.advance(timedelta(hours=1))
    pruned.here.clock.advance(timedelta(days=400))
    # carol's event is now two days above the limit, the others only some hours.
    assert [audit_log.prune(pruned.app, most=4) for _ in range(3)] == [4, 0, 0]
    pruned.here.clock.advance(timedelta(days=1))
    assert [audit_log.prune(pruned.app, most=2) for _ in range(3)] == [2, 1, 0]
    assert audit_log.verify(pruned.app, CLI).count == 3


def test_removed_event_after_the_pruned_ones_is_found(pruned: Acts) -> None:
    first = audit_log.verify(pruned.app, CLI).first_id
    execute(pruned, f"DELETE FROM audit_events WHERE id = {first}")
    assert broken_at(pruned) == first


FORGED = {
    "all": '{"count": 1, "mac": "%s", "through": %d}', "no mac": '{"through": %d}',
    "no facts": "{}", "no JSON": "{", "other kinds": '{"mac": 1, "through": "%d"}',
}  # fmt: skip


@pytest.mark.parametrize("facts", FORGED)
def test_forged_pruning_event_hides_nothing(lived: Acts, facts: str) -> None:
    """The first three events are deleted, and a forged event reports that they were pruned."""
    with lived.app.database.reading() as connection:
        mac = connection.execute(sa.text("SELECT mac FROM audit_events WHERE id = 3")).scalar()
    text = FORGED[facts].replace("%s", str(mac)).replace("%d", "3").replace(":", "\\:")
    execute(lived, "DELETE FROM audit_events WHERE id <= 3")
    execute(lived, f"UPDATE audit_events SET event = 'audit.pruned', facts = '{text}' WHERE id = 6")
    assert broken_at(lived) == (6 if facts == "all" else 1)


def test_forged_pruning_event_among_them_hides_nothing(lived: Acts) -> None:
    """A pruning event must be newer than all the events that it reports as pruned."""
    through = audit_log.verify(lived.app, CLI).last_id - 1
    with lived.app.database.reading() as connection:
        query = sa.text(f"SELECT mac FROM audit_events WHERE id = {through}")
        mac = connection.execute(query).scalar()
    facts = FORGED["all"].replace("%s", str(mac)).replace("%d", str(through)).replace(":", "\\:")
    execute(lived, f"DELETE FROM audit_events WHERE id < {through}")
    execute(
        lived,
        f"UPDATE audit_events SET event = 'audit.pruned', outcome = 'done', facts = '{facts}'"
        f" WHERE id = {through}",
    )
    assert broken_at(lived) == 1


def test_event_inserted_into_the_pruned_range_is_found(pruned: Acts) -> None:
    first = audit_log.verify(pruned.app, CLI).first_id
    copy(pruned, first, first - 1)
    assert broken_at(pruned) == first - 1


@pytest.mark.parametrize("made_old", ["id <= 3", "id = 1"])
def test_events_that_were_made_old_are_not_pruned(lived: Acts, made_old: str) -> None:
    """Otherwise the server would record the pruning in the chain, and the rest would verify."""
    days = timedelta(days=401) // timedelta(microseconds=1)
    execute(lived, f"UPDATE audit_events SET at = at - {days} WHERE {made_old}")
    with pytest.raises(ChainBroken):
        audit_log.prune(lived.app)
    assert broken_at(lived) == 1


def test_removed_pruning_event_is_found(pruned: Acts) -> None:
    last = audit_log.verify(pruned.app, CLI).last_id
    execute(pruned, f"UPDATE audit_events SET event = 'auth.login' WHERE id = {last}")
    assert broken_at(pruned) == 1


def test_concurrent_prunings_record_one_event(lived: Acts) -> None:
    lived.here.clock.advance(timedelta(days=500))
    assert race(lived.here, prune, [("", "")] * 6) == ["done"] * 6
    kept = audit_log.page(lived.app, CLI, AuditFilter(), 500)
    assert [e.event for e in kept] == ["audit.pruned"]
    assert audit_log.verify(lived.app, CLI).count == 1


def prune(app: Watchword, _name: str, _text: str) -> None:
    audit_log.prune(app)


def test_event_contains_the_node_that_wrote_it(lived: Acts) -> None:
    events = audit_log.page(lived.app, CLI, AuditFilter(), 500)
    assert {e.node for e in events} == {socket.gethostname()}
