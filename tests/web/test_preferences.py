"""Preferences: the time zone of an account's pages. tests/web/test_appearance.py has the theme."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count

import pytest

from tests.support.person import Person
from tests.support.served import PASSWORD, Served
from watchword import time_zones

ZONE = "browser_time_zone"
NUMBERS = count(1)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served.running(tmp_path_factory.mktemp("preferences") / "data") as server:
        yield server


class Newcomer(Person):
    """A person with a new account."""

    def __init__(self, served: Served) -> None:
        super().__init__(served)
        self.name = f"zone:{next(NUMBERS)}"
        served.create(self.name)


@pytest.fixture
def person(served: Served) -> Iterator[Newcomer]:
    person = Newcomer(served)
    yield person
    person.close()


def log_in(person: Newcomer, zone: str) -> None:
    """Log in with this value in the field that the script of the page fills."""
    person.open("/login")
    form = next(f for f in person.page.forms.values() if f.action == "/login")
    assert form.fields[ZONE] == ""
    fields = {**form.fields, "username": person.name, "password": PASSWORD, ZONE: zone}
    person.http.post(f"{person.served.console}/login", data=fields, timeout=30)


def zone_of_page(person: Newcomer) -> str:
    """Return the zone in the tooltip of the present time."""
    person.open("/preferences")
    zone = r'title="[-0-9]+ [0-9:]+ (UTC|\(([^,]+), UTC[-+]\d\d:\d\d\))"'
    found = re.search(zone, person.response.text)
    assert found is not None
    return found[2] or found[1]


def test_zone_of_the_browser_at_login_is_used_and_a_chosen_one_wins(person: Newcomer) -> None:
    log_in(person, "Asia/Kolkata")
    assert zone_of_page(person) == "Asia/Kolkata"
    assert person.sees("As in the browser of the last login (Asia/Kolkata)")
    person.press("Save", Time_zone="Pacific/Chatham")
    assert person.sees("Your time zone is saved.")
    assert zone_of_page(person) == "Pacific/Chatham"
    person.press("Logout")
    log_in(person, "Europe/Berlin")
    assert zone_of_page(person) == "Pacific/Chatham"
    person.press("Save", Time_zone="")
    assert zone_of_page(person) == "Europe/Berlin"
    # A login without the script keeps it.
    person.press("Logout")
    log_in(person, "")
    assert zone_of_page(person) == "Europe/Berlin"


@pytest.mark.parametrize(
    "zone", ["", "Nowhere/City", "../../etc/passwd", "localtime", "europe/berlin", "x" * 4000]
)
def test_unknown_zone_at_login_is_ignored(person: Newcomer, zone: str) -> None:
    log_in(person, zone)
    assert zone_of_page(person) == "UTC"
    assert not person.sees("As in the browser of the last login (")
    words = person.page.text
    assert re.search(
        r"Server time in your time zone: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC ?\.", words
    )


def test_unknown_zone_is_refused_with_a_reason_and_changes_nothing(person: Newcomer) -> None:
    log_in(person, "Europe/Berlin")
    person.open("/preferences").press("Save", Time_zone="Mars/Olympus")
    assert person.response.status_code == 422
    assert person.sees("Time zone: this time zone does not exist. Choose one from the list.")
    assert zone_of_page(person) == "Europe/Berlin"


def test_each_zone_of_the_list_can_be_shown(person: Newcomer) -> None:
    """The list comes from the package, and the zones from the system or the package."""
    log_in(person, "")
    person.open("/preferences")
    offered = re.findall(r"<option(?: selected)?>([^<]+)</option>", person.response.text)
    assert set(offered) == time_zones.names()
    assert len(offered) > 500
    assert [n for n in offered if getattr(time_zones.zone(n), "key", "UTC") != n] == []
    assert len(person.response.content) < 60 * 1024
