"""System Administrators, Your Sessions and Audit Log over the port."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
import requests
from markupsafe import escape

from tests.support import phone
from tests.support.person import Person
from tests.support.served import PASSWORD, Served
from tests.web.conftest import whoami
from watchword.web.console.frame.client_names import client_name

NEW = "another otter with pencils"


def row(person: Person, name: str, button: str) -> Person:
    """Press a button on an account's page, found by searching for the name."""
    return person.open(f"/administrators?search={quote(name)}").follow(name).press(button)


def test_h2_mfa_of_other_accounts_is_managed_on_system_administrators(
    served: Served, alice: Person
) -> None:
    """The help page's second statement."""
    served.create("h2")
    alice.open("/").follow("System Administrators")
    assert alice.heading == "System Administrators"
    assert (
        row(alice, "h2", "Enable MFA")
        .press("Enable MFA")
        .sees("MFA of the account h2 is enabled and pending")
    )
    h2 = Person(served).login("h2")
    assert h2.path == "/login/second-step"
    h2.close()


def test_another_administrator_resets_a_lost_secret_over_the_port(
    served: Served, alice: Person
) -> None:
    served.create("bob")
    bob = Person(served).login("bob").settings().press("Enable MFA").press("Finish now")
    old = bob.token
    bob.press("OK", Code=phone.code(old)).follow("Continue")
    bob.press("Generate New API Password")
    row(alice, "bob", "Reset Secret")
    assert alice.heading == "Confirm: Reset Secret for bob"
    assert "Revoke the API password too" in alice.page.text
    alice.press("Reset Secret")
    assert alice.sees("The secret of the account bob is reset.")
    assert alice.sees("Its API password is revoked.")
    assert bob.open("/").heading == "Login"
    bob.login("bob")
    assert bob.token != old
    bob.press("OK", Code=phone.code(bob.token))
    assert bob.follow("Continue").settings().status == "Active"
    row(alice, "bob", "Disable MFA").press("Disable MFA")
    assert alice.sees("MFA of the account bob is disabled. Its secret and its recovery codes are")
    assert not alice.sees("API password is revoked")
    bob.close()


def test_page_shows_how_often_and_where_a_qr_code_was_shown(served: Served, alice: Person) -> None:
    served.create("pending")
    served.cli("mfa", "enable", "--yes", "pending")
    assert alice.open("/administrators/pending").sees("The QR code has not been viewed yet.")
    for times in (1, 2):
        with closing(Person(served)) as visitor:
            visitor.login("pending")
        alice.open("/administrators/pending")
        assert len(re.findall(r"just now from 127\.0\.0\.1", viewed(alice))) == times
    served.cli("mfa", "disable", "--yes", "pending")
    assert not alice.open("/administrators/pending").sees("QR code was viewed")


def viewed(person: Person) -> str:
    """Return the text after "The QR code was viewed:", up to the buttons."""
    return person.page.text.partition("The QR code was viewed:")[2].partition("Disable MFA")[0]


