"""System Administrators, Your Sessions and Audit Log over the port."""

from __future__ import annotations

import json
import re
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
from watchword.web.console.frame.client_names import client_name

NEW = "another otter with pencils"


def row(person: Person, name: str, button: str) -> Person:
    """Press a button in an account's row, found by searching for the name."""
    person.open("/administrators").http.headers["Referer"] = ""
    person.open(f"/administrators?search={name}")
    return person.press(button)


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


def test_table_shows_how_often_and_where_a_qr_code_was_shown(served: Served, alice: Person) -> None:
    served.create("pending")
    served.cli("mfa", "enable", "--yes", "pending")
    assert not alice.open("/administrators?search=pending").sees("QR code shown")
    shown = ("QR code shown 1 time, from 127.0.0.1", "QR code shown 2 times, from 127.0.0.1")
    for sentence in shown:
        with closing(Person(served)) as visitor:
            visitor.login("pending")
        assert alice.open("/administrators?search=pending").sees(sentence)
    served.cli("mfa", "disable", "--yes", "pending")
    assert not alice.open("/administrators?search=pending").sees("QR code shown")


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
    links = [h for t, h in alice.page.links.items() if t == f"Edit {name}"]
    alice.open(links[0]).press("Save", Full_name="Carol", Email="x")
    assert alice.sees("this is not an email address")
    alice.press("Save", Email="")
    assert alice.sees(f"Full name and email of the account {name} are saved.")
    alice.open(links[0]).act("Disable Account")
    assert alice.sees("Account disabled")
    assert newcomer.open("/").heading == "Login"
    alice.open(links[0]).press("Enable Account")
    alice.open(links[0]).act("Set Password", New_password="x", Repeat_new_password="y")
    assert alice.sees("the two passwords are not the same")
    assert alice.sees("New password: use at least 15 characters.")
    alice.press("Set Password", New_password=PASSWORD, Repeat_new_password=PASSWORD)
    assert alice.sees(f"The password of the account {name} is set, and its sessions have ended.")
    assert newcomer.login(name).heading == "Choose your password"
    alice.open(links[0].replace("/edit", "/delete"))
    assert alice.heading == f"Confirm: Delete for {name}"
    assert alice.press("Delete").sees(f"The account {name} is deleted, with everything")
    newcomer.close()


def test_unlock_ends_the_wait_of_an_account(served: Served, alice: Person) -> None:
    name = "unlock:me"
    served.create(name)
    person = Person(served)
    for _ in range(5):
        person.login(name, "wrong")
    assert person.login(name).response.status_code == 429
    row(alice, quote(name), "Unlock")
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
    for button, sentence in sentences.items():
        alice.open("/administrators?search=" + quote(name))
        alice.press(button) if button == "Unlock" else alice.act(button)
        assert alice.sees(sentence.format(shown)), button
        assert f"<strong><bdi>{escape(shown)}</bdi></strong>" in alice.response.text
    alice.open("/administrators/" + quote(name, safe="") + "/edit").act("Disable Account")
    assert alice.sees(f"The account {shown} is disabled, and its sessions have ended.")
    assert not alice.sees("Its API password no longer works.")
    alice.open("/administrators/" + quote(name, safe="") + "/edit")
    assert alice.sees("its password and MFA work as before, and it has no API password.")
    alice.press("Enable Account")
    assert alice.sees(f"The account {shown} is enabled. It has no API password.")
    assert not alice.open("/administrators").sees("The account")


def test_own_row_has_no_buttons_and_refuses_forms(alice: Person) -> None:
    alice.open("/administrators?search=alice")
    assert alice.sees("(you)")
    assert not {"Enable MFA", "Delete", "Unlock"} & {b.text for b in alice.page.buttons}
    token = alice.page.forms["form0"].fields["form_token"]
    for act in ("enable-mfa", "delete", "disable", "set-password", "unlock"):
        answer = alice.http.post(
            f"{alice.served.console}/administrators/alice/{act}", timeout=30,
            data={"form_token": token, "new_password": NEW, "repeat_new_password": NEW},
        )  # fmt: skip
        assert answer.status_code == 403
        assert "not possible for your own account" in answer.text


