"""Log lines of an outage: one when it begins, one when it ends."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.installation import Installation, settings_for
from watchword import bootstrap
from watchword.domain.operational_errors import DatabaseUnavailable
from watchword.storage.outage import QUIET_SECONDS, Outage

DISK_FULL = DatabaseUnavailable(reason="disk-full", said="words of the driver")
FIRST = (
    "the database cannot be used (disk-full: words of the driver); requests that need it get 503"
)


@dataclass
class Logged:
    """An outage with a clock that the test sets, and its log lines."""

    caplog: pytest.LogCaptureFixture
    seconds: float = 1000
    outage: Outage = field(default_factory=Outage)

    def __post_init__(self) -> None:
        self.outage.log_by(lambda: self.seconds)

    @property
    def lines(self) -> list[str]:
        return [each.getMessage() for each in self.caplog.records]


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Logged:
    return Logged(caplog)


def test_an_outage_is_logged_once_at_its_beginning_and_once_at_its_end(logged: Logged) -> None:
    for _ in range(19):
        logged.outage.failed(DISK_FULL, is_writing=True)
        logged.seconds += 1
    assert logged.lines == [FIRST]
    logged.seconds += QUIET_SECONDS
    logged.outage.worked(is_writing=True)
    logged.outage.worked(is_writing=True)
    assert logged.lines == [FIRST, "the database can be used again, after 18 seconds"]


def test_transactions_that_fail_sometimes_are_one_outage(logged: Logged) -> None:
    for _ in range(50):
        logged.outage.failed(DISK_FULL, is_writing=True)
        logged.seconds += QUIET_SECONDS / 2
        logged.outage.worked(is_writing=True)
    assert logged.lines == [FIRST]


@pytest.mark.parametrize("failed", [(True,), (False, True), (True, False)])
def test_reading_does_not_end_an_outage_of_writing(
    logged: Logged, failed: tuple[bool, ...]
) -> None:
    for is_writing in failed:
        logged.outage.failed(DISK_FULL, is_writing=is_writing)
    logged.seconds += 100
    logged.outage.worked(is_writing=False)
    assert logged.lines == [FIRST]
    logged.outage.worked(is_writing=True)
    assert len(logged.lines) == 2


def test_an_outage_of_reading_ends_by_reading(logged: Logged) -> None:
    logged.outage.failed(DISK_FULL, is_writing=False)
    logged.seconds += 100
    logged.outage.worked(is_writing=False)
    assert len(logged.lines) == 2


def test_a_command_logs_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    app = bootstrap.open(settings_for(tmp_path), is_server=False)
    app.database.outage.failed(DISK_FULL, is_writing=True)
    app.close()
    assert caplog.records == []


def test_a_server_logs_why_its_database_cannot_be_used(
    here: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        with here.app.database.writing() as connection:
            if here.app.database.is_sqlite:
                connection.exec_driver_sql("PRAGMA max_page_count = 1")
                connection.exec_driver_sql("CREATE TABLE large AS SELECT zeroblob(100000)")
            connection.exec_driver_sql(
                "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '53100'; END $$"
            )

    with pytest.raises(DatabaseUnavailable):
        fail()
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert "(disk-full: " in record.getMessage()


@pytest.mark.parametrize("here", ["sqlite"], indirect=True)
def test_missing_folder_is_an_outage_with_its_cause(
    here: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    """The same happens when a file system is unmounted: no file can be opened."""
    here.app.database.engine.dispose()
    here.folder.rename(here.folder.with_name("away"))
    for _ in range(3):
        with pytest.raises(DatabaseUnavailable) as refused, here.app.database.reading():
            pass
        assert refused.value.facts["reason"] == "cannot-open"
    [record] = caplog.records
    assert "(cannot-open: unable to open database file)" in record.getMessage()
