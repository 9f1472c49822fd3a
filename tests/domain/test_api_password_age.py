"""How old an API password may be, and when somebody is told of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from watchword.domain.api_password_age import Due, due, expires_at

MADE = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("most_days", "age", "told"),
    [
        (0, 10_000 * DAY, None),  # no age is too much
        (90, 90 * DAY, Due.EXPIRED),
        (90, 90 * DAY - SECOND, Due.EXPIRES_SOON),
        (90, 76 * DAY, Due.EXPIRES_SOON),
        (90, 76 * DAY - SECOND, None),
        (90, -DAY, None),  # made under a clock that ran ahead
    ],
)
def test_it_expires_by_the_setting_and_is_told_two_weeks_before(
    most_days: int, age: timedelta, told: Due | None
) -> None:
    now = MADE + age
    assert due(MADE, now, most_days, now) is told
    assert (expires_at(MADE, most_days) is None) == (most_days == 0)


@pytest.mark.parametrize(
    ("last_used", "now", "told"),
    [
        (None, MADE + 180 * DAY, None),
        (None, MADE + 180 * DAY + SECOND, Due.UNUSED),
        (MADE + DAY, MADE + 181 * DAY, None),
        (MADE + DAY, MADE + 181 * DAY + SECOND, Due.UNUSED),
    ],
)
def test_one_that_nobody_has_used_for_half_a_year_is_told(
    last_used: datetime | None, now: datetime, told: Due | None
) -> None:
    assert due(MADE, last_used, 0, now) is told
    assert due(MADE, last_used, 3000, now) is told


def test_where_there_is_none_there_is_nothing_to_say() -> None:
    assert due(None, None, 1, MADE) is None
    assert expires_at(None, 1) is None
