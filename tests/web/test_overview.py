"""Overview: the login before this one, failed logins, and the chart of the last 30 days."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import requests

from tests.support.acts import CLI, CONSOLE, Acts
from tests.support.person import Person
from tests.support.served import PASSWORD, Served
from watchword.usecases.account import overview
from watchword.usecases.audit import refused_origins
from watchword.usecases.audit.login_counts import LoginDay, LoginDays
from watchword.usecases.operations import key_rotation
from watchword.usecases.progress import silent
from watchword.web.console.account.login_chart import HEIGHT, chart
from watchword.web.console.account.server_warnings import current_warnings

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"


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
        person.open("/administrators/nia")
        assert person.sees("Logins in the last 30 days 1 login Most on")
        assert person.sees("1 failed login Most on")
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


def test_news_name_the_browser_and_end_its_session(tmp_path: Path) -> None:
    with Served.running(tmp_path / "data") as served:
        served.create("nia")
        served.create("oz")
        owner = Person(served).login("nia")
        owner.press("Mark as seen")
        other = Person(served)
        other.http.headers["User-Agent"] = FIREFOX
        other.login("nia")
        assert owner.open("/").sees("New browser login: Firefox on Windows .")
        owner.press("Dismiss")
        assert (owner.path, owner.sees("New browser login")) == ("/#news", False)
        assert other.open("/").heading == "Overview"
        third = Person(served)
        third.http.headers["User-Agent"] = FIREFOX
        third.login("nia")
        owner.open("/").press("End this session")
        assert owner.sees("The session has ended.")
        assert third.open("/").heading == "Login"
        assert "End this session" not in {button.text for button in owner.open("/").page.buttons}
        for person in (owner, other, third):
            person.close()


def test_changes_through_the_api_are_one_line_with_dismiss(tmp_path: Path) -> None:
    with Served.running(tmp_path / "data") as served:
        for name in ("nia", "oz"):
            served.create(name)
        person = Person(served).login("nia").press("Mark as seen")
        for full_name in ("O", "Oz"):
            requests.patch(
                f"{served.api}/api/v1/administrators/oz", auth=("nia", PASSWORD), timeout=30,
                verify=str(served.ca), json={"full_name": full_name},
            ).raise_for_status()  # fmt: skip
        assert person.open("/").sees("2 changes were made to other accounts through the Management")
        assert person.page.links["Audit Log"]
        assert not person.press("Dismiss").sees("through the Management API. just now")
        assert not person.sees("New since your last visit")
        person.close()


def test_operator_s_open_tasks_are_on_overview(acts: Acts) -> None:
    """A rotation of keys that is not complete, and refused requests of another origin."""

    def warned() -> str:
        me = acts.login()
        found = overview.read(acts.app, CONSOLE.known_as(me.account), me)
        rotating = key_rotation.is_unfinished(acts.app)
        notes = current_warnings(acts.app, found, is_rotation_unfinished=rotating)
        return " ".join(note["sentence"] for note in notes)

    assert not re.search("keys rotate|origin", warned())
    key_rotation.prepare(acts.app, CLI)
    assert "Run `watchword keys rotate` on the server" in warned()
    key_rotation.rotate(acts.app, CLI, silent)
    assert "keys rotate" not in warned()
    now = acts.here.clock.now()
    acts.app.refused_origins.count("https://other.example", "https://ops.example", now)
    refused_origins.store(acts.app)
    assert "1 request from another origin was refused in the last 24 hours." in warned()
    acts.here.clock.advance(timedelta(hours=25))
    assert "origin" not in warned()


def test_newcomer_is_told_once_that_mfa_is_off(tmp_path: Path) -> None:
    with Served.running(tmp_path / "data") as served:
        served.create("nia")
        person = Person(served).login("nia")
        assert person.sees("MFA in three steps MFA is off. Anyone with your password")
        assert person.page.text.count("MFA is off.") == 1
        assert not person.press("Not now").sees("MFA in three steps")
        assert person.page.text.count("MFA is off.") == 1
        person.close()


def test_status_counts_administrators_and_warns_of_a_single_one(tmp_path: Path) -> None:
    with Served.running(tmp_path / "data") as served:
        served.create("nia")
        person = Person(served).login("nia")
        assert person.sees("Only one administrator can log in.")
        assert person.sees("Administrators 1 With MFA 0 Who has no MFA?")
        assert person.page.links["Who has no MFA?"] == "/administrators?only=mfa-off"
        assert person.sees("Your API password None Last backup Never Certificate")
        assert re.search(r"Certificate (395|396|397) days left", person.page.text), person.page.text
        served.create("oz")
        served.cli("api-password", "generate", "nia")
        person.open("/")
        assert not person.sees("Only one administrator")
        assert person.sees("Administrators 2 With MFA 0")
        served.cli("mfa", "enable", "--yes", "oz")  # pending: not in the list behind the link
        assert person.open("/").sees("Administrators 2 With MFA 1 Who has no MFA?")
        assert person.sees("Your API password Not used yet.")
        served.cli("administrator", "disable", "--yes", "oz")
        assert person.open("/").sees("Only one administrator can log in.")
        person.close()
