"""Accepted notations of a time, and the moments that they denote."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from watchword.domain import times

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-01T12:00:00Z",
        "2026-12-01T12:00:00.000Z",
        "2026-12-01t12:00:00z",
        "2026-12-01 12:00",
        "2026-12-01T12:00:00",
        "2026-12-01T13:00:00+01:00",
        "2026-12-01T13:00:00 01:00",
        "2026-12-01T13:00:00+0100",
        "2026-12-01T02:30:00-09:30",
        " 2026-12-01T12:00:00Z\n",
    ],
)
def test_notation_of_noon_is_read(text: str) -> None:
    assert times.parse(text) == NOON


def test_date_without_time_is_midnight_utc() -> None:
    assert times.parse("2026-12-01") == NOON - timedelta(hours=12)


def test_time_without_offset_is_in_the_given_zone() -> None:
    zone = timezone(timedelta(hours=5, minutes=30))
    assert times.parse("2026-12-01 17:30", zone) == NOON
    assert times.parse("2026-12-01", zone) == NOON - timedelta(hours=17, minutes=30)
    assert times.parse("2026-12-01T12:00:00Z", zone) == NOON


def test_fractions_are_kept_to_the_microsecond() -> None:
    assert times.parse("2026-12-01T12:00:00.123456789Z").microsecond == 123456


def test_any_offset_of_any_day_of_a_year_is_the_same_moment() -> None:
    for minutes in range(-14 * 60, 14 * 60 + 1, 15):
        local = NOON.astimezone(timezone(timedelta(minutes=minutes)))
        assert times.parse(local.isoformat()) == NOON


@pytest.mark.parametrize(
    "text",
    [
        "", "yesterday", "2026-W49-1", "20261201", "2026-335", "2026-12-01T", "2026-12-01T12",
        "2026-12-01T24:00:00Z", "2026-13-01", "2026-02-30", "0000-01-01", "0001-01-01T00:00+14:00",
        "9999-12-31T23:59-14:00", "2026-12-01T12:00:00+25:00", "2026-12-01T12:00:00 +01:00",
        "2026-12-01T12:00:60Z", "1790000000", "２０２６-12-01", "2026-12-01T12:00:00Z, now",
    ],
)  # fmt: skip
def test_other_notation_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        times.parse(text)
