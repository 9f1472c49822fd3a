"""The theme of the pages, light or dark: its cookie, and the pages that use it.

tests/journeys/test_appearance.py checks the display. Choosing a theme needs no re-authentication.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

import pytest
import requests

from tests.support.person import Person
from tests.support.served import Served
from tests.support.walk import rows_of

COOKIE = "__Host-ww_theme"
ALWAYS_ASKS = {"WATCHWORD_RECENT_PROOF_MINUTES": "0"}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served.running(tmp_path_factory.mktemp("look") / "data", environ=ALWAYS_ASKS) as server:
        yield server


@pytest.fixture(scope="module")
def first_run(empty: Served) -> requests.Response:
    """The page of the first-run link, while the link was valid."""
    return ask(empty, empty.first_run_link.removeprefix(empty.console), "dark")


@pytest.fixture(scope="module")
def served(empty: Served, first_run: requests.Response) -> Served:
    empty.create("alice")
    return empty


@pytest.fixture
def alice(served: Served) -> Iterator[Person]:
    person = Person(served).login().open("/preferences")
    yield person
    person.close()


def ask(served: Served, path: str, theme: str, **headers: str) -> requests.Response:
    """Request a page without a session, with this theme in the cookie."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.get(
        served.console + path, verify=str(served.ca), timeout=30, allow_redirects=False,
        headers={"Cookie": f"{COOKIE}={theme}", **sent},
    )  # fmt: skip


def look(html: str) -> tuple[str, str]:
    """The theme of a page, and its colour schemes before the style sheet is loaded."""
    root = re.search(r"<html[^>]*>", html)
    assert root is not None
    theme = re.search(r' data-theme="([^"]*)"', root[0])
    scheme = re.search(r'<meta name="color-scheme" content="([^"]*)">', html)
    assert scheme is not None
    return theme[1] if theme else "", scheme[1]


DARK, NO_CHOICE = ("dark", "dark"), ("", "light dark")


def choose(person: Person, theme: str, **headers: str) -> requests.Response:
    """Send the form of Preferences with this choice."""
    form = next(f for f in person.page.forms.values() if f.action == "/appearance")
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return person.http.post(
        person.served.console + form.action, data={**form.fields, "theme": theme}, headers=sent,
        timeout=30, allow_redirects=False,
    )  # fmt: skip


# --- the choice ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("theme", "cookie"),
    [
        ("light", "light; Max-Age=34560000"),
        ("dark", "dark; Max-Age=34560000"),
        ("system", "; Max-Age=0"),
    ],
)
def test_theme_is_stored_in_its_own_cookie_and_the_page_is_shown_again(
    alice: Person, theme: str, cookie: str
) -> None:
    """Secure; SameSite=Lax; Path=/."""
    answer = choose(alice, theme)
    assert (answer.status_code, answer.headers["location"]) == (303, "/preferences#appearance")
    assert answer.headers["set-cookie"] == (
        f"{COOKIE}={cookie}; Path=/; Secure; HttpOnly; SameSite=Lax"
    )


@pytest.mark.parametrize("theme", ["", "LIGHT", "purple", "dark; Domain=example.org", "\r\nx: y"])
def test_unknown_theme_changes_nothing(alice: Person, theme: str) -> None:
    answer = choose(alice, theme)
    assert (answer.status_code, "set-cookie" in answer.headers) == (303, False)


def test_choosing_a_theme_needs_no_reauthentication_and_is_not_audited(
    served: Served, alice: Person
) -> None:
    def kept() -> tuple[object, object]:
        file = served.data / "watchword.db"
        with sqlite3.connect(file) as database:
            events = database.execute("SELECT count(*), max(id) FROM audit_events").fetchone()
        database.close()
        return rows_of(file), events

    before = kept()
    assert alice.press("Dark").path == "/preferences#appearance"
    assert kept() == before


def test_page_shows_the_current_theme_to_screen_readers_as_well(alice: Person) -> None:
    pressed = re.compile(r'value="(\w+)" aria-pressed="true"')
    for button, said in (("Dark", "Pages are dark"), ("Light", "Pages are light"),
                         ("System", "Pages follow the system")):  # fmt: skip
        alice.press(button)
        assert alice.sees(said)
        assert pressed.findall(alice.response.text) == [button.lower()]


@pytest.mark.parametrize(
    "headers",
    [{"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"},
     {"Origin": "https://evil.example"}, {"Origin": "null"}],
)  # fmt: skip
def test_cross_origin_form_does_not_change_the_theme(
    alice: Person, headers: dict[str, str]
) -> None:
    answer = choose(alice, "dark", **headers)
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    assert "came from elsewhere" in answer.text


def test_form_without_token_does_not_change_the_theme(alice: Person) -> None:
    for form in alice.page.forms.values():
        form.controls.clear()
    answer = choose(alice, "dark")
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


def test_choice_after_the_session_ended_is_refused_and_keeps_the_theme(
    alice: Person,
) -> None:
    alice.press("Dark")
    alice.served.cli("sessions", "end", "alice")
    answer = choose(alice, "light")
    assert answer.status_code == 403
    assert "You have been logged out" in answer.text
    assert COOKIE not in answer.headers["set-cookie"]
    assert look(answer.text) == DARK


# --- the pages -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("path", "status", "headers"),
    [
        ("/login", 200, {}),
        ("/login/with-recovery-code", 200, {}),
        ("/login/second-step", 409, {}),
        ("/first-run/NOTHING", 410, {}),
        ("/problems", 200, {}),
        ("/problems/throttled", 200, {}),
        ("/nowhere", 404, {}),
        ("/logout", 405, {}),
        ("/", 200, {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate",
                    "Sec_Fetch_Dest": "document"}),
    ],
)  # fmt: skip
def test_pages_before_a_login_and_error_pages_use_the_theme(
    served: Served, path: str, status: int, headers: dict[str, str]
) -> None:
    answer = ask(served, path, "dark", **headers)
    assert (answer.status_code, look(answer.text)) == (status, DARK)
    assert look(ask(served, path, "light", **headers).text) == ("light", "light")


def test_first_run_page_uses_the_theme(first_run: requests.Response) -> None:
    assert "Create Administrator" in first_run.text
    assert look(first_run.text) == DARK


def test_pages_of_a_session_use_the_theme_and_logout_keeps_it(alice: Person) -> None:
    alice.press("Dark")
    for path in ("/your-mfa-settings", "/administrators", "/your-sessions", "/audit-log"):
        assert look(alice.open(path).response.text) == DARK
    alice.press("Logout")
    assert (alice.path, look(alice.response.text)) == ("/login", DARK)


@pytest.mark.parametrize("value", ["", "DARK", "purple", '"dark"', "dark light", 'x"><b', "\xe9"])
@pytest.mark.parametrize("path", ["/login", "/nowhere"])
def test_any_other_value_of_the_cookie_is_ignored(served: Served, path: str, value: str) -> None:
    assert look(ask(served, path, value).text) == NO_CHOICE


def test_repeated_theme_cookie_is_ignored(served: Served) -> None:
    """Pages that need a session refuse the request, as for each repeated cookie."""
    twice = f"dark; {COOKIE}=light"
    refused = ask(served, "/login", twice)
    assert (refused.status_code, look(refused.text)) == (400, NO_CHOICE)
    public = ask(served, "/problems", twice)
    assert (public.status_code, look(public.text)) == (200, NO_CHOICE)
