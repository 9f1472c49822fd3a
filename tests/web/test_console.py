"""The console over its port: invalid input, headers, cookies, other sites and tabs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import requests

from tests.support import phone
from tests.support.person import Person
from tests.support.served import PASSWORD, Served

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for this module; each test has its own account."""
    with Served.running(tmp_path_factory.mktemp("console") / "data") as server:
        server.create("somebody")
        yield server


@pytest.fixture
def name(request: pytest.FixtureRequest, served: Served) -> str:
    """The name of an account that only this test uses."""
    name = f"n{abs(hash(request.node.name)) % 10**12}"
    served.create(name)
    return name


@pytest.fixture
def person(served: Served) -> Iterator[Person]:
    opened = Person(served)
    yield opened
    opened.close()


def post(person: Person, path: str, data: Any, **headers: str) -> requests.Response:
    return person.http.post(person.served.console + path, data=data, headers=headers, timeout=30)


def login_form(person: Person, **fields: str) -> dict[str, str]:
    person.open("/login")
    return {**next(iter(person.page.forms.values())).fields, **fields}


# --- bad input -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("", ""),
        ("x" * 10_000, "y" * 10_000),
        ("al\x00ice", "p\x00w"),
        ("\x1b[31m", "\x07"),
        ("alice\r\nSet-Cookie: x=y", "pw"),
        ("' OR 1=1 --", "' OR 1=1 --"),
        ("<script>alert(1)</script>", "x"),
        ("{{7*7}}", "{{7*7}}"),
    ],
    ids=["empty", "long", "nul", "control", "header", "sql", "html", "template"],
)
def test_login_with_invalid_input_is_refused(person: Person, username: str, password: str) -> None:
    answer = post(person, "/login", login_form(person, username=username, password=password))
    assert answer.status_code in {422, 429}
    assert "<script>alert" not in answer.text
    assert "Incorrect username or password." in answer.text or answer.status_code == 429


@pytest.mark.parametrize(
    ("body", "headers", "status", "says"),
    [
        (b"a" * 2_097_152, FORM, 413, "larger than this page accepts"),
        (b"username=%ff%fe&password=x", FORM, 400, "not UTF-8"),
        (b"username=\xff", FORM, 400, "not UTF-8"),
        (b"username=a&username=b", FORM, 400, "contains a field twice"),
        (b"&".join(b"f%d=1" % n for n in range(60)), FORM, 400, "too many fields"),
        (b'{"username": "a"}', {"Content-Type": "application/json"}, 415, "only forms that a browser sends"),
        (b"x", {"Content-Type": "multipart/form-data; boundary=x"}, 415, "only forms that a browser sends"),
        (b"", {}, 415, "only forms that a browser sends"),
        (b"", FORM, 403, "page was out of date"),
        (b"form_token=%00", FORM, 403, "page was out of date"),
    ],
    ids=["2-mib", "broken-utf-8", "raw-bytes", "repeated", "sixty", "json", "multipart", "none",
         "empty", "nul-token"],
)  # fmt: skip
def test_malformed_form_is_reported(
    person: Person, body: bytes, headers: dict[str, str], status: int, says: str
) -> None:
    person.open("/login")
    answer = post(person, "/login", body, **headers)
    assert (answer.status_code, says in answer.text) == (status, True)


@pytest.mark.parametrize("typed", ["123 456", "１２３４５６", "123-456"])
def test_code_with_spaces_or_full_width_digits_is_read(
    served: Served, person: Person, name: str, typed: str
) -> None:
    person.login(name).settings().press("Enable MFA").press("Finish now")
    digits = phone.code(person.token)
    shown = typed.translate(
        {
            ord(a): b
            for pair in ("123456", "１２３４５６")
            for a, b in zip(pair, digits, strict=True)
        }
    )
    assert person.press("OK", Code=shown).heading == "Recovery codes"


def test_browser_that_changes_mfa_stays_recognised(
    served: Served, person: Person, name: str
) -> None:
    """Each change of MFA forgets all other browsers; noise would then delay the owner."""
    person.login(name).settings()
    for button, forgets in (("Enable MFA", True), ("Finish now", False), ("OK", True)):
        before = person.http.cookies["__Host-ww_d"]
        typed = {"Code": phone.code(person.token)} if button == "OK" else {}
        person.press(button, **typed)
        assert (person.http.cookies["__Host-ww_d"] != before) is forgets
    person.follow("Continue").press("Logout")
    attacker = Person(served)
    for _ in range(6):
        attacker.login(name, "wrong wrong wrong")
    assert attacker.response.status_code == 429
    assert person.login(name).button("OK")
    assert "Code" in person.page.labels
    attacker.close()