@pytest.mark.parametrize("name", ["do:main", "a/b?c#d", "ops 🦊", "נועם", "a%2Fb"])
def test_new_administrator_is_created_edited_and_chooses_a_password(
    served: Served, alice: Person, name: str
) -> None:
    alice.open("/administrators").follow("New Administrator")
    alice.press("Create Administrator", Username=name, Email="x", Password="short",
                Repeat_password="other")  # fmt: skip
    assert alice.sees("There is a problem")
    alice.press("Create Administrator", Email="c@example.org", Full_name="<b>C</b>",
                Password=PASSWORD, Repeat_password=PASSWORD)  # fmt: skip
    assert alice.sees(f"The account {name} is created.")
    assert alice.sees("Its username contains a colon") == (":" in name)
    assert "<b>C</b>" not in alice.response.text
    newcomer = Person(served).login(name)
    assert newcomer.heading == "Choose your password"
    newcomer.press("OK", New_password=NEW, Repeat_new_password=NEW)
    assert newcomer.heading == "Overview"
    page = alice.path  # the browser stays on the account's page
    assert alice.heading == f"Administrator {name}"
    alice.press("Save", Full_name="Carol", Email="x")
    assert alice.sees("this is not an email address")
    alice.press("Save", Email="")
    assert alice.sees(f"Full name and email of the account {name} are saved.")
    alice.act("Disable Account")
    assert (alice.path, alice.sees("This account is disabled.")) == (page, True)
    assert newcomer.open("/").heading == "Login"
    alice.press("Enable Account")
    alice.act("Set Password", New_password="x", Repeat_new_password="y")
    assert alice.sees("the two passwords are not the same")
    assert alice.sees("New password: use at least 15 characters.")
    alice.press("Set Password", New_password=PASSWORD, Repeat_new_password=PASSWORD)
    assert alice.sees(f"The password of the account {name} is set, and its sessions have ended.")
    assert newcomer.login(name).heading == "Choose your password"
    assert alice.path == page
    assert alice.press("Delete").heading == f"Confirm: Delete for {name}"
    assert alice.press("Delete").sees(f"The account {name} is deleted, with everything")
    assert alice.heading == "System Administrators"
    newcomer.close()


def test_lock_down_ends_everything_in_one_step(served: Served, alice: Person) -> None:
    served.create("lock:1")
    generated = served.cli("api-password", "generate", "--", "lock:1").stdout.strip()
    person = Person(served).login("lock:1")
    assert row(alice, "lock:1", "Lock Down Account").sees("Sessions 1.")
    alice.press("Lock Down Account")
    assert alice.heading == "Administrator lock:1"
    assert alice.sees("The account lock:1 is locked down: it is disabled, and its sessions have "
                      "ended. Its API password is revoked.")  # fmt: skip
    assert alice.sees("This account has no session.")
    assert person.open("/").heading == "Login"
    assert whoami(served, "lock:1", generated) == 401
    assert {"Lock Down Account", "Disable Account"}.isdisjoint(b.text for b in alice.page.buttons)
    alice.press("Enable Account")
    assert person.login("lock:1").heading == "Overview"
    person.close()


def test_page_shows_sessions_browsers_api_password_and_events(
    served: Served, alice: Person
) -> None:
    served.create("seen")
    generated = served.cli("api-password", "generate", "--", "seen").stdout.strip()
    assert whoami(served, "seen", generated) == 200
    user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    person = Person(served, **{"User-Agent": user_agent}).login("seen")
    alice.open("/administrators/seen")
    for heading in ("Sessions Device", "Recognised browsers Browser"):
        shown = alice.page.text.partition(heading)[2]
        assert "Firefox on Linux 127.0.0.1 just now just now" in shown[:120], shown[:120]
    assert alice.sees(f"Begins with {generated[:8]}")
    assert alice.sees("Last used just now from 127.0.0.1 , python-requests")
    served.cli("api-password", "generate", "--keep-old", "24h", "--", "seen")
    alice.open("/administrators/seen")
    assert alice.sees("The API password before it is valid until")
    assert alice.page.text.count(f"Begins with {generated[:8]}") == 1
    assert alice.sees("Logins in the last 30 days 1 login")
    assert alice.sees("seen logged in with password only.")
    assert alice.page.links["All events in the Audit Log"] == "/audit-log?account=seen"
    assert person.open("/administrators/seen").sees("This is your own account.")
    person.close()


