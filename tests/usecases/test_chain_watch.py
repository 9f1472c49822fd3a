"""The regular check of the audit log's chain; on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.support.acts import CLI, Acts, page_of
from watchword.domain.audit import AuditEvent as E
from watchword.domain.errors import ChainBroken
from watchword.domain.health_checks import Code, Level
from watchword.storage import audit
from watchword.usecases.audit import audit_log, banners, chain_watch
from watchword.usecases.audit.chain_watch import ChainWatch
from watchword.usecases.operations import metrics
from watchword.usecases.operations.data_checks import examine_data

BATCH = 3
TAMPERED = {
    "changed": "UPDATE audit_events SET subject_name = 'eve' WHERE id = 4",
    "removed": "DELETE FROM audit_events WHERE id = 4",
    "first removed": "DELETE FROM audit_events WHERE id = 1",
    "last removed": "DELETE FROM audit_events WHERE id = (SELECT max(id) FROM audit_events)",
    "inserted": "INSERT INTO audit_events SELECT id + 1, at, event, outcome, interface, actor_id,"
    " actor_name, subject_id, subject_name, address, user_agent, request_id, session_ref, facts,"
    " mac, node FROM audit_events WHERE id = (SELECT max(id) FROM audit_events)",
}


@pytest.fixture
def lived(acts: Acts) -> Acts:
    """An installation whose log is read in several steps."""
    for name in ("bob", "carol", "dave", "erin", "frank", "grace", "heidi"):
        acts.create(name)
    return acts


def execute(acts: Acts, statement: str) -> None:
    with acts.app.database.writing() as connection:
        connection.execute(sa.text(statement))


def rounds(acts: Acts, watch: ChainWatch) -> list[int]:
    """Run more steps than the whole log takes."""
    return [found for _ in range(12) if (found := watch.step()) is not None]


def level(acts: Acts) -> tuple[Code, Level]:
    found = examine_data(acts.here.settings, acts.app.clock.now())
    return next((f.code, f.level) for f in found if f.check == "audit-log")


def test_unchanged_log_is_checked_repeatedly_without_a_finding(lived: Acts) -> None:
    watch = ChainWatch(lived.app, BATCH)
    for number in range(12):
        assert watch.step() is None
        if number % 3 == 0:
            lived.login()
    assert (chain_watch.broken_event_id(lived.app, CLI), lived.times(E.AUDIT_CHAIN_BROKEN)) == (
        None,
        0,
    )


def test_one_step_reads_only_its_share(lived: Acts) -> None:
    execute(lived, TAMPERED["changed"])
    watch = ChainWatch(lived.app, BATCH)
    assert watch.step() is None  # events 1 to 3
    assert watch.step() == 4


@pytest.mark.parametrize("how", TAMPERED)
def test_tampering_is_found_recorded_once_and_stored(lived: Acts, how: str) -> None:
    watch = ChainWatch(lived.app, BATCH)
    watch.step()
    execute(lived, TAMPERED[how])
    assert len(rounds(lived, watch)) == 1
    assert lived.times(E.AUDIT_CHAIN_BROKEN) == 1
    for principal in (lived.login(), Acts(lived.here, "zoe").login()):
        shown = page_of(lived.app, principal).unseen
        banners.put_away(lived.app, principal, shown.newest_id)
    assert chain_watch.broken_event_id(lived.app, CLI) is not None
    assert metrics.count(lived.app, CLI).is_chain_broken
    assert level(lived) == (Code.AUDIT_LOG_BROKEN, Level.PROBLEM)
    other = lived.here.reopened()
    assert rounds(lived, ChainWatch(other, BATCH)) == []
    assert chain_watch.broken_event_id(other, CLI) is not None
    other.close()


def test_finding_is_shown_to_others_as_a_banner(lived: Acts) -> None:
    principal = lived.login()
    banners.put_away(lived.app, principal, 10**6)
    execute(lived, TAMPERED["changed"])
    rounds(lived, ChainWatch(lived.app))
    shown = page_of(lived.app, principal).unseen.others
    assert [h.event for h in shown] == [E.AUDIT_CHAIN_BROKEN]


def test_events_pruned_between_steps_cause_no_finding(lived: Acts) -> None:
    watch = ChainWatch(lived.app, BATCH)
    watch.step()
    lived.here.clock.advance(timedelta(days=500))
    assert audit_log.prune(lived.app) > BATCH
    assert rounds(lived, watch) == []


# --- resolving -------------------------------------------------------------------------------
def test_resolve_without_a_finding_does_nothing(lived: Acts) -> None:
    assert chain_watch.resolve(lived.app, CLI) is None
    assert audit_log.verify(lived.app, CLI).first_id == 1


def test_resolve_of_a_broken_chain_restarts_it(lived: Acts) -> None:
    watch = ChainWatch(lived.app, BATCH)
    execute(lived, TAMPERED["changed"])
    rounds(lived, watch)
    assert chain_watch.resolve(lived.app, CLI) is E.AUDIT_CHAIN_RESTARTED
    assert level(lived) == (Code.AUDIT_LOG_GOOD, Level.OK)
    lived.login()
    verified = audit_log.verify(lived.app, CLI)
    assert verified.first_id > 8
    assert rounds(lived, watch) == []
    execute(lived, f"UPDATE audit_events SET outcome = 'x' WHERE id = {verified.last_id}")
    assert rounds(lived, watch) == [verified.last_id]
    assert chain_watch.resolve(lived.app, CLI) is E.AUDIT_CHAIN_RESTARTED
    assert audit_log.verify(lived.app, CLI).first_id > verified.last_id


def test_resolve_after_a_repair_keeps_the_whole_chain(lived: Acts) -> None:
    execute(lived, TAMPERED["changed"])
    rounds(lived, ChainWatch(lived.app))
    execute(lived, "UPDATE audit_events SET subject_name = 'dave' WHERE id = 4")
    assert chain_watch.broken_event_id(lived.app, CLI) == 4
    assert chain_watch.resolve(lived.app, CLI) is E.AUDIT_CHAIN_ACCEPTED
    assert audit_log.verify(lived.app, CLI).first_id == 1
    assert chain_watch.broken_event_id(lived.app, CLI) is None


def test_forged_restart_event_is_found(lived: Acts) -> None:
    execute(lived, "UPDATE audit_events SET event = 'audit.chain_restarted' WHERE id = 5")
    execute(lived, "UPDATE audit_chain SET first_id = 5")
    with pytest.raises(ChainBroken) as refused:
        audit_log.verify(lived.app, CLI)
    assert refused.value.facts["event_id"] == 5


def test_return_to_an_earlier_restart_is_found(lived: Acts) -> None:
    """An attacker who can write to the database sets the chain start to the earlier restart."""
    firsts = []
    for _ in range(2):
        execute(lived, f"UPDATE audit_events SET outcome = 'x' WHERE id = {audit_id(lived)}")
        chain_watch.resolve(lived.app, CLI)
        firsts.append(audit_log.verify(lived.app, CLI).first_id)
    execute(lived, f"UPDATE audit_chain SET first_id = {firsts[0]}")
    with pytest.raises(ChainBroken):
        audit_log.verify(lived.app, CLI)


def audit_id(acts: Acts) -> int:
    with acts.app.database.reading() as connection:
        return audit.newest_id(connection)
