"""The language of the console's pages: the account's, else the cookie's, else the browser's.

The Management API is English for every client.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests

from tests.support import german
from tests.support.person import Person
from tests.support.served import PASSWORD, Served

COOKIE = "__Host-ww_lang"
GERMAN = {"Accept-Language": "de-DE,de;q=0.9,en;q=0.5"}
ENGLISH = {"Accept-Language": "en-GB,en;q=0.9,de;q=0.8"}
WORDS = {"de": "Benutzername", "en": "Username"}


def ask(served: Served, path: str, **headers: str) -> requests.Response:
    return requests.get(
        served.console + path, headers=headers, verify=str(served.ca), timeout=30,
        allow_redirects=False,
    )  # fmt: skip


def language(answer: requests.Response) -> str:
    """Return the language of a page; its attribute, header and words agree."""
    found = re.search(r'<html lang="(\w+)"', answer.text)
    assert found is not None
    assert answer.headers["content-language"] == found[1]
    assert answer.headers["vary"] == "Accept-Language, Cookie"
    assert ("Abmelden" in answer.text or WORDS["de"] in answer.text) == (found[1] == "de")
    return found[1]


def test_every_refused_page_is_german(served: Served) -> None:
    """Pages of a reader's mistake; the walk over all pages has the others."""
    served.create("emil")
    person, form = Person(served, **GERMAN), {"Content-Type": "application/x-www-form-urlencoded"}

    def post(path: str, data: Any, **headers: str) -> requests.Response:
        return person.http.post(served.console + path, data=data, headers=headers, timeout=30)

    stale = {"form_token": "x", "username": "emil", "password": "x"}
    twice = "; ".join(["__Host-ww_login=x"] * 2)
    found = [
        *(ask(served, path, **GERMAN) for path in ("/nowhere", "/problems/x", "/first-run/x")),
        ask(served, "/login", **GERMAN, Cookie=twice),
        post("/login/second-step", stale),
        post("/help", {}),
        post("/login", stale),
        post("/login", stale, Origin="https://other.example"),
        post("/login", b"x=1&x=2", **form),
        post("/login", b"x" * 200_000, **form),
        post("/login", b"x", **{"Content-Type": "text/plain"}),
    ]
    person.open("/login")
    wrong = {"Benutzername": "emil", "Passwort": "wrong"}
    found += [person.press("OK", **wrong).response for _ in range(8)]
    statuses = {each.status_code for each in found}
    assert statuses >= {400, 403, 404, 405, 409, 410, 413, 415, 422, 429}
    for each in found:
        assert 'lang="de"' in each.text, each.status_code
        assert german.english_in(german.texts_of(each.text)) == [], each.status_code
    person.close()


def choose(person: Person, choice: str) -> requests.Response:
    form = next(f for f in person.page.forms.values() if f.action == "/language")
    return person.http.post(
        person.served.console + form.action, data={**form.fields, "language": choice}, timeout=30,
        allow_redirects=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, "en"),
        (GERMAN, "de"),
        (ENGLISH, "en"),
        ({"Cookie": f"{COOKIE}=de"}, "de"),
        ({**GERMAN, "Cookie": f"{COOKIE}=en"}, "en"),
        ({**GERMAN, "Cookie": f"{COOKIE}=fr"}, "de"),
        ({**GERMAN, "Cookie": f"{COOKIE}="}, "de"),
    ],
)
def test_login_page_follows_the_cookie_then_the_browser(
    served: Served, headers: dict[str, str], expected: str
) -> None:
    assert language(ask(served, "/login", **headers)) == expected


def test_pages_of_several_languages_alternate(served: Served) -> None:
    """Nothing translated is kept for the next request."""
    for path in ("/login", "/login/with-recovery-code"):
        for headers, expected in ((GERMAN, "de"), (ENGLISH, "en"), (GERMAN, "de")):
            assert language(ask(served, path, **headers)) == expected


def test_files_have_no_language(served: Served) -> None:
    style = re.search(r'href="(/static/[^"]+\.css)"', ask(served, "/login").text)
    assert style is not None
    headers = ask(served, style[1], **GERMAN).headers
    assert not {"vary", "content-language"} & {name.lower() for name in headers}


def test_choice_on_the_login_page_is_stored_in_a_cookie(person: Person) -> None:
    answer = choose(person.open("/login?to=/audit-log"), "de")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?to=/audit-log")
    assert answer.headers["set-cookie"] == (
        f"{COOKIE}=de; Max-Age=34560000; Path=/; Secure; HttpOnly; SameSite=Lax"
    )
    assert language(person.open("/login").response) == "de"


def test_choice_of_an_account_applies_in_every_browser(served: Served) -> None:
    served.create("bob")
    first, other = Person(served).login("bob"), Person(served, **ENGLISH).login("bob")
    choose(first.open("/preferences"), "de")
    for person in (first, other):
        for path in ("/", "/your-sessions", "/nowhere"):
            assert language(person.open(path).response) == "de"
    other.press("Abmelden").open("/login")  # only the first browser has the cookie
    assert language(other.response) == "en"
    assert (first.press("Abmelden").path, language(first.response)) == ("/login", "de")
    other.login("bob")
    choose(other.open("/preferences"), "")
    assert language(other.open("/").response) == "en"
    first.close()
    other.close()


def test_unknown_language_changes_nothing(alice: Person) -> None:
    for choice in ("fr", "DE", "de ", "\r\nx: y"):
        answer = choose(alice.open("/preferences"), choice)
        assert (answer.status_code, "set-cookie" in answer.headers) == (303, False)
        assert language(alice.open("/").response) == "en"


def test_management_api_is_english_for_every_client(served: Served) -> None:
    """Scripts compare texts, and every 401 has the same bytes."""

    def content(path: str, password: str, **headers: str) -> bytes:
        answer = requests.get(
            served.api + path, auth=("alice", password), verify=str(served.ca), timeout=30,
            headers={"X-Request-Id": "same", **headers},
        )  # fmt: skip
        return answer.content

    cookie = {"Cookie": f"{COOKIE}=de"}
    for path in ("/docs", "/openapi.json", "/api/v1/administrators/nobody", "/nowhere"):
        german = content(path, PASSWORD, **GERMAN, **cookie)
        assert german == content(path, PASSWORD, **ENGLISH)
    assert content("/docs", "wrong", **GERMAN) == content("/docs", "wrong")
