"""Time filters of the audit log when event ids and times have different orders."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from tests.support.acts import CLI, CONSOLE, Acts
from watchword.domain.audit import AuditEvent as E
from watchword.storage.audit_query import AuditFilter
from watchword.usecases.audit import audit_log
from watchword.usecases.unit_of_work import unit

HOUR, DAY, YEARS = timedelta(hours=1), timedelta(days=1), timedelta(days=7300)
OFFSETS = (timedelta(0), DAY, timedelta(0), -DAY, YEARS, HOUR, -YEARS, timedelta(0), HOUR)
"""How far the clock is ahead at each event."""


@pytest.fixture
def disordered(acts: Acts) -> Acts:
    """An event for each offset, ten minutes after the previous one."""
    for offset in OFFSETS:
        acts.here.clock.advance(timedelta(minutes=10) + offset)
        with unit(acts.app, CONSOLE) as u:
            u.record(E.LOGOUT, acts.account)
        acts.here.clock.advance(-offset)
    return acts


def spans(acts: Acts) -> list[tuple[datetime | None, datetime | None]]:
    """Return spans with the time of each event, or one second later, as a limit."""
    times = sorted({row.at for row in audit_log.page(acts.app, CLI, AuditFilter(), 200)})
    borders = [at + by for at in times for by in (timedelta(0), timedelta(seconds=1))]
    pairs = [*pairwise(borders), *zip(borders, borders[4:], strict=False)]
    return [*((None, at) for at in borders), *((at, None) for at in borders), *pairs]


@pytest.mark.parametrize("wanted", [
    AuditFilter(),
    AuditFilter(event=E.LOGOUT.value),
    AuditFilter(account="alice"),
    AuditFilter(interface="console"),
], ids=["all", "event", "account", "interface"])  # fmt: skip
def test_time_filter_finds_every_event_of_a_span_despite_clock_changes(
    disordered: Acts, wanted: AuditFilter
) -> None:
    app = disordered.app
    everything = audit_log.page(app, CLI, wanted, 200)
    for since, until in random.Random(7).sample(spans(disordered), 30):
        expected = [row.id for row in everything
                    if (since is None or row.at >= since)
                    and (until is None or row.at < until)]  # fmt: skip
        asked = AuditFilter(wanted.account, wanted.event, wanted.interface, since, until)
        assert [row.id for row in audit_log.page(app, CLI, asked, 200)] == expected, (since, until)


def test_pages_and_exports_of_a_span_are_complete_despite_clock_changes(disordered: Acts) -> None:
    app, now = disordered.app, disordered.here.clock.now()
    asked = AuditFilter(event=E.LOGOUT.value, until=now + 2 * HOUR)
    expected = [row.id for row in audit_log.page(app, CLI, asked, 200)]
    assert len(expected) == len(OFFSETS) - 2
    first = audit_log.page(app, CLI, asked, 3)
    second = AuditFilter(event=E.LOGOUT.value, until=asked.until, before_id=first[-1].id)
    assert [row.id for row in [*first, *audit_log.page(app, CLI, second, 200)]] == expected
    assert [row.id for row in audit_log.export(app, CLI, asked)] == expected


def test_span_without_events_is_empty(disordered: Acts) -> None:
    asked = AuditFilter(since=disordered.here.clock.now() + 2 * YEARS)
    assert audit_log.page(disordered.app, CLI, asked, 9) == []
    assert list(audit_log.export(disordered.app, CLI, asked)) == []
