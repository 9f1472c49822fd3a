"""Times on pages: relative within a day, otherwise date and clock in a time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from watchword import formats
from watchword.web.console.frame.rendering import templates
from watchword.web.console.frame.times import Times

NOW = datetime(2026, 11, 24, 13, 4, 10, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (timedelta(), "just now"),
        (-timedelta(seconds=29), "just now"),
        (-timedelta(seconds=31), "1 minute ago"),
        (-timedelta(minutes=3), "3 minutes ago"),
        (-timedelta(minutes=59), "59 minutes ago"),
        (-timedelta(minutes=59, seconds=40), "1 hour ago"),
        (-timedelta(hours=2, minutes=10), "2 hours ago"),
        (-timedelta(hours=23, minutes=20), "23 hours ago"),
        (-timedelta(hours=23, minutes=40), ""),
        (-timedelta(days=400), ""),
        (timedelta(seconds=1), "in less than a minute"),
        (timedelta(minutes=1), "in 1 minute"),
        (timedelta(minutes=20), "in 20 minutes"),
        (timedelta(hours=1), "in 1 hour"),
        (timedelta(hours=5), "in 5 hours"),
        (timedelta(days=1), ""),
    ],
)
def test_distance_from_now_is_in_words(distance: timedelta, words: str) -> None:
    assert formats.relative(NOW + distance, NOW) == words


def test_time_older_than_a_day_has_date_and_clock_and_names_utc_only() -> None:
    time = NOW - timedelta(days=2)
    shown = Times(NOW).when(time)
    assert shown.pieces == ("2026-11-22", "13:04 UTC")
    assert (shown.exact, shown.machine) == ("2026-11-22 13:04:10 UTC", "2026-11-22T13:04:10Z")
    assert Times(NOW).exact(time).pieces == ("2026-11-22", "13:04:10 UTC")
    assert Times(NOW, BERLIN).moment(time).pieces == ("2026-11-22", "14:04")
    assert Times(NOW, BERLIN).when(NOW).exact == "2026-11-24 14:04:10 (Europe/Berlin, UTC+01:00)"


def test_each_time_has_the_offset_of_its_own_season() -> None:
    times = Times(NOW, BERLIN)
    turn = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)  # the clock goes back from 3:00 to 2:00
    before, after = (
        times.when(turn - timedelta(minutes=30)),
        times.when(turn + timedelta(minutes=30)),
    )
    assert before.pieces == after.pieces == ("2026-10-25", "02:30")
    assert before.exact == "2026-10-25 02:30:00 (Europe/Berlin, UTC+02:00)"
    assert after.exact == "2026-10-25 02:30:00 (Europe/Berlin, UTC+01:00)"
    assert times.moment(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)).pieces == ("2026-07-02", "01:30")
    newfoundland = Times(NOW, ZoneInfo("America/St_Johns"))
    assert newfoundland.exact(NOW).exact.endswith("09:34:10 (America/St_Johns, UTC-03:30)")


def test_page_shows_a_time_with_the_exact_one_in_the_tooltip() -> None:
    text = "{% import '_parts.html' as parts with context %}{{ parts.when(time) }}"

    def drawn(time: datetime) -> str:
        page = {"times": Times(NOW, BERLIN)}
        return templates().from_string(text).render(page=page, time=time)

    machine = (
        'datetime="2026-11-24T13:01:10Z" title="2026-11-24 14:01:10 (Europe/Berlin, UTC+01:00)"'
    )
    assert drawn(NOW - timedelta(minutes=3)) == f"<time {machine}><span>3 minutes ago</span></time>"
    spans = "<span>2026-11-22</span> <span>14:04</span>"
    old = drawn(NOW - timedelta(days=2))
    assert old.startswith('<time dir="ltr" datetime="2026-11-22T13:04:10Z"')
    assert old.endswith(f"{spans}</time>")
