"""Forgetting a recognised browser: of one's own on Your Sessions, of others after a confirmation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.support.person import Person
from tests.support.served import PASSWORD, Served

AGENTS = {
    "Firefox": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Chrome": "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
}
FORGET, FORGET_BROWSER = "Forget", "Forget Browser"


@pytest.fixture
def bobs(served: Served) -> Iterator[list[Person]]:
    """Bob, logged in with Firefox and then with Chrome."""
    served.create("bob")
    found = [Person(served, **{"User-Agent": agent}).login("bob") for agent in AGENTS.values()]
    yield found
    for each in found:
        each.close()
    served.cli("administrator", "delete", "--yes", "bob")


def browsers(person: Person) -> str:
    """Return the text of the list of browsers."""
    person.open("/your-sessions")
    return person.page.text.partition("Recognised browsers")[2]


def new_browsers(person: Person) -> int:
    person.open("/audit-log?event=auth.new_browser&account=bob")
    return person.page.text.count("with a new browser")


def test_a_forgotten_browser_keeps_its_session_and_is_new_at_its_next_login(
    served: Served, bobs: list[Person]
) -> None:
    firefox, chrome = bobs
    firefox.press("Logout").login("bob")  # now the last seen
    assert re.search(r"Firefox on Linux this browser .+ Chrome on Windows", browsers(firefox))
    stale = firefox.page
    other = [b for b in stale.buttons if b.text == FORGET][1]
    firefox._took(firefox.submit(other, {}))
    assert firefox.sees("The browser is no longer recognised.")
    assert "Chrome" not in browsers(firefox)
    firefox.page = stale
    firefox._took(firefox.submit(other, {}))
    assert (firefox.response.status_code, firefox.path) == (409, "/your-sessions/forget-browser")
    assert firefox.sees("This browser is no longer recognised. Nothing has been changed.")
    firefox.open("/audit-log?event=auth.browser_forgotten")
    assert firefox.sees("removed a browser from their recognised browsers: Chrome on Windows")

    assert chrome.open("/").heading == "Overview"
    before = new_browsers(chrome)
    chrome.press("Logout").login("bob")
    assert new_browsers(chrome) == before + 1
    assert "Chrome on Windows this browser" in browsers(chrome)


def test_browser_of_another_account_is_forgotten_after_a_confirmation(
    served: Served, alice: Person, bobs: list[Person]
) -> None:
    _firefox, chrome = bobs
    alice.open("/administrators/bob").press(FORGET_BROWSER)
    assert alice.heading == "Confirm: Forget Browser for bob"
    assert alice.sees("Chrome on Windows")
    confirm, button = alice.page, alice.button(FORGET_BROWSER)
    assert button is not None
    alice.press(FORGET_BROWSER)
    assert (alice.path, alice.heading) == ("/administrators/bob", "Administrator bob")
    assert alice.sees("The browser is no longer recognised for the account bob")
    assert "Chrome" not in browsers(chrome), "its session continues"
    alice.page = confirm
    alice._took(alice.submit(button, {}))
    assert alice.response.status_code == 409
    assert alice.sees("This browser is no longer recognised. Nothing has been changed.")
    alice.open("/audit-log?event=auth.browser_forgotten&interface=console&changes=yes")
    assert alice.sees("removed a browser from the recognised browsers of bob : Chrome on Windows")
    assert FORGET_BROWSER not in {b.text for b in alice.open("/administrators/alice").page.buttons}


def test_browser_of_another_account_cannot_be_forgotten_as_ones_own(
    alice: Person, bobs: list[Person]
) -> None:
    firefox, _chrome = bobs
    alice.open("/your-sessions")
    form = alice.page.forms[next(b for b in alice.page.buttons if b.text == FORGET).form]
    theirs = form.fields["browser"]
    firefox.open("/your-sessions")
    own = firefox.page.forms[next(b for b in firefox.page.buttons if b.text == FORGET).form].fields
    answer = firefox.http.post(
        f"{firefox.served.console}/your-sessions/forget-browser", data=own | {"browser": theirs},
        timeout=30,
    )  # fmt: skip
    assert answer.status_code == 409
    assert "this browser" in browsers(alice)


def test_forgetting_asks_who_you_are_when_the_login_is_old(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    environ = {"WATCHWORD_RECENT_PROOF_MINUTES": "0"}
    with Served.running(tmp_path_factory.mktemp("old") / "data", environ=environ) as served:
        served.create("carol")
        with closing(Person(served).login("carol")) as person:
            person.open("/your-sessions").press(FORGET)
            assert person.heading == "Confirm it is you"
            person.press("OK", Password=PASSWORD)
            assert person.sees("The browser is no longer recognised.")
            assert person.sees("No browser is recognised.")
            served.create("dave")
            Person(served).login("dave").close()
            person.open("/administrators/dave").press(FORGET_BROWSER)
            assert person.heading == "Confirm it is you"
            person.press("OK", Password=PASSWORD)
            assert person.heading == "Confirm: Forget Browser for dave"
            person.press(FORGET_BROWSER)
            assert person.sees("The browser is no longer recognised for the account dave")
