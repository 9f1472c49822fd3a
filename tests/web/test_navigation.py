"""Links and redirects back: from acts to the table with its search, from a login to the requested
page, from an error page to the failed one.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support import german, postgres
from tests.support.person import Person
from tests.support.served import PASSWORD, Served

SEEN = "/administrators?search=bo&sort=email&order=descending"
BOB = "/administrators/bo%3Ab"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served.running(tmp_path_factory.mktemp("back") / "data") as server:
        for name in ("alice", "bo:b"):
            server.create(name)
        yield server


def lead(person: Person, button: str) -> Person:
    """Press a button that opens a page and changes nothing."""
    found = person.button(button)
    assert found is not None
    assert person.page.forms[found.form].method == "get"
    return person.press(button)


# --- the table and an account's page -----------------------------------------------------------
def test_account_keeps_the_way_back_to_the_table_with_its_search(
    served: Served, alice: Person
) -> None:
    page = alice.open(SEEN).follow("bo:b").path
    assert page == f"{BOB}?back={quote(SEEN.partition('?')[2], safe='')}"
    alice.act("Set Password", New_password=PASSWORD, Repeat_new_password=PASSWORD)
    assert (alice.path, alice.sees("The password of the account bo:b is set")) == (page, True)
    assert alice.press("Unlock").path == page
    served.cli("api-password", "generate", "bo:b")
    alice.open(page).press("Revoke API Password")
    served.cli("api-password", "revoke", "--yes", "bo:b")
    alice.press("Revoke API Password")
    assert alice.sees("There is a problem")
    assert alice.press("Save", Full_name="Bob").path == page
    assert alice.page.links["System Administrators"] == SEEN


def test_search_for_an_exact_username_opens_the_account(served: Served, alice: Person) -> None:
    served.create("ex")
    served.create("ex-b")
    alice.open("/administrators").press("Search", Search=" EX ")
    assert (alice.heading, alice.path) == (
        "Administrator ex",
        "/administrators/ex?back=search%3DEX",
    )
    alice.follow("System Administrators")
    assert alice.path == "/administrators?search=EX"
    assert {"ex", "ex-b"} <= set(alice.page.links)
    # A part of a name, and a search within a filter, show the list.
    assert alice.press("Search", Search="ex-").heading == "System Administrators"
    assert "ex-b" in alice.page.links
    alice.open("/administrators?only=never-logged-in").press("Search", Search="ex")
    assert {"ex", "ex-b"} <= set(alice.page.links)


@pytest.mark.parametrize("button", ["Delete", "Set Password", "Lock Down Account"])
def test_cancel_returns_to_the_page_of_the_account(alice: Person, button: str) -> None:
    page = alice.open(SEEN).follow("bo:b").path
    lead(alice, button)
    assert alice.page.links["Cancel"] == page
    if button == "Set Password":
        assert alice.press(button, New_password="x").response.status_code == 422
        assert alice.page.links["Cancel"] == page


def test_cancel_of_new_administrator_returns_to_the_table_with_its_search(alice: Person) -> None:
    assert alice.open(SEEN).follow("New Administrator").page.links["Cancel"] == SEEN
    assert 'href="/administrators" aria-current="page"' in alice.response.text


@pytest.mark.parametrize("given", ["https://evil.example", "//evil.example", "delete", "\0", ""])
def test_cancel_leads_only_to_the_page_of_the_account(alice: Person, given: str) -> None:
    alice.open(f"{BOB}/delete?from={quote(given)}&to={quote(given)}&back={quote(given)}")
    assert alice.page.links["Cancel"] == BOB


def test_deleted_account_leads_to_the_table_with_its_search(served: Served, alice: Person) -> None:
    served.create("bobby")
    alice.open(SEEN.replace("bo&", "bobby&")).follow("bobby").act("Delete")
    assert alice.path == SEEN.replace("bo&", "bobby&")
    assert alice.sees("The account bobby is deleted, with everything that belonged to it.")


def test_account_whose_name_is_that_of_a_page_has_its_page(served: Served, alice: Person) -> None:
    for name in ("new", "delete"):
        served.create(name)
        assert alice.open(f"/administrators?search={name}").follow(name).path == (
            f"/administrators/{name}?back=search%3D{name}"
        )
        assert (alice.heading, alice.press("Save").heading) == (f"Administrator {name}",) * 2


@pytest.mark.parametrize(
    "given",
    ["https://evil.example", "//evil.example", "/login", "search=x\r\nlocation: /evil", "&" * 900,
     "search=\0", "after=%00&sort=nothing", "x=1&" * 30],
)  # fmt: skip
def test_forged_return_value_leads_only_to_the_table(alice: Person, given: str) -> None:
    alice.open(SEEN).follow("bo:b")
    button = alice.button("Unlock")
    assert button is not None
    form = alice.page.forms[button.form]
    sent = {**form.fields, "back": given}
    answer = alice.http.post(
        alice.served.console + form.action, data=sent, timeout=30, allow_redirects=False
    )
    assert answer.status_code == 303
    assert answer.headers["location"].partition("?")[0] == BOB
    assert "evil" not in answer.headers["location"].partition("?")[0]


def test_page_links_to_the_audit_log_of_its_account(alice: Person) -> None:
    alice.open(BOB).follow("All events in the Audit Log")
    assert (alice.path, alice.heading) == ("/audit-log?account=bo%3Ab", "Audit Log")
    assert alice.page.attributes["account"]["value"] == "bo:b"


@pytest.mark.parametrize("act", ["delete", "reset-secret", "disable-mfa"])
def test_act_on_ones_own_account_is_refused_without_button(alice: Person, act: str) -> None:
    alice.open(f"/administrators/alice/{act}")
    assert alice.response.status_code == 403
    assert alice.sees("This is not possible for your own account here.")
    assert [b.text for b in alice.page.buttons] == ["Logout"]


# --- a login ---------------------------------------------------------------------------------
@pytest.mark.parametrize("path", [BOB, "/audit-log?account=bo%3Ab", SEEN])
def test_login_redirects_to_the_requested_page(served: Served, path: str) -> None:
    person = Person(served).open(path)
    assert person.heading == "Login"
    person.press("OK", Username="alice", Password=PASSWORD)
    assert person.path == path
    person.close()


@pytest.mark.parametrize(
    "name", ["a/b?c#d;e", "%2F%2e", "../..", "//evil.example", "ops 🦊🔐", "W" * 64, "🦊" * 64]
)
def test_login_redirects_to_the_page_of_an_account_with_any_name(served: Served, name: str) -> None:
    served.create(name)
    searched = quote(quote(name[:9], safe=""), safe="")
    path = f"/administrators/{quote(name, safe='')}?back=search%3D{searched}"
    person = Person(served).open(path)
    assert person.heading == "Login"
    person.press("OK", Username="alice", Password=PASSWORD)
    assert person.path == path
    assert name in html.unescape(person.response.text)
    person.close()


def test_button_of_an_ended_session_returns_to_its_page(served: Served) -> None:
    served.create("dora")
    person = Person(served).login("dora").open(BOB)
    served.cli("sessions", "end", "dora")
    person.press("Unlock")
    assert person.response.status_code == 403
    person.follow("Login").press("OK", Username="dora", Password=PASSWORD)
    assert person.path == BOB
    person.close()


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [("form_token=x&back=search%3Dbo", "application/x-www-form-urlencoded", 403),
     ("a=1&a=2", "application/x-www-form-urlencoded", 400), ("x" * 70000, "text/plain", 413),
     ("{}", "application/json", 415)],
)  # fmt: skip
def test_rejected_form_links_to_its_page(alice: Person, body: str, kind: str, status: int) -> None:
    for act in ("bo%3Ab", "bo%3Ab/unlock"):
        address = f"{alice.served.console}/administrators/{act}"
        answer = alice.http.post(address, data=body, headers={"content-type": kind}, timeout=30)
        assert answer.status_code == status
        assert f'href="{BOB}">Back to the page</a>' in answer.text
        assert "Nothing has been changed." in answer.text


# --- no page, and another page of the login --------------------------------------------------
@pytest.mark.parametrize(
    ("path", "status"),
    [("/nowhere", 404), ("/static/nothing", 404), ("/administrators/x/y/z", 404), ("/logout", 405)],
)
def test_unknown_address_keeps_the_menu(
    served: Served, alice: Person, path: str, status: int
) -> None:
    alice.open(path)
    assert alice.response.status_code == status
    assert {"System Administrators", "Audit Log"} <= alice.page.links.keys()
    assert alice.press("Logout").open(path).response.status_code == status
    assert "Audit Log" not in alice.page.links
    alice.http.cookies.set("__Host-ww_s", "x" * 43, domain="127.0.0.1", path="/", secure=True)
    assert alice.open(path).response.status_code == status


def test_username_is_kept_on_the_page_for_recovery_codes(served: Served, alice: Person) -> None:
    name = "wäit & see"
    served.create(name)
    alice.press("Logout").open("/login?to=/audit-log%3Finterface%3Dcli")
    for _ in range(6):
        alice.press("OK", Username=name, Password="wrong")
    assert alice.response.status_code == 429
    alice.follow("Use a recovery code")
    assert alice.page.attributes["username"]["value"] == name
    assert alice.page.control("Password").value == ""
    alice.follow("Back to Login")
    assert alice.page.attributes["username"]["value"] == name
    assert alice.page.forms["form0"].fields["to"] == "/audit-log?interface=cli"


# --- a database that is away -----------------------------------------------------------------
def test_failed_page_links_to_itself(tmp_path: Path) -> None:
    with postgres.running() as database:
        url = database.url(database.new_database())
        environ = {"WATCHWORD_DATABASE_URL": url}
        with Served.running(tmp_path / "data", environ=environ) as served:
            alice = Person(served).open(served.first_run_link)
            words = {"Username": "alice", "Password": PASSWORD, "Repeat_password": PASSWORD}
            alice.press("Create Administrator", **words).login("alice").open(SEEN)
            database.stop("immediate")
            try:
                asked = alice.open("/audit-log?account=bo%3Ab").page.links
                alice.open("/your-mfa-settings")
                assert alice.response.status_code == 503
                away = alice.http.get(served.console, headers={"Accept-Language": "de"}, timeout=30)
                assert "Die Datenbank antwortet nicht." in away.text
                assert german.english_in(german.texts_of(away.text)) == []
            finally:
                database.start()
            assert asked["Back to the page"] == "/audit-log?account=bo%3Ab"
            assert alice.follow("Back to the page").heading == "Your MFA Settings"
            alice.close()


# --- Confirm it is you -----------------------------------------------------------------------
def test_reauthentication_comes_before_a_form(tmp_path: Path) -> None:
    """A password is typed once. An action without a form goes on by itself."""
    environ = {"WATCHWORD_RECENT_PROOF_MINUTES": "0"}
    with Served.running(tmp_path / "data", environ=environ) as served:
        for name in ("alice", "bo:b"):
            served.create(name)
        alice = Person(served).login("alice").settings().press("Enable MFA")
        assert alice.page.text.count("Confirm your identity to continue.") == 1
        page = alice.open(SEEN).follow("bo:b").path
        alice.press("Unlock")
        assert alice.page.links["Cancel"] == page
        assert alice.press("OK", Password=PASSWORD).path == page
        assert alice.sees("The account bo:b is unlocked.")
        typed = {"Username": "carol", "Full_name": "Carol", "Password": PASSWORD,
                 "Repeat_password": PASSWORD}  # fmt: skip
        alice.open(SEEN).follow("New Administrator")
        assert alice.page.links["Cancel"] == SEEN
        alice.press("OK", Password="wrong")
        assert alice.page.links["Cancel"] == SEEN
        alice.press("OK", Password=PASSWORD)
        assert alice.path == f"/new-administrator?back={quote(SEEN.partition('?')[2], safe='')}"
        tab = Person(served).login("alice").open("/new-administrator")
        tab.press("OK", Password=PASSWORD)
        for person in (alice, tab):  # each session has its own proof
            person.press("Create Administrator", **typed | {"Username": f"carol{id(person)}"})
            assert person.sees("is created.")
        tab.close()
        lead(alice.open(page), "Disable Account")
        assert alice.heading == "Confirm it is you"
        assert alice.page.links["Cancel"] == page
        alice.press("OK", Password=PASSWORD)
        assert alice.heading == "Confirm: Disable Account for bo:b"
        assert alice.page.links["Cancel"] == page
        alice.close()
