"""Members at the console and on the Management API, walked over every route and operation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
import requests

from tests.support.acts import basic_header
from tests.support.person import Person
from tests.support.script import DOCUMENT
from tests.support.served import PASSWORD, Served
from watchword.web.console import route_table

OPEN = {
    "/change-password", "/new-password", "/after-recovery", "/your-mfa-settings",
    "/your-mfa-settings/finish", "/your-sessions", "/preferences",
    "/dismiss-refusals", "/stay", "/appearance", "/your-applications", "/enter",
}  # fmt: skip
"""Routes for members, besides the public ones and the buttons of these pages."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served.running(tmp_path_factory.mktemp("members") / "data") as server:
        server.create("alice")
        for name in ("mia", "max"):
            server.cli("member", "create", "--password-stdin", name, stdin=PASSWORD)
        yield server


@pytest.fixture
def mia(served: Served) -> Iterator[Person]:
    opened = Person(served).login("mia")
    yield opened
    opened.close()


# --- console ---------------------------------------------------------------------------------
def test_routes_for_members_are_the_pages_of_their_own_account() -> None:
    routes = (*route_table.PAGES, *route_table.BUTTONS)
    found = {r.path for r in routes if r.is_open_to_members and not r.is_public}
    own = {path for path in found if path.startswith(("/your-mfa-settings/", "/your-sessions/"))}
    assert found - own == OPEN - {"/your-mfa-settings/finish"}


def test_a_member_reaches_nothing_else_by_any_route(served: Served, mia: Person) -> None:
    assert mia.heading == "Your Applications"
    menu = re.search(r'<nav class="side".*?</nav>', mia.response.text, re.S)
    assert menu is not None
    assert re.findall(r">([^<>]+)</a>", menu[0]) == [
        "Your Applications", "Your MFA Settings", "Your Sessions", "Help",
    ]  # fmt: skip
    token = next(f.fields["form_token"] for f in mia.page.forms.values())
    for route in (*route_table.PAGES, *route_table.BUTTONS):
        if route.is_public or route.is_open_to_members:
            continue
        for name in ("alice", "mia", "nobody"):
            path = served.console + re.sub(r"\{\w+\}", name, route.path)
            if route.is_page:
                answer = mia.http.get(path, timeout=30, allow_redirects=False)
                if route.path == "/":
                    assert answer.headers["location"] == "/your-applications"
                    continue
                assert answer.status_code in {403, 404}, path
                assert "Only administrators may do this." in answer.text, path
            answer = mia.http.post(
                path, data={"form_token": token}, timeout=30, allow_redirects=False
            )
            assert answer.status_code in {403, 404, 405} or route.path == "/", (path, answer.text)
    assert mia.open("/nowhere").response.status_code == 404
    assert [a["username"] for a in _list(served, "member")] == ["max", "mia"]
    assert [a["username"] for a in _list(served, "administrator")] == ["alice"]


def test_a_member_manages_the_own_credentials(served: Served, mia: Person) -> None:
    mia.open("/your-mfa-settings").press("Generate New API Password")
    assert _status(served, "mia", mia.api_password, "/api/v1/whoami") == 200
    mia.open("/your-sessions")
    assert mia.heading == "Your Sessions"
    mia.open("/preferences")
    assert mia.response.status_code == 200
    assert mia.open("/help").response.status_code == 200
    mia.open("/your-mfa-settings").press("Enable MFA")
    assert mia.status == "Pending"
    mia.press("Disable MFA")
    mia.open("/change-password").press(
        "Change Password", Current_password=PASSWORD,
        New_password="another otter with pencils", Repeat_new_password="another otter with pencils",
    )  # fmt: skip
    assert mia.heading == "Your Applications", "the page after a change of the password"
    assert mia.sees("Your password is changed.")


def test_a_demoted_administrator_loses_the_session_at_the_next_request(served: Served) -> None:
    served.create("bob")
    bob = Person(served).login("bob")
    assert bob.open("/administrators").heading == "System Administrators"
    header = basic_header("bob", PASSWORD)

    def whoami() -> object:
        return requests.get(
            served.api + "/api/v1/whoami", headers={"Authorization": header},
            verify=str(served.ca), timeout=30,
        ).json()["role"]  # fmt: skip

    assert [whoami(), whoami()] == ["administrator"] * 2
    served.cli("administrator", "demote", "bob")
    assert bob.open("/administrators").heading == "Login"
    assert whoami() == "member"
    assert _status(served, "bob", PASSWORD, "/api/v1/administrators") == 403
    served.cli("member", "promote", "bob")
    assert whoami() == "administrator"
    bob.close()


