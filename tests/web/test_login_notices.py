"""Notices of the login page: a first administrator, a logout, throttling."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from tests.support.person import Person
from tests.support.served import PASSWORD, Served
from watchword.web.http import cookies

CREATED = "The administrator is created. Log in with the username and password"
LOGGED_OUT = "You are logged out."
UNLOCK = "ask another administrator to unlock the account"
WAY_PAST = "Have a recovery code?"


def test_login_page_confirms_the_first_administrator(
    tmp_path: Path,
) -> None:
    with Served.running(tmp_path / "data") as fresh:
        person = Person(fresh).open(fresh.first_run_link)
        fields = {"Username": "carol", "Password": PASSWORD, "Repeat_password": PASSWORD}
        person.press("Create Administrator", **fields)
        assert (person.path, person.sees(CREATED)) == ("/login?username=carol", True)
        assert not person.open("/login").sees(CREATED)
        assert person.login("carol").heading == "Overview"
        person.close()


def test_login_page_confirms_a_logout_once(person: Person) -> None:
    person.login("alice").press("Logout")
    assert (person.path, person.sees(LOGGED_OUT)) == ("/login", True)
    assert not person.open("/login").sees(LOGGED_OUT)


def test_refused_login_does_not_mention_the_logout(person: Person) -> None:
    """Even if the page after the logout was never opened, as with another tab."""
    person.login("alice").press("Logout")
    person.http.cookies.set(cookies.SAID, "logged-out", domain="127.0.0.1")
    person.press("OK", Username="alice", Password="wrong")
    assert person.response.status_code == 422
    assert not person.sees(LOGGED_OUT)


@pytest.mark.parametrize("word", ["mfa-disabled", "administrator-created:eve", "You have won", ""])
def test_other_values_show_no_notice_on_the_login_page(served: Served, word: str) -> None:
    """Neither a link nor a planted cookie: only two fixed sentences exist, without variables."""
    plain = requests.get(served.console + "/login", verify=str(served.ca), timeout=30).text
    assert 'role="status"><p>' not in plain
    for path, cookie in ((f"/login?said={word}", ""), ("/login", f"{cookies.SAID}={word}")):
        headers = {"Cookie": cookie} if cookie else {}
        answer = requests.get(
            served.console + path, headers=headers, verify=str(served.ca), timeout=30
        )
        assert 'role="status"><p>' not in answer.text
        assert not word or word not in answer.text


def test_logout_of_an_ended_session_reports_its_end(served: Served, person: Person) -> None:
    """A message that nothing was changed would make the user try again."""
    person.login("alice")
    served.cli("sessions", "end", "alice")
    person.press("Logout")
    assert (person.response.status_code, person.heading) == (403, "You have been logged out")
    assert person.page.links["Login"] == "/login"


def test_throttled_address_does_not_mention_unlocking(
    tmp_path: Path,
) -> None:
    """The wait of an account names two ways to end it; neither applies to an address."""
    with Served.running(tmp_path / "data") as own:
        own.create("alice")
        person = Person(own)
        for _ in range(6):
            person.login("alice", "wrong")
        assert person.response.status_code == 429
        assert (person.sees(UNLOCK), person.sees(WAY_PAST)) == (True, True)
        for number in range(15):
            person.login(f"name{number}", "wrong")
        person.login("bob", "wrong")
        assert person.response.status_code == 429
        assert person.sees("failed attempts from your network address")
        assert (person.sees(UNLOCK), person.sees(WAY_PAST)) == (False, False)
        answer = requests.get(
            own.api + "/api/v1/whoami", auth=("bob", "wrong"), verify=str(own.ca), timeout=30
        )
        assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
        assert "network address" in answer.json()["detail"]
        assert UNLOCK not in answer.json()["detail"]
        person.close()
