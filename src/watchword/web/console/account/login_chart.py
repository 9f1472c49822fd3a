"""The chart of logins per day: bars for the template `_charts.html`, drawn without a script."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from msgspec import Struct

from watchword import formats
from watchword.i18n import _, ngettext
from watchword.usecases.audit.login_counts import LoginDays

HEIGHT: Final = 60
"""Of the tallest bar, in units of the drawing."""
_LOWEST: Final = 3
"""Height of a bar that would be too low to be seen next to the tallest."""


class Bar(Struct, frozen=True):
    """One day of a series."""

    day: date
    number: int
    height: int


class Series(Struct, frozen=True):
    """The bars of one kind of event; `name` is its class in the style sheet."""

    name: str
    title: str
    total: str
    most: str
    bars: tuple[Bar, ...]


class Chart(Struct, frozen=True):
    """Two series with a scale each: many failed logins must not hide the logins."""

    found: LoginDays
    logins: Series
    failures: Series


def chart(found: LoginDays) -> Chart:
    """Return the chart of an account or of all accounts."""
    logins = [(each.day, each.logins) for each in found.days]
    failures = [(each.day, each.failures) for each in found.days]
    total, failed = (sum(number for _day, number in each) for each in (logins, failures))
    return Chart(
        found,
        Series(
            "logins", _("Logins per day"),
            ngettext("%(count)s login", "%(count)s logins", total), *_drawn(logins),
        ),
        Series(
            "failures", _("Failed logins per day"),
            ngettext("%(count)s failed login", "%(count)s failed logins", failed), *_drawn(failures),
        ),
    )  # fmt: skip


def _drawn(numbers: Iterable[tuple[date, int]]) -> tuple[str, tuple[Bar, ...]]:
    """Return the sentence about the day with the most, and the bars."""
    numbers = list(numbers)
    day, most = max(numbers, key=lambda each: each[1])
    sentence = _("Most on %(day)s: %(count)s", day=formats.date(day), count=most) if most else ""
    return sentence, tuple(Bar(day, number, _height(number, most)) for day, number in numbers)


def _height(number: int, most: int) -> int:
    return max(_LOWEST, round(HEIGHT * number / most)) if number else 0