def test_stored_texts_are_shown_until_the_form_can_be_sent(served: Served, alice: Person) -> None:
    """ "Confirm it is you" comes before the form."""
    served.create("old:login")
    with closing(sqlite3.connect(served.data / "watchword.db", timeout=10)) as database, database:
        database.execute("UPDATE sessions SET proved_at = proved_at - 11 * 60 * 1000000")
    alice.open("/administrators/old%3Alogin?back=search%3Dold")
    assert alice.button("Save") is None
    assert alice.sees("Full name none Email none")
    assert alice.follow("Edit").heading == "Confirm it is you"
    alice.press("OK", Password=PASSWORD).press("Save", Full_name="Old")
    assert alice.sees("Full name and email of the account old:login are saved.")
    assert alice.page.links["System Administrators"] == "/administrators?search=old"


def test_unlock_ends_the_wait_of_an_account(served: Served, alice: Person) -> None:
    name = "unlock:me"
    served.create(name)
    person = Person(served)
    for _ in range(5):
        person.login(name, "wrong")
    assert person.login(name).response.status_code == 429
    row(alice, name, "Unlock")
    assert person.login(name).heading == "Overview"
    person.close()


@pytest.mark.parametrize("name", ["x:<b>&amp;", "<i>%(name)s", "W" * 64, "נועם"])
def test_notice_names_the_act_and_the_account(served: Served, alice: Person, name: str) -> None:
    served.create(name)
    served.cli("api-password", "generate", "--", name)
    shown = name if len(name) < 64 else "W" * 29 + "…" + "W" * 10
    sentences = {
        "End Sessions": "The sessions of the account {} have ended.",
        "Unlock": "The account {} is unlocked. Failed attempts count from zero again.",
        "Revoke API Password": "The API password of the account {} is revoked.",
    }
    session = Person(served).login(name)
    alice.open("/administrators/" + quote(name, safe=""))
    for button, sentence in sentences.items():
        alice.press(button) if button == "Unlock" else alice.act(button)
        assert alice.sees(sentence.format(shown)), button
        assert f"<strong><bdi>{escape(shown)}</bdi></strong>" in alice.response.text
    session.close()
    alice.act("Disable Account")
    assert alice.sees(f"The account {shown} is disabled, and its sessions have ended.")
    assert not alice.sees("Its API password no longer works.")
    assert alice.sees("its password and MFA work as before, and it has no API password.")
    alice.press("Enable Account")
    assert alice.sees(f"The account {shown} is enabled. It has no API password.")
    assert not alice.open("/administrators").sees("The account")


def test_own_page_leads_to_the_own_pages_and_refuses_forms(alice: Person) -> None:
    alice.open("/administrators?search=alice")
    assert alice.sees("(you)")
    alice.follow("alice")
    assert alice.sees("This is your own account. Use the pages Your MFA Settings")
    assert alice.page.links["Change Password"] == "/change-password"
    assert {b.text for b in alice.page.buttons} == {"Logout", "Save"}
    token = alice.page.forms["form0"].fields["form_token"]
    for act in ("enable-mfa", "delete", "disable", "lock-down", "set-password", "unlock"):
        answer = alice.http.post(
            f"{alice.served.console}/administrators/alice/{act}", timeout=30,
            data={"form_token": token, "new_password": NEW, "repeat_new_password": NEW},
        )  # fmt: skip
        assert answer.status_code == 403
        assert "not possible for your own account" in answer.text


def test_unknown_name_is_reported(alice: Person) -> None:
    assert alice.open("/administrators/nobody").response.status_code == 404
    assert alice.heading == "No such administrator"
    assert alice.open("/administrators?search=zzzz").sees("No matching administrators.")


def test_own_sessions_are_listed_and_ended(served: Served, alice: Person) -> None:
    served.create("sess")
    first, second = Person(served).login("sess"), Person(served).login("sess")
    first.open("/").follow("Your Sessions")
    assert first.sees("python-requests")
    assert first.page.text.count(" this device ") == 1
    first.press("End all others")
    assert first.sees("Your other sessions have ended.")
    assert second.open("/").heading == "Login"
    assert "End" not in {button.text for button in first.open("/your-sessions").page.buttons}
    # The session that was used last comes first, except this one.
    second.login("sess")
    rows = first.open("/your-sessions").page.text.split(" Action ")[1]
    assert rows.startswith("python-requests")
    assert rows.index("this device") < rows.index("127.0.0.1")
    first.press("End")
    assert first.sees("The session has ended.")
    assert second.open("/").heading == "Login"
    first.close()
    second.close()


