"""Forms from before a login whose token is too old: after a login in another tab, a restart of the
browser, or without cookies.
"""

from __future__ import annotations

import html
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from tests.support import phone
from tests.support.person import Person
from tests.support.served import PASSWORD, Served
from watchword.domain.return_target import return_target, safe_return_target
from watchword.web.console.frame.navigation import with_target
from watchword.web.http import cookies

TARGET = "/audit-log?account=bo%3Ab"
STALE = "Please fill in the form again."
COOKIES = "allow cookies for this server in your browser"


def restart_browser(person: Person) -> None:
    """Forget the session cookies, as a restarted browser does; the page stays open."""
    person.http.cookies.clear()


def other_cookie(person: Person) -> None:
    """Replace the cookie, as opening another page of the server does."""
    person.http.cookies.set(cookies.BEFORE_LOGIN, "B" * 43, domain="127.0.0.1")


@pytest.mark.parametrize(("lose", "says"), [(restart_browser, COOKIES), (other_cookie, STALE)])
def test_stale_login_form_returns_with_name_and_target(
    person: Person, lose: object, says: str
) -> None:
    person.open(TARGET)
    assert callable(lose)
    lose(person)
    person.press("OK", Username="alice", Password=PASSWORD)
    assert (person.response.status_code, person.heading) == (403, "Login")
    assert person.sees(says)
    assert person.page.attributes["username"]["value"] == "alice"
    assert PASSWORD not in person.response.text
    person.press("OK", Password=PASSWORD, Username="alice")
    assert person.path == TARGET


def test_browser_without_cookies_gets_a_message_each_time(person: Person) -> None:
    person.open(TARGET)
    for _ in range(2):
        restart_browser(person)
        person.press("OK", Username="alice", Password=PASSWORD)
        assert (person.response.status_code, person.sees(COOKIES)) == (403, True)


@pytest.mark.parametrize("path", ["/login", "/login/with-recovery-code"])
def test_login_form_in_another_tab_redirects_to_its_target(person: Person, path: str) -> None:
    person.open(f"{path}?to=%2Faudit-log%3Faccount%3Dbo%253Ab")
    older, button = person.page, person.button("OK")
    person.login()
    person.page = older
    assert button is not None
    answer = person.submit(button, {"Username": "alice", "Password": "not looked at"})
    assert (answer.status_code, urlsplit(answer.url).path) == (200, "/audit-log")
    assert urlsplit(answer.url).query == "account=bo%3Ab"


@pytest.mark.parametrize("lose", [restart_browser, other_cookie])
def test_stale_recovery_form_returns(person: Person, lose: object) -> None:
    person.open("/login/with-recovery-code?to=/audit-log")
    assert callable(lose)
    lose(person)
    typed = {"Username": "alice", "Password": PASSWORD, "Recovery_code": "0000"}
    person.press("OK", **typed)
    assert (person.response.status_code, person.sees(STALE)) == (403, True)
    assert person.page.attributes["username"]["value"] == "alice"
    assert 'name="to" value="/audit-log"' in person.response.text
    assert person.press("OK", **typed).response.status_code == 422


def test_stale_second_step_returns_and_continues(served: Served, person: Person) -> None:
    served.create("mia")
    person.login("mia").settings().press("Enable MFA").press("Logout")
    person.open(TARGET).press("OK", Username="mia", Password=PASSWORD)
    other_cookie(person)
    code = phone.code(person.token)
    person.press("OK", Code=code)
    assert (person.response.status_code, person.sees(STALE)) == (403, True)
    person.press("OK", Code=phone.code(person.token))
    assert person.heading == "Recovery codes"
    assert person.follow("Continue").path == TARGET


def test_stale_recovery_code_page_returns(served: Served, person: Person) -> None:
    served.create("rita")
    person.login("rita").settings().press("Enable MFA").press("Logout")
    person.login("rita").press("OK", Code=phone.code(person.token))
    code = person.recovery_codes()[0]
    person.follow("Continue").press("Logout").login("rita").follow("Use a recovery code")
    other_cookie(person)
    person.press("OK", Recovery_code=code)
    assert (person.response.status_code, person.sees(STALE)) == (403, True)
    assert person.press("OK", Recovery_code=code).sees("Recovery codes")


