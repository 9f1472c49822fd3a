"""Links and redirects back: from acts to the table with its search, from a login to the requested
page, from an error page to the failed one.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support import postgres
from tests.support.person import Person
from tests.support.served import PASSWORD, Served
from watchword.web.console import app
from watchword.web.console.frame.button_labels import button_label

SEEN = "/administrators?search=bo&sort=email&order=descending"


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


# --- the table -------------------------------------------------------------------------------
def test_act_returns_to_the_table_with_its_search(alice: Person) -> None:
    alice.open(SEEN).act("End Sessions")
    assert (alice.path, alice.sees("The sessions of the account bo:b have ended.")) == (SEEN, True)


def test_refusal_shows_the_table_with_its_search(served: Served, alice: Person) -> None:
    served.cli("api-password", "generate", "bo:b")
    alice.open(SEEN).press("Revoke API Password")
    served.cli("api-password", "revoke", "--yes", "bo:b")
    alice.press("Revoke API Password")
    assert alice.sees("There is a problem")
    assert alice.page.attributes["search"]["value"] == "bo"
    assert "alice" not in [*alice.page.links, alice.heading]
    alice.act("End Sessions")
    assert alice.path == SEEN


@pytest.mark.parametrize("way", ["Delete", "Edit bo:b", "New Administrator"])
def test_cancel_returns_to_the_table_with_its_search(alice: Person, way: str) -> None:
    alice.open(SEEN)
    if way == "Delete":
        lead(alice, way)
    else:
        alice.follow(way)
    assert alice.page.links["Cancel"] == SEEN


@pytest.mark.parametrize("button", ["Set Password", "Disable Account"])
def test_cancel_returns_to_the_edit_page_of_the_button(alice: Person, button: str) -> None:
    edit = alice.open(SEEN).follow("Edit bo:b").path
    lead(alice, button)
    assert alice.page.links["Cancel"] == edit
    if button == "Set Password":
        assert alice.press(button, New_password="x").response.status_code == 422
        assert alice.page.links["Cancel"] == edit
    assert alice.follow("Cancel").page.links["Cancel"] == SEEN


@pytest.mark.parametrize("given", ["https://evil.example", "//evil.example", "delete", "\0", ""])
def test_cancel_leads_only_to_the_edit_page_or_the_table(alice: Person, given: str) -> None:
    alice.open(f"/administrators/bo%3Ab/delete?from={quote(given)}")
    assert alice.page.links["Cancel"] == "/administrators"


def test_save_and_confirmed_acts_return_to_the_table(served: Served, alice: Person) -> None:
    alice.open(SEEN).follow("Edit bo:b").press("Save", Full_name="Bob")
    assert (alice.path, alice.sees("the account bo:b are saved.")) == (SEEN, True)
    served.create("bobby")
    alice.open(SEEN.replace("bo&", "bobby&"))
    lead(alice, "Delete").press("Delete")
    assert (
        alice.path,
        alice.sees("The account bobby is deleted, with everything that belonged to it."),
    ) == (
        SEEN.replace("bo&", "bobby&"),
        True,
    )


@pytest.mark.parametrize(
    "given",
    ["https://evil.example", "//evil.example", "/login", "search=x\r\nlocation: /evil", "&" * 900,
     "search=\0", "after=%00&sort=nothing", "x=1&" * 30],
)  # fmt: skip
def test_forged_return_value_leads_only_to_the_table(alice: Person, given: str) -> None:
    alice.open(SEEN)
    button = alice.button("Unlock")
    assert button is not None
    form = alice.page.forms[button.form]
    sent = {**form.fields, "back": given}
    answer = alice.http.post(
        alice.served.console + form.action, data=sent, timeout=30, allow_redirects=False
    )
    assert answer.status_code == 303
    assert answer.headers["location"].partition("?")[0] == "/administrators"
    assert "evil" not in answer.headers["location"].partition("?")[0]


def test_each_row_links_to_the_audit_log_of_its_account(alice: Person) -> None:
    alice.open(SEEN).follow("Audit Log bo:b")
    assert (alice.path, alice.heading) == ("/audit-log?account=bo%3Ab", "Audit Log")
    assert alice.page.attributes["account"]["value"] == "bo:b"


@pytest.mark.parametrize("act", ["delete", "reset-secret", "disable-mfa"])
def test_act_on_ones_own_account_is_refused_without_button(alice: Person, act: str) -> None:
    alice.open(f"/administrators/alice/{act}")
    assert alice.response.status_code == 403
    assert alice.sees("This is not possible for your own account here.")
    assert [b.text for b in alice.page.buttons] == ["Logout"]


# --- a login ---------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/administrators/bo%3Ab/edit", "/audit-log?account=bo%3Ab", SEEN])
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
    path = f"/administrators/{quote(name, safe='')}/edit?back=search%3D{searched}"
    person = Person(served).open(path)
    assert person.heading == "Login"
    person.press("OK", Username="alice", Password=PASSWORD)
    assert (person.path, person.heading) == (path, "Edit Administrator")
    assert name in html.unescape(person.response.text)
    person.close()


def test_button_of_an_ended_session_returns_to_its_page(served: Served) -> None:
    served.create("dora")
    person = Person(served).login("dora").open(SEEN)
    served.cli("sessions", "end", "dora")
    person.press("Unlock")
    assert person.response.status_code == 403
    person.follow("Login").press("OK", Username="dora", Password=PASSWORD)
    assert person.path == SEEN
    person.close()


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [("form_token=x&back=search%3Dbo", "application/x-www-form-urlencoded", 403),
     ("a=1&a=2", "application/x-www-form-urlencoded", 400), ("x" * 70000, "text/plain", 413),
     ("{}", "application/json", 415)],
)  # fmt: skip
def test_rejected_form_links_to_its_page(alice: Person, body: str, kind: str, status: int) -> None:
    for act, page in (
        ("bo%3Ab/edit", "/administrators/bo%3Ab/edit"),
        ("bo%3Ab/unlock", "/administrators"),
    ):
        address = f"{alice.served.console}/administrators/{act}"
        answer = alice.http.post(address, data=body, headers={"content-type": kind}, timeout=30)
        assert answer.status_code == status
        assert f'href="{page}">Back to the page</a>' in answer.text
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
            finally:
                database.start()
            assert asked["Back to the page"] == "/audit-log?account=bo%3Ab"
            assert alice.follow("Back to the page").heading == "Your MFA Settings"
            alice.close()


# --- Confirm it is you -----------------------------------------------------------------------
def test_reauthentication_names_the_act_and_the_account(tmp_path: Path) -> None:
    """It also asks for a lost password again; other typed values are kept."""
    environ = {"WATCHWORD_RECENT_PROOF_MINUTES": "0"}
    with Served.running(tmp_path / "data", environ=environ) as served:
        for name in ("alice", "bo:b"):
            served.create(name)
        alice = Person(served).login("alice").settings().press("Enable MFA")
        assert alice.sees("You pressed: Enable MFA .")
        alice.open(SEEN).press("Unlock")
        assert alice.sees("You pressed: Unlock , for the account bo:b .")
        assert alice.page.links["Cancel"] == SEEN
        assert alice.press("OK", Password=PASSWORD).path == SEEN
        typed = {"Username": "carol", "Full_name": "Carol", "Password": PASSWORD,
                 "Repeat_password": PASSWORD}  # fmt: skip
        alice.follow("New Administrator")
        assert alice.page.links["Cancel"] == SEEN
        alice.press("OK", Password="wrong")
        assert alice.page.links["Cancel"] == SEEN
        alice.press("OK", Password=PASSWORD)
        assert alice.path == f"/administrators/new?back={quote(SEEN.partition('?')[2], safe='')}"
        tab = Person(served).login("alice").open("/administrators/new")
        tab.press("OK", Password=PASSWORD)
        for person in (alice, tab):  # each session has its own proof
            person.press("Create Administrator", **typed | {"Username": f"carol{id(person)}"})
            assert person.sees("is created.")
        tab.close()
        edit = alice.open(SEEN).follow("Edit bo:b").path
        lead(alice, "Disable Account")
        assert alice.heading == "Confirm it is you"
        assert alice.page.links["Cancel"] == edit
        alice.press("OK", Password=PASSWORD)
        assert alice.heading == "Confirm: Disable Account for bo:b"
        assert alice.page.links["Cancel"] == edit
        alice.close()


def test_every_act_with_reauthentication_has_a_name() -> None:
    """Exceptions: the login's acts, the logout, dismissed notes and preferences."""
    unnamed = {r.path for r in (*app.PAGES, *app.BUTTONS) if r.act and not button_label(r.path)}
    public = {r.path for r in (*app.PAGES, *app.BUTTONS) if r.is_public}
    assert unnamed - public == {
        "/change-password", "/new-password", "/after-recovery", "/your-mfa-settings/finish",
        "/appearance", "/seen", "/stay", "/tour/not-now", "/audit-log/export", "/dismiss-refusals",
        "/your-mfa-settings/dismiss-refusals", "/preferences",
    }  # fmt: skip