def test_audit_log_is_filtered_and_exported(served: Served, alice: Person) -> None:
    served.create("=cmd()")
    alice.open("/").follow("Audit Log")
    assert alice.sees("auth.login")
    assert alice.open("/audit-log?account=nobody").sees("No matching events.")
    alice.open("/audit-log?account=%3Dcmd()")
    assert alice.sees("administrator.created")
    lines = alice.press("Export JSON lines").response.text.splitlines()
    assert [json.loads(line)["subject"] for line in lines] == ["=cmd()"]
    alice.open("/audit-log?account=%3Dcmd()")
    sheet = alice.press("Export CSV").response.content.decode()
    assert "'=cmd()" in sheet
    # Spreadsheets need the byte order mark to read UTF-8.
    assert sheet.startswith("\ufeffid,at,event,")


@pytest.mark.parametrize("asked", ["Wri:Ärzte", "wri:ärzte", "WRI:ÄRZTE", "ｗｒｉ:Ärzte"])
def test_audit_log_finds_an_account_by_every_spelling(
    served: Served, alice: Person, asked: str
) -> None:
    found = served.cli("administrator", "list").stdout
    if "Wri:Ärzte" not in found:
        served.create("Wri:Ärzte")
    alice.open(f"/audit-log?account={quote(asked)}")
    assert alice.sees("administrator.created")
    assert alice.page.attributes["account"]["value"] == asked
    lines = alice.press("Export JSON lines").response.text.splitlines()
    assert {json.loads(line)["subject"] for line in lines} == {"Wri:Ärzte"}


def test_invalid_time_of_the_filter_is_reported(alice: Person) -> None:
    """Some browsers accept any text in the field. An ignored value without a message would make
    the list look filtered.
    """
    alice.open("/audit-log?account=alice&since=yesterday&until=2026-11-24")
    assert alice.response.status_code == 422
    assert alice.sees("From: this is not a date such as 2026-11-24. It was ignored.")
    assert alice.page.attributes["since"]["aria-invalid"] == "true"
    assert alice.page.attributes["since"]["value"] == "yesterday"
    assert "aria-invalid" not in alice.page.attributes["until"]
    assert alice.page.attributes["until"]["value"] == "2026-11-24"


def test_filter_with_end_before_the_beginning_is_reported(alice: Person) -> None:
    """An empty list would look as if nothing had happened. A date means the whole day."""
    alice.open("/audit-log?since=2026-11-24+18:30&until=2026-11-24+18:29")
    assert alice.response.status_code == 422
    assert alice.sees('Until: this is before the time in "From". It was ignored.')
    assert alice.page.attributes["until"]["aria-invalid"] == "true"
    assert alice.page.attributes["until"]["value"] == "2026-11-24 18:29"
    assert alice.sees("From: 2026-11-24 18:30")
    alice.press("Export CSV")
    assert (alice.response.status_code, alice.sees("Nothing was exported.")) == (422, True)
    for until in ("2026-11-24", "2026-11-24+18:30"):
        alice.open(f"/audit-log?since=2026-11-24+18:30&until={until}")
        assert alice.response.status_code == 200