@pytest.mark.parametrize("typed", ["12345", "", "1234567", "abcdef"])
def test_malformed_code_is_explained(person: Person, name: str, typed: str) -> None:
    person.login(name).settings().press("Enable MFA").press("Finish now")
    person.press("OK", Code=typed)
    assert person.response.status_code == 422
    assert person.sees("A code has six digits.")


def test_wrong_code_shows_the_time_of_the_server(person: Person, name: str) -> None:
    person.login(name).settings().press("Enable MFA").press("Finish now")
    assert not person.sees("Server time:")
    assert person.press("OK", Code="000000").sees("Server time:")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nowhere", 404),
        ("/static/nothing.css", 404),
        ("/static/..%2f..%2fapp.py", 404),
        ("/first-run/nothing", 410),
        ("/first-run/%2e%2e", 410),
        ("/logout", 405),
        ("/your-mfa-settings/enable", 405),
        ("/login/second-step", 409),
        ("/login/recovery-code", 409),
    ],
)
def test_unknown_address_is_reported_with_links(person: Person, path: str, status: int) -> None:
    person.open(path)
    assert person.response.status_code == status
    assert person.heading
    assert {"Overview", "Login"} & set(person.page.links)


# --- headers ---------------------------------------------------------------------------------
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
}


@pytest.mark.parametrize(
    "path", ["/login", "/", "/nowhere", "/ca.crt", "/login/second-step", "/logout", "/static/x"]
)
def test_every_response_has_the_headers(person: Person, path: str) -> None:
    url = person.served.console + path
    answer = person.http.get(url, allow_redirects=False, timeout=30)
    for header, value in HEADERS.items():
        assert answer.headers[header] == value
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers
    assert "strict-transport-security" not in answer.headers


def test_each_response_has_its_own_nonce(person: Person) -> None:
    policies = {person.open("/login").response.headers["content-security-policy"] for _ in "ab"}
    assert len(policies) == 2


def test_static_files_are_immutable(person: Person) -> None:
    style = person.open("/login").response.text.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = person.http.get(person.served.console + style, timeout=30)
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/css")


def test_cookies_are_host_bound_secure_and_http_only(person: Person, name: str) -> None:
    answer = post(person, "/login", login_form(person, username=name, password=PASSWORD))
    first = answer.history[0].raw.headers.getlist("set-cookie")
    assert {c.partition("=")[0] for c in first} == {
        "__Host-ww_s", "__Host-ww_d", "__Host-ww_t", "__Host-ww_p"
    }  # fmt: skip
    for cookie in first:
        assert cookie.endswith("; Path=/; Secure; HttpOnly; SameSite=Strict")
        assert ("Max-Age=0" in cookie) == (cookie[:11] in {"__Host-ww_t", "__Host-ww_p"})


# --- cookies and other sites -----------------------------------------------------------------
def test_duplicate_cookie_is_refused(person: Person, name: str) -> None:
    person.login(name)
    session = next(c.value for c in person.http.cookies if c.name == "__Host-ww_s")
    answer = requests.get(
        person.served.console + "/", verify=str(person.served.ca), timeout=30,
        headers={"Cookie": f"__Host-ww_s={session}; x=y; __Host-ww_s={session}"},
    )  # fmt: skip
    assert (answer.status_code, "cookies twice" in answer.text) == (
        400, True,
    )  # fmt: skip


@pytest.mark.parametrize("prefix", ["__host-ww_s", "__Host-ww_s ", " __Host-ww_S", "ww_s"])
def test_cookie_of_a_similar_name_is_ignored(person: Person, name: str, prefix: str) -> None:
    person.login(name)
    session = next(c.value for c in person.http.cookies if c.name == "__Host-ww_s")
    answer = requests.get(
        person.served.console + "/", verify=str(person.served.ca), timeout=30,
        headers={"Cookie": f"{prefix.strip() if prefix[0] != ' ' else prefix[1:]}={session}"},
        allow_redirects=False,
    )  # fmt: skip
    expected = 200 if prefix == "__Host-ww_s " else 303
    assert answer.status_code == expected


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1"},
    ],
)
def test_form_from_elsewhere_changes_nothing(
    person: Person, name: str, headers: dict[str, str]
) -> None:
    person.login(name).settings()
    form = person.page.forms[person.button("Enable MFA").form]  # type: ignore[union-attr]
    answer = post(person, form.action, form.fields, **headers)
    assert answer.status_code == 403
    assert "came from elsewhere" in answer.text
    assert person.settings().status == "Disabled"