def test_a_script_account_gets_the_answer_of_a_wrong_password(served: Served) -> None:
    made = served.cli("member", "create", "--script", "--group", "Backup", "cron")
    secret = made.stdout.strip()
    assert re.fullmatch(r"wwp_\w{38}", secret)
    assert _status(served, "cron", secret, "/api/v1/whoami") == 200
    person = Person(served)
    pages = [person.login(name, typed).response.text for name, typed in
             (("cron", ""), ("cron", PASSWORD), ("max", "wrong password here"))]  # fmt: skip
    assert all("Incorrect username or password." in page for page in pages)
    (row,) = (each for each in _list(served, "member") if each["username"] == "cron")
    assert (row["groups"], row["has_password"]) == (["backup"], False)
    person.close()


# --- Management API --------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["password", "api_password"])
def test_a_member_calls_only_whoami(served: Served, kind: str) -> None:
    secret = PASSWORD
    if kind == "api_password":
        secret = served.cli("api-password", "generate", "max").stdout.strip()
    called = 0
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            if operation.get("security") == []:
                continue
            answer = requests.request(
                method, served.api + re.sub(r"\{\w+\}", "alice", path), verify=str(served.ca),
                headers={"Authorization": basic_header("max", secret)}, timeout=30,
                json=None if method == "get" else {},
            )  # fmt: skip
            if path == "/api/v1/whoami":
                assert answer.json()["role"] == "member"
                assert answer.json()["credential"] == kind
                continue
            if path == "/metrics":  # open to this machine
                continue
            assert answer.status_code == 403, (method, path, answer.text)
            assert answer.json()["code"] == "not_an_administrator"
            called += 1
    assert called > 25


def _status(served: Served, name: str, secret: str, path: str) -> int:
    headers = {"Authorization": basic_header(name, secret)}
    answer = requests.get(served.api + path, headers=headers, verify=str(served.ca), timeout=30)
    return answer.status_code


def _list(served: Served, role: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(served.cli(role, "list", "--json").stdout)
    return found


# --- the pages of administrators --------------------------------------------------------------
@pytest.fixture
def alice(served: Served) -> Iterator[Person]:
    opened = Person(served).login("alice")
    yield opened
    opened.close()


def test_an_administrator_creates_edits_promotes_and_demotes_a_member(alice: Person) -> None:
    new = "another otter with pencils"
    alice.follow("Members").follow("New Member")
    alice.press(
        "Create Member", Username="zo:ë", Groups="a,b c!", Password=new, Repeat_password=new
    )
    assert alice.sees("Groups: the name of a group consists of")
    alice.press("Create Member", Groups="Staff, wiki", Password=new, Repeat_password=new)
    assert alice.heading == "Member zo:ë"
    assert alice.page.control("Groups").value == "staff, wiki"
    alice.press("Save", Groups="ops", Full_name="Zoë")
    assert alice.sees("Full name, email and groups of the account zo:ë are saved.")
    assert alice.page.control("Groups").value == "ops"
    alice.act("Make Administrator")
    assert alice.heading == "Administrator zo:ë"
    assert alice.path.startswith("/administrators/")
    assert alice.sees("is an administrator now, and its sessions have ended.")
    assert alice.sees("made zo:ë an administrator.")
    assert alice.open("/members/zo%3A%C3%AB").response.status_code == 404
    alice.follow("System Administrators").follow("zo:ë").act("Make Member")
    assert alice.heading == "Member zo:ë"
    alice.follow("Members").follow("zo:ë").act("Delete")
    assert alice.path == "/members"
    assert alice.sees("is deleted")


def test_an_administrator_creates_a_script_account_and_replaces_its_api_password(
    served: Served, alice: Person
) -> None:
    alice.open("/new-member").press("Create Member", Username="nightly", Script_account=True)
    first = alice.api_password
    assert _status(served, "nightly", first, "/api/v1/whoami") == 200
    alice.follow("Continue")
    assert alice.heading == "Member nightly"
    assert alice.button("Make Administrator") is None
    alice.press("Generate API Password")
    form = alice.page.forms[alice.button("Generate API Password").form]  # type: ignore[union-attr]
    alice.press("Generate API Password")
    second = alice.api_password
    assert _status(served, "nightly", first, "/api/v1/whoami") == 401
    assert _status(served, "nightly", second, "/api/v1/whoami") == 200
    again = alice.http.post(served.console + form.action, data=form.fields, timeout=30)
    assert "wwp_" not in again.text.replace(second[:8], "")
    assert _status(served, "nightly", second, "/api/v1/whoami") == 200
    alice.open("/members")
    assert alice.sees("Script account")
    assert not alice.sees("alice (you)")


def test_the_last_administrator_cannot_be_made_a_member(alice: Person, served: Served) -> None:
    served.create("second")
    alice.open("/administrators/second").act("Make Member")
    assert alice.heading == "Member second"
    assert "Make Member" not in [b.text for b in alice.open("/administrators/alice").page.buttons]
    alice.open("/members/second").act("Delete")