@pytest.mark.parametrize(("name", "label"), [("event", "Event"), ("interface", "Interface")])
def test_unknown_choice_of_the_filter_is_reported(
    served: Served, alice: Person, name: str, label: str
) -> None:
    """Such a value may be in a bookmark. The rest of the filter is used; the value stays."""
    served.create(f"cho:{name}")
    alice.open(f"/audit-log?account=cho:{name}&{name}=auth.logon")
    assert alice.response.status_code == 422
    assert alice.sees(f"{label}: this value does not exist. It was ignored.")
    assert alice.page.attributes[name]["aria-invalid"] == "true"
    assert "<option selected>auth.logon</option>" in alice.response.text
    assert f'<p class="print-only">Account: <bdi>cho:{name}</bdi></p>' in alice.response.text
    assert alice.sees("administrator.created")
    assert '<span class="event">auth.login</span>' not in alice.response.text
    assert alice.open(f"/audit-log?{name}=").response.status_code == 200


@pytest.mark.parametrize("before", ["x", "-1", "9" * 19, "1.5"])
def test_invalid_position_in_the_log_is_reported(alice: Person, before: str) -> None:
    alice.open(f"/audit-log?before={before}")
    assert alice.response.status_code == 422
    assert alice.sees("The address contains no valid position, so the newest events are shown.")
    assert "Newest events" not in alice.page.links
    assert alice.open("/audit-log?before=1").response.status_code == 200


@pytest.mark.parametrize(
    "given", ["event=auth.logon", "interface=window", "since=yesterday", "until=x"]
)
@pytest.mark.parametrize("kind", ["Export JSON lines", "Export CSV"])
def test_invalid_filter_exports_nothing(alice: Person, kind: str, given: str) -> None:
    """A file with all events would be mistaken for the filtered ones."""
    words = alice.open(f"/audit-log?account=nobody&{given}").page.text
    alice.press(kind)
    assert (alice.response.status_code, alice.heading) == (422, "Audit Log")
    assert "content-disposition" not in alice.response.headers
    assert alice.sees("There is a problem Nothing was exported.")
    assert "It was ignored." in words
    assert alice.page.text.replace("Nothing was exported. ", "") == words


@pytest.mark.parametrize(
    ("given", "shown"),
    [("2026-11-24", "2026-11-24"), ("2026-11-24 18:30:05", "2026-11-24 18:30:05"),
     ("2026-11-24T18:30%2B02:00", "2026-11-24 16:30")],
)  # fmt: skip
def test_time_of_the_filter_is_shown_in_utc(alice: Person, given: str, shown: str) -> None:
    alice.open(f"/audit-log?since={given}")
    assert alice.response.status_code == 200
    assert alice.page.attributes["since"]["value"] == shown
    assert alice.sees(f"From: {shown}")


def test_date_in_the_filter_means_the_whole_day(served: Served, alice: Person) -> None:
    served.create("date:1")
    today, page = datetime.now(UTC).date(), "/audit-log"
    yesterday = today - timedelta(days=1)
    alice.open(page)
    created = '<span class="event">administrator.created</span>'
    for since, until, is_found in ((today, today, True), (yesterday, yesterday, False),
                                   (yesterday, today, True)):  # fmt: skip
        alice.open(f"{page}?account=date:1&since={since}&until={until}")
        assert (created in alice.response.text) == is_found, (since, until)
        fields = {name: alice.page.attributes[name] for name in ("since", "until")}
        assert [f["value"] for f in fields.values()] == [str(since), str(until)]
        # A date field would show them in the order of the browser's country.
        assert {f.get("type") for f in fields.values()} == {None}
    served.create("date:2")
    alice.open(f"{page}?account=date:2&until=9999-12-31")
    assert alice.sees("this is not a date")
    alice.open(page).press("Filter", From="1.2.2026", Until="02/03/2026")
    assert alice.page.attributes["since"]["value"] == "2026-02-01"
    assert alice.sees("Until: this is not a date such as 2026-11-24. It was ignored.")