def test_stale_first_run_form_returns_with_its_values(tmp_path: Path) -> None:
    with Served.running(tmp_path / "data") as fresh:
        person = Person(fresh).open(fresh.first_run_link)
        restart_browser(person)
        typed = {"Username": "carol", "Full_name": "Carol", "Email": "carol@ops.example"}
        secrets = {"Password": PASSWORD, "Repeat_password": PASSWORD}
        person.press("Create Administrator", **typed, **secrets)
        assert (person.response.status_code, person.sees(COOKIES)) == (403, True)
        for name, value in typed.items():
            assert person.page.attributes[name.lower()]["value"] == value
        person.press("Create Administrator", **typed, **secrets)
        assert person.path == "/login?username=carol"
        person.close()


def test_new_password_form_of_an_older_session_links_to_its_page(
    served: Served, person: Person
) -> None:
    served.cli(
        "administrator", "create", "--password-stdin", "--must-change", "dora", stdin=PASSWORD
    )
    person.login("dora")
    older, button = person.page, person.button("OK")
    person.press("Logout").login("dora")
    person.page = older
    assert button is not None
    new = "another otter with pencils"
    typed = {"New_password": new, "Repeat_new_password": new}
    person.response = person.submit(button, typed)
    person._took(person.response)
    assert person.response.status_code == 403
    person.follow("Back to the page").press("OK", **typed)
    assert person.heading == "Overview"


# --- the page that was asked for -------------------------------------------------------------
RAW = {
    "/audit-log?account=a@b:c,(d')&event=auth.login":
        "/audit-log?account=a%40b%3Ac%2C%28d%27%29&event=auth.login",
    "/audit-log?account=50%": "/audit-log?account=50%25",
    "/administrators/bo:b": "/administrators/bo%3Ab",
}  # fmt: skip
ELSEWHERE = {
    "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document",
}  # fmt: skip


def ask_raw(person: Person, path: str, **headers: str) -> requests.Response:
    """Request a path without escaping it, which `requests` would do."""
    request = person.http.prepare_request(requests.Request("GET", person.served.console + "/"))
    request.url = person.served.console + path
    request.headers.update(headers)
    return person.http.send(request, timeout=30, allow_redirects=False)


@pytest.mark.parametrize(("raw", "kept"), RAW.items())
def test_deep_link_with_raw_characters_survives_login_and_reload(
    person: Person, raw: str, kept: str
) -> None:
    assert safe_return_target(raw) == "/"
    assert ask_raw(person, raw).headers["location"] == with_target("/login", kept)
    reload = ask_raw(person, raw, **ELSEWHERE).text
    assert f'content="0; url={html.escape(kept)}"' in reload


TYPED = st.text("aZ09 @:,('+%/?#;=!$*)[]\\<>\"é／\u202e", max_size=20)
NAMES = st.sampled_from(["account", "search", "since", "sort", "event"])
ATTACKS = ["//evil.example", "/\\evil.example", "https://evil.example", "/%2Fevil.example",
           "/login?to=//evil.example", "/a?next=@evil&to=//evil.example", "/a:b@evil.example//x",
           "javascript:alert(1)", "/?to=https://evil.example", "//evil.example:80?account=a@b",
           "/audit-log?account=a\r\nlocation: //evil.example"]  # fmt: skip


@given(st.dictionaries(NAMES, TYPED, min_size=1))
def test_query_survives_as_target_in_any_notation(query: dict[str, str]) -> None:
    """Written like a client that escapes only delimiters of the query and its values."""
    must = {"%": "%25", "#": "%23", "&": "%26", "+": "%2B", " ": "+", "\\": "%5C"}
    written = "&".join(
        f"{name}={''.join(must.get(c, c) for c in value)}" for name, value in query.items()
    )
    kept = return_target(f"/audit-log?{written}")
    assert parse_qs(urlsplit(kept).query, keep_blank_values=True) == {
        name: [value] for name, value in query.items()
    }
    assert safe_return_target(kept) == kept


@given(st.text("/\\:@.%?#;=&aA1-_,(' \t\r\n\0／é") | st.text() | st.sampled_from(ATTACKS))
def test_target_is_safe_or_the_first_page(asked: str) -> None:
    """`safe_return_target` alone decides; tests/domain/test_return_target.py attacks it."""
    target = return_target(asked)
    assert safe_return_target(target) == target
    assert target.partition("?")[0] in {asked.partition("?")[0], "/"} or "%" in target


@pytest.mark.parametrize("asked", ATTACKS)
def test_attack_stays_on_this_host(asked: str) -> None:
    target = urlsplit(return_target(asked))
    assert (target.scheme, target.netloc) == ("", "")
    assert "evil" not in target.path
    assert "to=" not in target.query
