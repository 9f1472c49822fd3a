"""Logins and failed logins per day, for the charts."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

import pytest

from tests.support.acts import CONSOLE, PASSWORD, Acts
from tests.support.failed_attempts import store_failures
from watchword.domain.audit import AuditEvent
from watchword.domain.errors import CodeWrong, LoginFailed, Refusal
from watchword.domain.throttle import POLICIES, Kind
from watchword.storage import login_counts as stored
from watchword.storage.login_counts import ALL
from watchword.usecases.audit import login_counts
from watchword.usecases.operations import maintenance
from watchword.usecases.unit_of_work import unit

DAY = timedelta(days=1)


def days(acts: Acts, account: int = ALL) -> list[tuple[int, int, int]]:
    """Return logins and failed logins of days with any, by how many days ago."""
    with acts.app.database.reading() as connection:
        found = login_counts.of_account(acts.app, connection, account)
    today = found.days[-1].day
    assert [today - each.day for each in found.days] == [n * DAY for n in reversed(range(30))]
    return [
        ((today - d.day).days, d.logins, d.failures) for d in found.days if d.logins + d.failures
    ]


def fail(acts: Acts, username: str) -> None:
    with suppress(Refusal):
        acts.password("wrong wrong wrong", username=username)


def a_week(acts: Acts) -> None:
    """Log in with and without MFA and fail in each way, on three days."""
    acts.activate()
    fail(acts, "nobody")
    fail(acts, "alice")
    acts.here.clock.advance(DAY)
    acts.login()
    with pytest.raises(CodeWrong):
        acts.second_step(acts.attempt(), "000000")
    with pytest.raises(LoginFailed):
        acts.call_api("wrong wrong wrong")
    acts.here.clock.advance(6 * DAY)
    acts.login()


@pytest.mark.parametrize("at_once", [1, 7, 5000])
def test_days_are_the_same_before_and_after_their_events_are_counted(
    acts: Acts, at_once: int
) -> None:
    id_ = acts.account.id
    a_week(acts)
    expected = [(7, 2, 2), (6, 1, 2), (0, 1, 0)], [(7, 2, 1), (6, 1, 2), (0, 1, 0)]
    assert (days(acts), days(acts, id_)) == expected
    assert login_counts.count_new(acts.app, most=at_once) > 7
    assert (days(acts), days(acts, id_)) == expected
    assert login_counts.count_new(acts.app) == 0
    acts.here.clock.advance(DAY)
    acts.login()
    later = [(8, 2, 2), (7, 1, 2), (1, 1, 0), (0, 1, 0)]
    assert days(acts) == later
    login_counts.count_new(acts.app)
    assert days(acts) == later


def test_events_that_another_node_has_counted_are_not_counted_again(acts: Acts) -> None:
    acts.login()
    with acts.app.database.reading() as connection:
        since = stored.counted_to(connection)
        counted = stored.count(connection, since, 100, date.min)
    login_counts.count_new(acts.app)
    with acts.app.database.writing() as connection:
        assert not stored.add(connection, counted, since)
    assert days(acts) == [(0, 1, 0)]


def test_days_end_at_midnight_utc(acts: Acts) -> None:
    clock = acts.here.clock
    acts.login()
    midnight = clock.now().replace(hour=0, minute=0, second=0) + DAY
    clock.advance(midnight - clock.now() - timedelta(microseconds=1))
    acts.login()
    clock.advance(timedelta(microseconds=1))
    acts.login()
    assert days(acts) == [(1, 2, 0), (0, 1, 0)]
    login_counts.count_new(acts.app)
    assert days(acts) == [(1, 2, 0), (0, 1, 0)]


def test_refused_logins_that_were_not_recorded_are_counted(acts: Acts) -> None:
    store_failures(acts, Kind.REFUSED_LOGINS, POLICIES[Kind.REFUSED_LOGINS].window_limit, "all")
    for name in ("nobody", "alice", "alice"):
        fail(acts, name)
    maintenance.sweep(acts.app)
    assert acts.times(AuditEvent.REFUSED_LOGINS) == 2
    expected = [(0, 0, 3)], [(0, 0, 2)]
    assert (days(acts), days(acts, acts.account.id)) == expected
    login_counts.count_new(acts.app)
    assert (days(acts), days(acts, acts.account.id)) == expected


def test_counts_of_days_before_the_chart_are_deleted(acts: Acts) -> None:
    acts.login()
    login_counts.count_new(acts.app)
    acts.here.clock.advance(31 * DAY)
    fail(acts, "alice")
    login_counts.count_new(acts.app)
    with acts.app.database.reading() as connection:
        left = connection.exec_driver_sql("SELECT logins, failures FROM login_days").all()
    assert [tuple(row) for row in left] == [(0, 1), (0, 1)]


def test_more_new_events_than_a_page_counts_are_marked(
    acts: Acts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login_counts, "MOST_UNCOUNTED", 3)
    for _ in range(4):
        acts.password(PASSWORD)
    with acts.app.database.reading() as connection:
        assert not login_counts.of_all(acts.app, connection).is_complete
    login_counts.count_new(acts.app)
    with acts.app.database.reading() as connection:
        assert login_counts.of_all(acts.app, connection).is_complete


@pytest.mark.parametrize("facts", ["{", "[]", '{"failures": "many"}', "{}"])
def test_facts_changed_in_the_database_do_not_break_the_page(acts: Acts, facts: str) -> None:
    with unit(acts.app, CONSOLE) as u:
        u.record(AuditEvent.REFUSED_LOGINS, outcome="refused", failures=5)
    with acts.app.database.writing() as connection:
        connection.exec_driver_sql(
            f"UPDATE audit_events SET facts = '{facts}' WHERE event = 'auth.refused_logins'"
        )
    assert days(acts) == []
    login_counts.count_new(acts.app)
    assert days(acts) == []
