"""Overview: the login before this one, failed logins, and the chart of the last 30 days."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from tests.support.person import Person
from tests.support.served import Served
from watchword.usecases.audit.login_counts import LoginDay, LoginDays
from watchword.web.console.account.login_chart import HEIGHT, chart


def test_failed_logins_are_counted_since_the_named_login(tmp_path: Path) -> None:
    with Served.running(tmp_path / "data") as served:
        served.create("nia")
        person = Person(served).login("nia", "wrong").login("nia")
        assert person.sees("This is your first login Failed logins before it 1")
        person.press("Logout").login("nia", "wrong").login("nia")
        assert person.sees("Failed logins since then 1")
        assert not person.sees("This is your first login")
        person.close()


def test_chart_has_logins_and_failures_of_all_accounts(tmp_path: Path) -> None:
    with Served.running(tmp_path / "data") as served:
        for name in ("nia", "oz"):
            served.create(name)
        person = Person(served).login("nobody", "wrong").login("nia", "wrong").login("nia")
        person.press("Logout").login("oz")
        assert person.sees("2 logins Most on")
        assert person.sees("2 failed logins Most on")
        assert person.sees("Show the numbers Day (UTC) Logins Failed logins")
        assert person.page.text.count(" 0 0 ") >= 28
        person.close()


def test_bars_have_a_scale_for_each_series_and_no_day_disappears() -> None:
    first = date(2026, 2, 13)
    numbers = [(0, 0), (4, 0), (1, 10_000), (2, 1)]
    days = tuple(LoginDay(first + timedelta(n), *each) for n, each in enumerate(numbers))
    found = chart(LoginDays(days, is_complete=True))
    assert [bar.height for bar in found.logins.bars] == [0, HEIGHT, HEIGHT / 4, HEIGHT / 2]
    assert [bar.height for bar in found.failures.bars] == [0, 0, HEIGHT, 3]
    assert (found.logins.total, found.logins.most) == ("7 logins", "Most on 2026-02-14: 4")
    none = chart(LoginDays(days[:1], is_complete=True)).failures
    assert (none.total, none.most, none.bars[0].height) == ("0 failed logins", "", 0)
