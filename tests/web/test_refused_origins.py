"""Refused requests of other origins: stored counts, and the doctor's report."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.acts import Acts
from tests.web.test_host_names import ask
from watchword import asgi
from watchword.cli.doctor_messages import sentence
from watchword.domain.health_checks import Finding, Level
from watchword.storage import origin_refusals
from watchword.usecases.audit import refused_origins
from watchword.usecases.operations.data_checks import examine_data

OTHER = "https://other.example"
ASKED = "https://10.0.0.7:8470"


def refuse(acts: Acts, origin: str = OTHER, times: int = 1) -> None:
    """Send requests of another origin to both interfaces."""
    for app, path in (
        (asgi.console(acts.app), "/login"), (asgi.api(acts.app), "/api/v1/administrators")
    ):  # fmt: skip
        for _ in range(times):
            answer = ask(app, path, "10.0.0.7:8470", method="POST", scheme="https", origin=origin)
            assert answer[0] == 403


def finding(acts: Acts) -> Finding:
    found = examine_data(acts.here.settings, acts.here.clock.now())
    return next(f for f in found if f.check == "origins")


def test_doctor_reports_count_origins_and_last_time_for_a_day(acts: Acts) -> None:
    assert finding(acts).level is Level.OK
    refuse(acts)
    begun = acts.here.clock.now()
    acts.here.clock.advance(timedelta(minutes=1))
    refuse(acts, "https://third.example")
    found, text = finding(acts), sentence(finding(acts))
    assert (found.level, found.facts["count"]) == (Level.WARNING, 3)
    assert f"from https://third.example to {ASKED}" in text
    assert f"since {begun:%Y-%m-%d %H:%M:%S}" in text
    assert f"at {acts.here.clock.now():%Y-%m-%d %H:%M:%S}" in text
    acts.here.clock.advance(timedelta(days=1))
    assert finding(acts).level is Level.WARNING
    acts.here.clock.advance(timedelta(seconds=1))
    assert finding(acts).level is Level.OK


def test_count_starts_again_after_a_day(acts: Acts) -> None:
    refuse(acts, times=5)
    refused_origins.store(acts.app)
    assert finding(acts).facts["count"] == 10
    acts.here.clock.advance(timedelta(days=1, seconds=1))
    refuse(acts)
    assert finding(acts).facts["count"] == 1
    refused_origins.store(acts.app)
    assert finding(acts).facts["count"] == 2


def test_many_refusals_are_stored_once_a_minute(acts: Acts) -> None:
    refuse(acts, times=20)
    assert finding(acts).facts["count"] == 1
    acts.here.clock.advance(timedelta(seconds=59))
    refuse(acts)
    assert finding(acts).facts["count"] == 1
    acts.here.clock.advance(timedelta(seconds=1))
    refuse(acts)
    assert finding(acts).facts["count"] == 43


def test_clock_set_back_does_not_stop_storing(acts: Acts) -> None:
    refuse(acts)
    acts.here.clock.advance(timedelta(days=-2))
    refuse(acts)
    assert finding(acts).facts["count"] == 2


def test_busy_database_neither_fails_the_response_nor_loses_the_count(acts: Acts) -> None:
    other = origin_refusals.OriginRefusals(1, "a", "b", *[acts.here.clock.now()] * 2)
    with acts.app.database.writing() as connection:
        origin_refusals.add(connection, other, within=refused_origins.FRESH)
        refuse(acts)
    acts.here.clock.advance(timedelta(minutes=1))
    refuse(acts)
    assert finding(acts).facts["count"] == 4


@pytest.mark.parametrize("origin", ["https://\x9b31m\x1b]0;x\x07é", "https://" + "x" * 5000])
def test_stored_origin_is_escaped_and_truncated(acts: Acts, origin: str) -> None:
    refuse(acts, origin)
    stored = str(finding(acts).facts["origin"])
    assert stored.startswith("https://")
    assert stored.isprintable()
    assert len(stored) <= 200
