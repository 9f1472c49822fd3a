"""What the login page says of what has just been: a first administrator, a logout, too many tries."""

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


def test_after_the_first_administrator_the_login_page_says_that_it_is_created(
    tmp_path: Path,
) -> None:
    with Served.running(tmp_path / "data") as fresh:
        person = Person(fresh).open(fresh.first_run_link)
        fields = {"Username": "carol", "Password": PASSWORD, "Repeat_password": PASSWORD}
        person.press("Create Administrator", **fields)
        assert (person.path, person.sees(CREATED)) == ("/login", True)
        assert not person.open("/login").sees(CREATED)
        assert person.login("carol").heading == "Overview"
        person.close()


@pytest.mark.parametrize(("path", "button"), [("/", "Logout"), ("/your-sessions", "End")])
def test_after_a_logout_the_login_page_says_so_once(person: Person, path: str, button: str) -> None:
    person.login("alice").open(path).press(button)
    assert (person.path, person.sees(LOGGED_OUT)) == ("/login", True)
    assert not person.open("/login").sees(LOGGED_OUT)


def test_a_refused_login_says_nothing_of_the_logout_before(person: Person) -> None:
    """Not even where the page after the logout was never asked for: in another tab it was."""
    person.login("alice").press("Logout")
    person.http.cookies.set(cookies.SAID, "logged-out", domain="127.0.0.1")
    person.press("OK", Username="alice", Password="wrong")
    assert person.response.status_code == 422
    assert not person.sees(LOGGED_OUT)


@pytest.mark.parametrize("word", ["mfa-disabled", "administrator-created:eve", "You have won", ""])
def test_nobody_else_has_a_word_on_the_login_page(served: Served, word: str) -> None:
    """Neither a link nor a cookie that somebody planted: there are two sentences, and no blanks."""
    plain = requests.get(served.console + "/login", verify=str(served.ca), timeout=30).text
    assert 'role="status"><p>' not in plain
    for path, cookie in ((f"/login?said={word}", ""), ("/login", f"{cookies.SAID}={word}")):
        headers = {"Cookie": cookie} if cookie else {}
        answer = requests.get(
            served.console + path, headers=headers, verify=str(served.ca), timeout=30
        )
        assert 'role="status"><p>' not in answer.text
        assert not word or word not in answer.text


def test_logout_on_a_page_whose_session_is_over_says_that_it_is(
    served: Served, person: Person
) -> None:
    """Not that something went wrong and nothing was changed: one would try it again."""
    person.login("alice")
    served.cli("sessions", "end", "alice")
    person.press("Logout")
    assert (person.response.status_code, person.heading) == (403, "You have been logged out")
    assert person.page.links["Login"] == "/login"


def test_who_waits_for_an_address_is_not_sent_to_somebody_who_unlocks_accounts(
    tmp_path: Path,
) -> None:
    """An account's wait names both ways past it; of an address's wait neither is one."""
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