def test_taken_name_is_reported_with_the_other_problems(served: Served, alice: Person) -> None:
    served.create("taken:1")
    alice.open("/new-administrator")
    alice.press("Create Administrator", Username="TAKEN:1", Full_name="x" * 201, Email="x",
                Password="short", Repeat_password="other")  # fmt: skip
    fields = ["username", "full_name", "email", "password", "repeat_password"]
    assert [f for f in fields if "aria-invalid" in alice.page.attributes[f]] == fields
    assert alice.sees("Username: another account has this username")
    alice.press("Create Administrator", Full_name="", Email="", Password=NEW, Repeat_password=NEW)
    assert alice.response.status_code == 409
    assert alice.sees("Another account has this username")


def usernames(person: Person) -> list[str]:
    return re.findall(r'<div class="name"><a [^>]*><bdi>(.*?)</bdi>', person.response.text)


def test_table_is_sorted_by_its_headings(alice: Person, served: Served) -> None:
    """A heading sorts by its column; a second press reverses the order."""
    for number, full_name in enumerate(["Beta", "Gamma", "Alpha"]):
        served.cli("administrator", "create", "--password-stdin", "--full-name", full_name, "--",
                   f"sort{number}", stdin=PASSWORD)  # fmt: skip
    alice.open("/administrators?search=sort")
    assert usernames(alice) == ["sort0", "sort1", "sort2"]
    alice.follow("Username ↑")
    assert usernames(alice) == ["sort2", "sort1", "sort0"]
    assert 'aria-sort="descending"' in alice.response.text
    alice.follow("Full name")
    assert usernames(alice) == ["sort2", "sort0", "sort1"]
    assert 'aria-sort="ascending"' in alice.response.text
    assert usernames(alice.follow("Full name ↑")) == ["sort1", "sort0", "sort2"]
    assert usernames(alice.follow("Username")) == ["sort0", "sort1", "sort2"]


def chips(person: Person) -> dict[str, str]:
    """Return the counts of the filters by their labels; a star marks the current one."""
    found = re.findall(r'<li><a href="[^"]*"( aria-current="true")?>([^<]*) <span class="count">'
                       r"([^<]*)</span>", person.response.text)  # fmt: skip
    return {label + "*" * bool(current): count for current, label, count in found}


def test_filters_show_counts_and_combine_with_the_search(alice: Person, served: Served) -> None:
    for number in range(3):
        served.create(f"fil{number}")
    served.cli("mfa", "enable", "fil0")
    served.cli("administrator", "disable", "fil1")
    served.cli("api-password", "generate", "fil2")
    Person(served).login("fil2").close()
    alice.open("/administrators?search=fil&sort=email")
    assert chips(alice) == {
        "All*": "3", "MFA off": "2", "MFA pending": "1", "MFA active": "0", "No API password": "2",
        "Account disabled": "1", "Never logged in": "2",
    }  # fmt: skip
    for label, found in (("MFA off", ["fil1", "fil2"]), ("MFA pending", ["fil0"]),
                         ("No API password", ["fil0", "fil1"]), ("Account disabled", ["fil1"]),
                         ("Never logged in", ["fil0", "fil1"])):  # fmt: skip
        count = chips(alice.open("/administrators?search=fil"))[label]
        alice.follow(f"{label} {count}")
        assert (usernames(alice), chips(alice)[f"{label}*"]) == (found, str(len(found)))
        assert alice.page.attributes["search"]["value"] == "fil"
    alice.follow("MFA active 0")
    assert alice.sees("No matching administrators.")
    alice.press("Search", Search="fil0")  # the filter stays
    assert chips(alice)["MFA active*"] == "0"