def test_form_of_an_own_page_is_accepted(person: Person, name: str) -> None:
    person.login(name).settings()
    form = person.page.forms[person.button("Enable MFA").form]  # type: ignore[union-attr]
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": person.served.console}
    assert post(person, form.action, form.fields, **headers).status_code == 200
    assert person.settings().status == "Pending"


def test_form_token_of_another_session_is_refused(
    served: Served, person: Person, name: str
) -> None:
    attacker = Person(served).login(name).settings()
    foreign = attacker.page.forms[attacker.button("Enable MFA").form].fields  # type: ignore[union-attr]
    person.login(name)
    assert post(person, "/your-mfa-settings/enable", foreign).status_code == 403
    assert person.settings().status == "Disabled"
    attacker.close()


def test_form_of_another_site_does_not_log_in(served: Served, person: Person, name: str) -> None:
    """Login CSRF: the form needs the cookie of this browser."""
    attacker = Person(served)
    fields = login_form(attacker, username=name, password=PASSWORD)
    answer = post(person, "/login", fields)
    assert answer.status_code == 403
    assert person.open("/").heading == "Login"
    attacker.close()


def test_form_of_another_site_does_not_log_out(person: Person, name: str) -> None:
    person.login(name)
    assert post(person, "/logout", {}, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert person.open("/").heading == "Overview"


ELSEWHERE = {
    "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document",
}  # fmt: skip


@pytest.mark.parametrize(
    "page",
    ["/", "/your-mfa-settings", "/login", "/login?to=/audit-log", "/login/second-step",
     "/first-run/abc"],
)  # fmt: skip
def test_link_from_elsewhere_is_reloaded_without_setting_cookies(served: Served, page: str) -> None:
    """On any page: the missing cookies may belong to a session or to a login attempt. They must
    not be replaced.
    """
    without_cookie = requests.get(
        served.console + page, headers=ELSEWHERE, timeout=30, verify=str(served.ca)
    )
    assert f'http-equiv="refresh" content="0; url={page}"' in without_cookie.text
    assert "Set-Cookie" not in without_cookie.headers


def test_form_from_elsewhere_keeps_the_login_page_in_another_tab_valid(
    person: Person, name: str
) -> None:
    fields = login_form(person, username=name, password=PASSWORD)
    foreign = requests.post(
        person.served.console + "/login", data={"x": "1"}, headers=ELSEWHERE, timeout=30,
        verify=str(person.served.ca),
    )  # fmt: skip
    assert (foreign.status_code, "Set-Cookie" in foreign.headers) == (403, False)
    assert post(person, "/login", fields).status_code == 200
    assert person.open("/").heading == "Overview"


def test_login_redirects_to_the_requested_own_page(person: Person, name: str) -> None:
    person.open("/your-mfa-settings").press("OK", Username=name, Password=PASSWORD)
    assert person.path == "/your-mfa-settings"
    person.press("Logout").open("/login?to=//evil.example/")
    person.press("OK", Username=name, Password=PASSWORD)
    assert person.path == "/"


# --- tabs, reloads, the back button ----------------------------------------------------------
def test_older_form_of_two_tabs_shows_the_current_step(person: Person, name: str) -> None:
    person.login(name).settings().press("Enable MFA").press("Logout").login(name)
    first, first_button = person.page, person.button("OK")
    old_secret = person.token
    person.login(name)
    assert person.token != old_secret
    newer = person.page
    person.page = first
    assert first_button is not None
    answer = person.submit(first_button, {"Code": phone.code(old_secret)})
    assert answer.status_code == 409
    assert "You started again in another tab" in answer.text
    assert "scan this one: earlier ones are no longer valid" in answer.text
    person.page = newer
    assert person.press("OK", Code=phone.code(person.token)).heading == "Recovery codes"


def test_reload_of_the_enrolment_page_shows_the_same_secret(person: Person, name: str) -> None:
    person.login(name).settings().press("Enable MFA").press("Logout").login(name)
    secret = person.token
    assert person.open("/login/second-step").token == secret


def test_cancel_ends_the_login_attempt(person: Person, name: str) -> None:
    person.login(name).settings().press("Enable MFA").press("Logout").login(name)
    form = person.page
    button = person.button("OK")
    secret = person.token
    assert person.press("Cancel").path == "/login"
    person.page = form
    assert button is not None
    answer = person.submit(button, {"Code": phone.code(secret)})
    assert "Please log in again" in answer.text
    assert person.open("/login/second-step").response.status_code == 409


def test_enrolment_page_reports_views_of_other_browsers(person: Person, name: str) -> None:
    """A warning after each mistyped code would soon be ignored."""
    person.login(name).settings().press("Enable MFA").press("Logout").login(name)
    assert person.sees("The QR code was not viewed in any other login")
    person.open("/login/second-step").press("OK", Code="000000")
    assert person.sees("The QR code was not viewed in any other login")
    with closing(Person(person.served, **{"User-Agent": "another"})) as other:
        other.login(name)
        assert other.sees("The QR code of this account was also viewed in another login")
        assert other.sees("from 127.0.0.1")
    person.open("/login/second-step")
    assert person.sees("The QR code of this account was also viewed in another login")
    with closing(Person(person.served, **{"User-Agent": "another"})) as other:
        other.login(name)
    person.press("OK", Code=phone.code(person.token))
    assert person.heading == "Recovery codes"
    listed = person.response.text.partition("the QR code was also viewed")[2].partition("</ul>")[0]
    assert listed.count("<li>") == 2, "one's own views are not listed"
    person.follow("Continue").open("/")
    assert person.sees("was also shown in another login")


def test_own_enrolment_page_views_cause_no_warning(person: Person, name: str) -> None:
    person.login(name).settings().press("Enable MFA").press("Finish now")
    person.press("OK", Code="000000").press("OK", Code=phone.code(person.token))
    assert not person.sees("QR code was")
    person.follow("Continue").open("/")
    assert not person.sees("was also shown in another login")


def test_enrolment_page_explains_what_to_do_about_other_views(person: Person, name: str) -> None:
    """At login, only MFA opens the account; in a session the password can be changed first."""
    person.login(name).settings().press("Enable MFA")
    with closing(Person(person.served)) as other:
        other.login(name)
    person.press("Finish now")
    assert person.sees("press Cancel, change your password")
    person.press("Logout").login(name)
    assert person.sees("Finish the setup, then change your password immediately")
    assert not person.sees("press Cancel")


def test_second_press_of_generate_generates_nothing(person: Person, name: str) -> None:
    person.login(name).settings().press("Enable MFA").press("Finish now")
    person.press("OK", Code=phone.code(person.token)).follow("Continue")
    form, button = person.page, person.button("Generate New Recovery Codes")
    codes = person.press("Generate New Recovery Codes").recovery_codes()
    assert len(codes) == 8
    person.page = form
    assert button is not None
    answer = person.submit(button, {})
    assert answer.status_code == 409
    assert "nothing new was generated" in answer.text
    assert codes[0] not in answer.text


# --- confirm it is you -----------------------------------------------------------------------
@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that asks for a recent proof every time."""
    environ = {"WATCHWORD_RECENT_PROOF_MINUTES": "0"}
    with Served.running(tmp_path_factory.mktemp("asking") / "data", environ=environ) as server:
        server.create("alice")
        server.create("bob")
        yield server


def test_act_continues_after_the_correct_answer(asking: Served) -> None:
    person = Person(asking).login("bob").settings().press("Generate New API Password")
    assert person.heading == "Confirm it is you"
    assert not person.api_password
    person.press("OK", Password="wrong")
    assert person.sees("Password: this is not your password.")
    assert person.press("OK", Password=PASSWORD).api_password
    assert person.press("Revoke API Password").heading == "Confirm it is you"
    assert person.press("OK", Password=PASSWORD).sees("Your API password is revoked.")
    person.close()


def test_reauthentication_with_mfa_asks_for_a_code(asking: Served) -> None:
    person = Person(asking).login("alice").settings().press("Enable MFA")
    person.press("OK", Password=PASSWORD).press("Finish now").press("OK", Password=PASSWORD)
    person.press("OK", Code=phone.code(person.token))
    codes = person.recovery_codes()
    person.follow("Continue").press("Reset Secret")
    assert set(person.page.labels) >= {"Password", "Code"}
    person.press("Use a recovery code")
    assert "Code" not in person.page.labels
    person.press("Use the code of your authenticator app").press("Use a recovery code")
    person.press("OK", Password=PASSWORD, Recovery_code="0000")
    assert person.sees("A recovery code has 24 letters and digits")
    person.press("OK", Password=PASSWORD, Recovery_code=codes[0])
    assert (person.path, person.status) == ("/your-mfa-settings", "Pending")
    person.close()


def test_change_password_asks_for_the_proof_first(asking: Served) -> None:
    asking.create("carol")
    person = Person(asking).login("carol").open("/").follow("Change Password")
    assert person.heading == "Confirm it is you"
    person.press("OK", Password=PASSWORD)
    new = "another otter with pencils"
    fields = {"Current_password": PASSWORD, "New_password": new}
    person.press("Change Password", **fields, Repeat_new_password="x")
    assert person.sees("the two passwords are not the same")
    person.press("Change Password", **fields, Repeat_new_password=new)
    assert person.sees("Your password is changed.")
    assert person.press("Logout").login("carol", new).heading == "Overview"
    person.close()


def test_new_password_can_revoke_the_api_password(
    served: Served, person: Person, name: str
) -> None:
    """The own API password is kept unless the box is checked."""
    box, new = "Revoke the API password too", "another otter with pencils"
    served.cli("api-password", "generate", name)
    person.login(name).open("/change-password")
    assert not person.page.control(box).is_sent
    person.press("Change Password", Current_password=PASSWORD, New_password=new,
                 Repeat_new_password=new, Revoke_the_API_password_too=True)  # fmt: skip
    assert person.sees("Your password is changed, and your API password is revoked.")
    assert not person.open("/change-password").sees(box)
    served.create(f"{name}c")
    served.cli("api-password", "generate", f"{name}c")
    command = ["administrator", "set-password", "--revoke-api-password", "--password-stdin"]
    assert "Their API password is revoked." in served.cli(*command, f"{name}c", stdin=new).stdout
    assert "revoked" not in served.cli(*command, f"{name}c", stdin=new).stdout


def test_fifth_wrong_answer_logs_out(asking: Served) -> None:
    asking.create("dave")
    person = Person(asking).login("dave").settings().press("Enable MFA")
    for _ in range(4):
        assert person.press("OK", Password="wrong").heading == "Confirm it is you"
    assert person.press("OK", Password="wrong").heading == "You have been logged out"
    assert person.sees("failed five times")
    assert person.open("/").heading == "Login"
    person.close()


# --- a password set by another administrator -------------------------------------------------
def test_requested_page_follows_a_new_password_or_a_recovery_code(
    served: Served, person: Person
) -> None:
    """Before it: a new password, and the question after a recovery code."""
    served.cli(
        "administrator", "create", "--password-stdin", "--must-change", "guest", stdin=PASSWORD
    )
    person.open("/audit-log?interface=cli")
    person.press("OK", Username="guest", Password=PASSWORD)
    assert person.heading == "Choose your password"
    person.press("OK", New_password="x", Repeat_new_password="x")
    new = "another otter with pencils"
    person.press("OK", New_password=new, Repeat_new_password=new)
    assert person.path == "/audit-log?interface=cli"
    person.settings().press("Enable MFA").press("Logout").enrol("guest", new)
    code = person.recovery_codes()[0]
    person.open("/").press("Logout").open("/your-sessions")
    person.press("OK", Username="guest", Password=new).follow("Use a recovery code")
    person.press("OK", Recovery_code=code).follow("Continue")
    assert person.heading == "Did you lose your phone?"
    assert person.press("Keep current phone").path == "/your-sessions"


def test_requested_page_follows_a_new_password_and_a_recovery_code(
    served: Served, person: Person, name: str
) -> None:
    """Before it: a new password and the question after a recovery code, in one login."""
    person.login(name).settings().press("Enable MFA").press("Logout").enrol(name)
    code = person.recovery_codes()[0]
    person.open("/").press("Logout")
    change = ("administrator", "set-password", "--password-stdin", "--must-change", "--", name)
    served.cli(*change, stdin=PASSWORD)
    person.open("/audit-log?interface=cli")
    person.press("OK", Username=name, Password=PASSWORD).follow("Use a recovery code")
    person.press("OK", Recovery_code=code).follow("Continue")
    assert person.heading == "Choose your password"
    new = "another otter with pencils"
    person.press("OK", New_password=new, Repeat_new_password=new)
    assert person.heading == "Did you lose your phone?"
    assert person.press("Keep current phone").path == "/audit-log?interface=cli"


def test_given_password_is_replaced_first(served: Served, person: Person) -> None:
    served.cli(
        "administrator", "create", "--password-stdin", "--must-change", "newcomer", stdin=PASSWORD
    )
    person.login("newcomer")
    for path in ("/your-mfa-settings", "/change-password", "/"):
        assert person.open(path).heading == "Choose your password"
        # No menu of pages that are not available yet, but the user may log out.
        assert "System Administrators" not in person.page.links
        assert person.button("Logout") is not None
    person.press("OK", New_password=PASSWORD, Repeat_new_password=PASSWORD)
    assert person.sees("this is the one you logged in with")
    new = "another otter with pencils"
    person.press("OK", New_password=new, Repeat_new_password="x")
    assert person.sees("the two passwords are not the same")
    person.press("OK", New_password=new, Repeat_new_password=new)
    assert person.heading == "Overview"
    assert person.open("/new-password").heading == "Overview"
    assert person.press("Logout").login("newcomer", new).heading == "Overview"


def test_login_page_without_administrators_explains_the_first_run(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with Served.running(tmp_path_factory.mktemp("new") / "data") as fresh:
        person = Person(fresh).open("/")
        assert person.heading == "No administrator yet"
        person.close()


# --- events since the last visit --------------------------------------------------------------
def test_events_are_shown_until_they_are_marked_as_seen(
    person: Person, served: Served, name: str
) -> None:
    served.create(f"{name}-other")
    served.cli("administrator", "disable", f"{name}-other")
    served.cli("mfa", "enable", name)
    secret = person.enrol(name)
    person.follow("Continue")
    assert person.sees("New since your last visit")
    assert person.sees("MFA was enabled on your account.")
    assert person.sees(f"The account {name}-other was disabled.")
    assert person.sees("on the server's command line")
    person.press("Mark as seen")
    assert (person.path, person.sees("New since your last visit")) == ("/", False)
    assert secret


def test_owner_sees_scripts_that_use_the_regular_password(
    person: Person, served: Served, name: str
) -> None:
    served.cli("mfa", "enable", name)
    for _ in range(2):
        refused = requests.get(
            f"{served.api}/api/v1/whoami", auth=(name, PASSWORD), verify=str(served.ca), timeout=30
        )
        assert refused.status_code == 401
    person.enrol(name)
    person.follow("Continue").follow("Your MFA Settings")
    assert person.sees("at 127.0.0.1 : MFA is on: this script still sends the regular password.")
    assert person.sees("Generate an API password and use it there. 2 times,")
    person.press("Dismiss")
    assert not person.sees("this script still sends")


def test_page_in_another_tab_stays_valid_after_token_rotation(
    person: Person, served: Served, name: str
) -> None:
    """ "Confirm it is you" replaces the session's token; older forms remain valid."""
    person.login(name)
    person.open("/your-mfa-settings")
    settings = person.page
    before = person.http.cookies["__Host-ww_s"]
    old = next(b for b in settings.buttons if b.text == "Generate New API Password")
    person.open("/change-password")
    person.press("Change Password", Current_password=PASSWORD,
                 New_password="another otter with pencils",
                 Repeat_new_password="another otter with pencils")  # fmt: skip
    assert person.http.cookies["__Host-ww_s"] != before
    person.page = settings
    answer = person.submit(old, {})
    assert answer.status_code == 200
    assert "wwp_" in answer.text


def test_overview_counts_failed_logins_since_the_last_one(person: Person, name: str) -> None:
    person.login(name)
    assert person.sees("This is your first login")
    assert not person.sees("Failed logins since then")
    person.press("Logout")
    for _ in range(3):
        person.login(name, "another otter with pencils")
    assert person.login(name).sees("Failed logins since then 3")
    person.press("Logout").login(name)
    assert person.heading == "Overview"
    assert not person.sees("Failed logins since then")


# --- the enrolment code ------------------------------------------------------------------------
def test_enrolment_code_is_required_in_another_browser(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    environ = {"WATCHWORD_ENROLMENT_PROOF": "other_browser"}
    data = tmp_path_factory.mktemp("proving") / "data"
    with Served.running(data, environ=environ) as served:
        served.create("alice")
        here, elsewhere = Person(served), Person(served)
        here.login().settings().press("Enable MFA")
        assert here.heading == "Enrolment code"
        assert here.sees("MFA is enabled and pending")
        code = here.page.attributes["enrolment-code"]["data-copy"]
        here.follow("Continue")
        assert here.sees("that login asks for the enrolment code first")
        assert not here.sees("could set up their own phone")
        here.open("/")
        assert here.sees("MFA is pending")
        assert not here.sees("could set up their own phone")
        here.press("Logout")
        assert here.login().heading == "Set up MFA"
        elsewhere.login()
        assert (elsewhere.heading, elsewhere.path) == ("Enrolment code", "/login/enrolment-code")
        assert elsewhere.open("/login/second-step").path == "/login/enrolment-code"
        assert elsewhere.press("OK", Enrolment_code="0000-0000-0000").response.status_code == 422
        assert elsewhere.sees("to disable MFA on your account and to enable it again")
        assert elsewhere.press("OK", Enrolment_code=code.lower()).heading == "Set up MFA"
        kept = elsewhere.response.history[0].raw.headers.getlist("set-cookie")
        assert "Max-Age=600" in next(c for c in kept if c.startswith("__Host-ww_t="))
        elsewhere.press("OK", Code=phone.code(elsewhere.token))
        assert elsewhere.recovery_codes()
        for person in (here, elsewhere):
            person.close()


@pytest.mark.parametrize("setting", ["other_browser", "always"])
def test_new_password_while_pending_issues_another_enrolment_code(
    tmp_path_factory: pytest.TempPathFactory, setting: str
) -> None:
    data = tmp_path_factory.mktemp("pending") / "data"
    with Served.running(data, environ={"WATCHWORD_ENROLMENT_PROOF": setting}) as served:
        served.create("alice")
        alice = Person(served).login().settings().press("Enable MFA").follow("Continue")
        new = "another otter with pencils"
        alice.open("/change-password").press(
            "Change Password", Current_password=PASSWORD, New_password=new, Repeat_new_password=new
        )
        assert (alice.heading, alice.sees("Your password is changed.")) == ("Enrolment code", True)
        code = alice.page.attributes["enrolment-code"]["data-copy"]
        alice.follow("Continue").press("Logout").login(password=new)
        if setting == "always":
            alice.press("OK", Enrolment_code=code)
        assert alice.heading == "Set up MFA"
        alice.close()


def test_set_password_reports_the_end_of_the_enrolment_code(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    environ = {"WATCHWORD_ENROLMENT_PROOF": "always"}
    with Served.running(tmp_path_factory.mktemp("ended") / "data", environ=environ) as served:
        for name in ("alice", "bob", "carol"):
            served.create(name)
        served.cli("mfa", "enable", "--yes", "bob")
        alice = Person(served).login()
        for name, is_reported in (("bob", True), ("carol", False)):
            alice.open(f"/administrators/{name}").act(
                "Set Password", New_password=PASSWORD, Repeat_new_password=PASSWORD
            )
            assert alice.sees(f"The password of the account {name} is set")
            assert alice.sees("Its enrolment code no longer works.") is is_reported
        alice.close()


def test_api_returns_the_enrolment_code_to_hand_over(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    environ = {"WATCHWORD_ENROLMENT_PROOF": "always"}
    data = tmp_path_factory.mktemp("always") / "data"
    with Served.running(data, environ=environ) as served:
        for name in ("alice", "bob"):
            served.create(name)
        answer = requests.post(
            f"{served.api}/api/v1/administrators/bob/mfa/enable", auth=("alice", PASSWORD),
            verify=str(served.ca), timeout=30,
        )  # fmt: skip
        bob = Person(served).login("bob")
        bob.press("OK", Enrolment_code=answer.json()["enrolment_code"])
        assert bob.heading == "Set up MFA"
        bob.close()
