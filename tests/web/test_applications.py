"""The pages Applications, New Application, Your Applications, and the page of an application."""

from __future__ import annotations

import json
import re
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.support.person import Person
from tests.support.served import Served

NUMBERS = count(1)


@pytest.fixture
def wiki(served: Served) -> str:
    name = f"wiki{next(NUMBERS)}"
    served.cli("application", "create", name, "--host", f"{name}.example")
    return name


def stored(served: Served, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(served.cli("application", "show", name, "--json").stdout)
    return found


def test_an_application_is_created_with_everything_that_was_entered(
    served: Served, alice: Person
) -> None:
    name = f"docs{next(NUMBERS)}"
    alice.open("/new-application")
    alice.press("Create Application", Name=name, Hosts=f"{name}.example\n {name}.test,", Level="password",
        Accept_API_passwords=True, Groups="Staff, ops", Accounts="alice",
        Public_paths="/favicon.ico", Maximum_age_of_the_login="1.5",
        Session_ends_without_requests_after="10", Session_ends_after="60",
    )  # fmt: skip
    assert alice.heading == f"Application {name}"
    assert alice.sees(f"The application {name} is created.")
    shown = stored(served, name)
    assert shown == {
        "name": name, "hosts": [f"{name}.example", f"{name}.test"], "enabled": True,
        "level": "password", "accept_api_passwords": True,
        "accept_administrators_api_passwords": False, "max_login_age": 90, "idle_seconds": 600,
        "absolute_seconds": 3600, "public_paths": ["/favicon.ico"],
        "who": {"everyone": False, "groups": ["ops", "staff"], "accounts": ["alice"]},
    }  # fmt: skip


def test_a_mistake_keeps_what_was_typed_and_is_named_at_its_field(alice: Person, wiki: str) -> None:
    alice.open("/new-application")
    alice.press("Create Application", Name="x y", Hosts=f"{wiki}.example", Everyone_with_an_account=True,
          Session_ends_without_requests_after="long")  # fmt: skip
    assert alice.response.status_code == 422
    assert alice.sees("use 1 to 43200 minutes")
    assert 'value="x y"' in alice.response.text
    assert 'name="everyone" value="yes" checked' in alice.response.text
    alice.press("Create Application", Name="y", Session_ends_without_requests_after="10")
    assert alice.response.status_code == 409
    assert alice.sees(f"belongs to the application {wiki}")


def test_a_change_of_another_administrator_is_not_overwritten(
    served: Served, alice: Person, wiki: str
) -> None:
    alice.open(f"/applications/{wiki}")
    served.cli("application", "grant", wiki, "--group", "staff")
    alice.press("Save", Hosts=f"{wiki}.test")
    assert alice.response.status_code == 409
    assert stored(served, wiki)["hosts"] == [f"{wiki}.example"]
    alice.open(f"/applications/{wiki}")
    alice.press("Save", Hosts=f"{wiki}.test")
    assert alice.sees(f"The application {wiki} is saved.")
    shown = stored(served, wiki)
    assert (shown["hosts"], shown["who"]["groups"]) == ([f"{wiki}.test"], ["staff"])


def test_try_it_names_the_decision_and_the_rule(served: Served, alice: Person, wiki: str) -> None:
    asked = f"/applications/{wiki}?method=GET&path=/&account="
    alice.open(asked)
    assert alice.sees("The browser is sent to the login. Reason: no account is logged in.")
    alice.open(asked + "alice")
    assert alice.sees("Reason: the account may not enter this application.")
    served.cli("application", "grant", wiki, "--everyone")
    alice.open(asked + "alice")
    assert alice.sees("the application needs MFA")
    alice.open(f"/applications/{wiki}?method=GET&path=a%20b&account=")
    assert alice.sees("Reason: method or path cannot be read.")
    alice.open(asked + "nosuch")
    assert (alice.response.status_code, alice.heading) == (404, f"Application {wiki}")
    assert alice.sees("No administrator has this username.")


def test_a_script_account_is_made_with_its_grant_and_its_api_password(
    served: Served, alice: Person, wiki: str
) -> None:
    alice.open(f"/applications/{wiki}")
    alice.press("New Script Account", Username=f"nightly-{wiki}")
    assert alice.heading == f"API Password of nightly-{wiki}"
    assert re.search(r"wwp_[0-9A-Za-z]{38}", alice.response.text)
    shown = stored(served, wiki)
    assert (shown["accept_api_passwords"], shown["who"]["accounts"]) == (True, [f"nightly-{wiki}"])
    alice.open(f"/applications/{wiki}")
    alice.press("New Script Account", Username=f"nightly-{wiki}")
    assert alice.response.status_code == 409


def test_the_recipe_of_a_proxy_is_shown(alice: Person, wiki: str) -> None:
    alice.open(f"/applications/{wiki}?proxy=nginx&upstream=http://127.0.0.1:9090")
    assert alice.sees(f"server_name {wiki}.example;")
    assert alice.sees("proxy_pass http://127.0.0.1:9090;")
    alice.open(f"/applications/{wiki}?proxy=nginx&upstream=9090")
    assert alice.sees("There is a problem")
    assert not alice.sees("server_name")


def test_disabling_and_deleting_are_confirmed_first(
    served: Served, alice: Person, wiki: str
) -> None:
    alice.open(f"/applications/{wiki}/disable")
    assert alice.heading == f"Confirm: Disable Application for {wiki}"
    assert alice.sees("Stops:")
    alice.press("Disable Application")
    assert alice.sees("This application is disabled.")
    alice.press("Enable Application")
    assert alice.sees(f"The application {wiki} is enabled.")
    alice.open(f"/applications/{wiki}/delete")
    alice.press("Delete")
    assert alice.heading == "Applications"
    assert alice.sees(f"The application {wiki} is deleted.")
    alice.open(f"/applications/{wiki}")
    assert alice.response.status_code == 404


def test_your_applications_lists_what_the_account_may_enter(
    served: Served, alice: Person, wiki: str
) -> None:
    alice.open("/your-applications")
    assert not alice.sees(f"https://{wiki}.example/")
    served.cli("application", "grant", wiki, "--account", "alice")
    alice.open("/your-applications")
    assert alice.page.links[f"https://{wiki}.example/"] == f"https://{wiki}.example/"
    served.cli("application", "disable", wiki, "--yes")
    alice.open("/your-applications")
    assert not alice.sees(f"https://{wiki}.example/")


def test_cancel_of_a_confirmation_leads_back_to_the_application(tmp_path: Path) -> None:
    environ = {"WATCHWORD_RECENT_PROOF_MINUTES": "0"}
    with Served.running(tmp_path / "data", environ=environ) as served:
        served.create("alice")
        served.cli("application", "create", "wiki", "--host", "wiki.example")
        person = Person(served).login("alice")
        person.open("/applications/wiki/delete")
        assert person.heading == "Confirm it is you"
        assert person.page.links["Cancel"] == "/applications/wiki"
        person.close()