def test_table_has_a_previous_and_a_next_page(tmp_path: Path) -> None:
    with Served.running(tmp_path / "data") as own, requests.Session() as http:
        own.create("alice")
        http.auth, http.verify, http.trust_env = ("alice", PASSWORD), str(own.ca), False
        for number in range(101):
            body = {"username": f"page{number}", "password": PASSWORD}
            made = http.post(own.api + "/api/v1/administrators", json=body, timeout=30)
            assert made.status_code == 201
        person = Person(own).login("alice").open("/administrators")
        shown = usernames(person)
        assert len(shown) == 50
        assert chips(person)["All*"] == "102"
        assert "Previous page" not in person.page.links
        second = usernames(person.follow("Next page"))
        third = usernames(person.follow("Next page"))
        every = sorted(["alice", *(f"page{n}" for n in range(101))])
        assert [*shown, *second, *third] == every
        assert "Next page" not in person.page.links
        assert usernames(person.follow("Previous page")) == second
        assert "Next page" in person.page.links
        assert usernames(person.follow("Previous page")) == shown
        assert "Previous page" not in person.page.links
        http.delete(f"{own.api}/api/v1/administrators/{shown[0]}", timeout=30)
        # A page that would begin before the first row shows the first page, which is full.
        person.open("/administrators?before=1." + shown[20])
        assert usernames(person) == every[:50]
        person.close()


def test_printed_table_names_the_search(alice: Person) -> None:
    """The search field itself is not printed."""
    alice.open("/administrators?search=ali")
    assert '<p class="print-only">Search: <bdi>ali</bdi></p>' in alice.response.text
    assert 'class="print-only"' not in alice.open("/administrators").response.text


def test_refused_action_is_reported_on_the_page_of_the_account(
    served: Served, alice: Person
) -> None:
    served.create("ref:1")
    row(alice, "ref:1", "Enable MFA")
    served.cli("mfa", "enable", "ref:1")
    alice.press("Enable MFA")
    assert (alice.response.status_code, alice.heading) == (409, "Administrator ref:1")
    assert alice.sees("There is a problem")
    assert alice.sees("Status: Pending")


def test_parallel_edits_save_only_the_changed_fields(served: Served, alice: Person) -> None:
    """A form rendered before another one was saved does not overwrite its values."""
    served.create("two")
    edit = "/administrators/two"
    other = Person(served).login("alice").open(edit)
    alice.open(edit)
    other.press("Save", Email="two@example.org").close()
    alice.press("Save", Full_name="Number Two", Email=" ")
    alice.open(edit)
    fields = {name: alice.page.attributes[name].get("value") for name in ("full_name", "email")}
    assert fields == {"full_name": "Number Two", "email": "two@example.org"}
    # Also after a refusal, when the page is rendered again: the email is not changed.
    again = Person(served).login("alice").open(edit)
    again.press("Save", Email="other@example.org").close()
    alice.press("Save", Full_name="x" * 201)
    assert alice.response.status_code == 422
    alice.press("Save", Full_name="Two")
    alice.open(edit)
    assert alice.page.attributes["email"]["value"] == "other@example.org"
    # Removing a text is a change; saving without changes is accepted.
    alice.press("Save", Email="")
    assert alice.open(edit).page.attributes["email"].get("value") is None
    assert alice.press("Save").sees("Full name and email of the account two are saved.")


def test_deleted_account_links_back_to_the_table(served: Served, alice: Person) -> None:
    served.create("gone")
    alice.open("/administrators?search=gone").follow("gone")
    served.cli("administrator", "delete", "--yes", "gone")
    alice.press("Save")
    assert (alice.response.status_code, alice.heading) == (404, "No such administrator")
    assert alice.page.links["System Administrators"] == "/administrators?search=gone"


def test_pages_require_a_session(served: Served) -> None:
    person = Person(served)
    for path in ("/administrators", "/new-administrator", "/administrators/alice",
                 "/administrators/alice/delete", "/your-sessions", "/audit-log"):  # fmt: skip
        assert person.open(path).heading == "Login"
    person.close()


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/156.0 Safari/537.36 Edg/156.0", "Edge on Windows"),
        ("curl/8.5.0", "curl 8.5"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "Linux"),
        ("", "unknown client"),
    ],
)
def test_client_is_named_in_words(user_agent: str, name: str) -> None:
    assert client_name(user_agent) == name
