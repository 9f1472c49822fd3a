"""Limits of the health checks: from which value on a finding is a warning or a problem."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from watchword.domain import health_checks
from watchword.domain.health_checks import Code, Finding, Level, found, worst

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
MIB = 2**20


@pytest.mark.parametrize("code", Code)
def test_every_code_has_a_level(code: Code) -> None:
    assert Finding(code).level in Level


@pytest.mark.parametrize(
    ("codes", "level"),
    [
        ([], Level.OK),
        ([Code.CLOCK_GOOD, Code.BACKUP_RECENT], Level.OK),
        ([Code.CLOCK_GOOD, Code.BACKUP_OLD], Level.WARNING),
        ([Code.BACKUP_OLD, Code.CLOCK_BEHIND, Code.CLOCK_GOOD], Level.PROBLEM),
    ],
)
def test_worst_level_counts(codes: list[Code], level: Level) -> None:
    assert worst(found(code) for code in codes) is level


@pytest.mark.parametrize(
    ("latest", "code"),
    [
        (None, Code.CLOCK_GOOD),
        (NOW - DAY, Code.CLOCK_GOOD),
        (NOW + 30 * SECOND, Code.CLOCK_GOOD),
        (NOW + 31 * SECOND, Code.CLOCK_BEHIND),
    ],
)
def test_stored_time_in_the_future_is_a_problem(latest: datetime | None, code: Code) -> None:
    assert health_checks.clock(NOW, latest, "audit").code is code


@pytest.mark.parametrize("by", [-31, 31])
def test_clocks_more_than_a_step_apart_are_a_problem(by: int) -> None:
    finding = health_checks.clocks(NOW, NOW + by * SECOND)
    assert (finding.code, finding.facts["seconds"]) == (Code.CLOCK_DIFFERS, 31)
    assert health_checks.clocks(NOW, NOW + 30 * SECOND).level is Level.OK


@pytest.mark.parametrize(
    ("free", "database", "code"),
    [
        (64 * MIB - 1, 0, Code.SPACE_OUT),
        (64 * MIB, 0, Code.SPACE_LOW),
        (512 * MIB - 1, 0, Code.SPACE_LOW),
        (512 * MIB, 0, Code.SPACE_GOOD),
        (2999 * MIB, 1000 * MIB, Code.SPACE_LOW),
        (3000 * MIB, 1000 * MIB, Code.SPACE_GOOD),
    ],
)
def test_free_space_is_compared_with_the_database_size(
    free: int, database: int, code: Code
) -> None:
    assert health_checks.space(free, database).code is code


@pytest.mark.parametrize(
    ("usable", "level"), [(0, Level.PROBLEM), (1, Level.WARNING), (2, Level.OK), (9, Level.OK)]
)
def test_single_administrator_is_a_warning(usable: int, level: Level) -> None:
    assert health_checks.administrators(usable).level is level


@pytest.mark.parametrize(
    ("last", "code"),
    [
        (None, Code.BACKUP_NEVER),
        (NOW - 7 * DAY, Code.BACKUP_RECENT),
        (NOW - 7 * DAY - SECOND, Code.BACKUP_OLD),
        (NOW + DAY, Code.BACKUP_RECENT),
    ],
)
def test_backup_is_old_after_a_week(last: datetime | None, code: Code) -> None:
    finding = health_checks.backup(NOW, last)
    assert finding.code is code
    assert int(finding.facts.get("days", 0)) >= 0


@pytest.mark.parametrize(
    ("begins", "ends", "code"),
    [
        (NOW + SECOND, NOW + 90 * DAY, Code.CERTIFICATE_NOT_YET),
        (NOW - 90 * DAY, NOW, Code.CERTIFICATE_EXPIRED),
        (NOW - 90 * DAY, NOW + SECOND, Code.CERTIFICATE_SOON),
        (NOW - 90 * DAY, NOW + 30 * DAY - SECOND, Code.CERTIFICATE_SOON),
        (NOW, NOW + 30 * DAY, Code.CERTIFICATE_GOOD),
    ],
)
def test_certificate_level_depends_on_its_validity(
    begins: datetime, ends: datetime, code: Code
) -> None:
    assert health_checks.certificate(NOW, begins, ends).code is code


@pytest.mark.parametrize(
    ("ends", "code"),
    [
        (NOW, Code.CA_EXPIRED),
        (NOW + 180 * DAY - SECOND, Code.CA_SOON),
        (NOW + 180 * DAY, Code.CA_GOOD),
    ],
)
def test_ca_is_reported_half_a_year_before_expiry(ends: datetime, code: Code) -> None:
    assert health_checks.local_ca(NOW, ends).code is code
    earlier = health_checks.local_ca(NOW, ends, is_earlier=True).code
    assert earlier is (Code.CA_EXPIRED if code is Code.CA_EXPIRED else Code.CA_EARLIER)