def test_unknown_name_is_reported(alice: Person) -> None:
    assert alice.open("/administrators/nobody/edit").response.status_code == 404
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
        assert {f["type"] for f in fields.values()} == {"date"}
    served.create("date:2")
    alice.open(f"{page}?account=date:2&until=9999-12-31")
    assert alice.sees("this is not a date")


def test_taken_name_is_reported_with_the_other_problems(served: Served, alice: Person) -> None:
    served.create("taken:1")
    alice.open("/administrators/new")
    alice.press("Create Administrator", Username="TAKEN:1", Full_name="x" * 201, Email="x",
                Password="short", Repeat_password="other")  # fmt: skip
    fields = ["username", "full_name", "email", "password", "repeat_password"]
    assert [f for f in fields if "aria-invalid" in alice.page.attributes[f]] == fields
    assert alice.sees("Username: another account has this username")
    alice.press("Create Administrator", Full_name="", Email="", Password=NEW, Repeat_password=NEW)
    assert alice.response.status_code == 409
    assert alice.sees("Another account has this username")


def usernames(person: Person) -> list[str]:
    return re.findall(r'<th scope="row" id="row\d+"><bdi>(.*?)</bdi>', person.response.text)


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


def test_table_has_further_pages_and_a_link_to_the_first(tmp_path: Path) -> None:
    with Served.running(tmp_path / "data") as own, requests.Session() as http:
        own.create("alice")
        http.auth, http.verify, http.trust_env = ("alice", PASSWORD), str(own.ca), False
        for number in range(51):
            body = {"username": f"page{number}", "password": PASSWORD}
            made = http.post(own.api + "/api/v1/administrators", json=body, timeout=30)
            assert made.status_code == 201
        person = Person(own).login("alice").open("/administrators")
        shown = usernames(person)
        assert len(shown) == 50
        assert "First page" not in person.page.links
        behind = usernames(person.follow("Next page"))
        assert [*shown, *behind] == sorted(["alice", *(f"page{n}" for n in range(51))])
        assert "Next page" not in person.page.links
        assert usernames(person.follow("First page")) == shown
        person.close()


def test_printed_table_names_the_search(alice: Person) -> None:
    """The search field itself is not printed."""
    alice.open("/administrators?search=ali")
    assert '<p class="print-only">Search: <bdi>ali</bdi></p>' in alice.response.text
    assert 'class="print-only"' not in alice.open("/administrators").response.text


def test_refusal_names_the_button_and_the_account(served: Served, alice: Person) -> None:
    served.create("ref:1")
    alice.open("/administrators?search=ref")
    alice.press("Enable MFA")
    served.cli("mfa", "enable", "ref:1")
    alice.press("Enable MFA")
    assert (alice.response.status_code, alice.heading) == (409, "System Administrators")
    assert alice.sees("There is a problem You pressed: Enable MFA, for the account ref:1 .")
    assert not alice.act("End Sessions").sees("You pressed:")


def test_parallel_edits_save_only_the_changed_fields(served: Served, alice: Person) -> None:
    """A form rendered before another one was saved does not overwrite its values."""
    served.create("two")
    edit = "/administrators/two/edit"
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
    alice.open("/administrators?search=gone").follow("Edit gone")
    served.cli("administrator", "delete", "--yes", "gone")
    alice.press("Save")
    assert (alice.response.status_code, alice.heading) == (404, "No such administrator")
    assert alice.page.links["System Administrators"] == "/administrators?search=gone"


def test_own_edit_page_links_the_own_pages(alice: Person) -> None:
    alice.open("/administrators/alice/edit")
    assert alice.sees("This is your own account. Use the pages Change Password and")
    assert alice.page.links["Change Password"] == "/change-password"


def test_pages_require_a_session(served: Served) -> None:
    person = Person(served)
    for path in ("/administrators", "/administrators/new", "/administrators/alice/edit",
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
