"""The pages "Confirm: ACTION for NAME": consequences of the action, and credentials in use."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support import phone
from tests.support.person import Person
from tests.support.served import PASSWORD, Served
from tests.web.conftest import whoami
from watchword.domain.roles import Role
from watchword.web.console.administrators.confirmed_actions import LABELS, of_role

NUMBERS = count(1)
WEEK = 7 * 86_400 * 1_000_000
"""In microseconds, as times are stored."""


@pytest.fixture
def bob(served: Served) -> str:
    name = f"bo:b é{next(NUMBERS)}"
    served.create(name)
    return name


@pytest.fixture
def mia(served: Served) -> str:
    name = f"mi:a é{next(NUMBERS)}"
    served.cli("member", "create", "--password-stdin", "--", name, stdin=PASSWORD)
    return name


@pytest.fixture
def cron(served: Served) -> str:
    name = f"cro:n é{next(NUMBERS)}"
    served.cli("member", "create", "--script", "--", name)
    return name


def path_to(name: str, slug: str, role: Role = Role.ADMINISTRATOR) -> str:
    return f"/{role.value}s/{quote(name, safe='')}/{slug}"


def possible(served: Served, name: str, slug: str) -> None:
    """Bring the account into a state that allows the action."""
    if slug in {"revoke-api-password", "set-password"}:
        served.cli("api-password", "generate", "--", name)
    if slug in {"disable-mfa", "reset-secret"}:
        served.cli("mfa", "enable", "--", name)
    if slug == "reset-secret":
        person = Person(served)
        person.enrol(name)
        person.close()


@pytest.mark.parametrize(
    ("role", "slug"), [(role, slug) for role in Role for slug in of_role(role)]
)
def test_page_names_action_and_account_and_changes_nothing(
    served: Served, alice: Person, request: pytest.FixtureRequest, role: Role, slug: str
) -> None:
    owner = {Role.ADMINISTRATOR: "bob", Role.MEMBER: "mia"}[role]
    name = request.getfixturevalue("cron" if slug == "generate-api-password" else owner)
    possible(served, name, slug)
    label = LABELS[slug]
    alice.open(path_to(name, slug, role))
    assert alice.heading == f"Confirm: {label} for {name}"
    assert f"<title>{alice.heading} · 127.0.0.1</title>" in alice.response.text
    for words in ("Stops:", "Stays:", "Next:", "In use now"):
        assert alice.sees(words)
    assert alice.button(label) is not None
    assert alice.page.links["Cancel"] == path_to(name, "", role)[:-1]
    assert alice.sees("Revoke the API password too") == (slug == "set-password")  # has one
    assert len(re.findall("<li><strong>", alice.response.text)) == 3
    assert alice.open(path_to(name, slug, role)).response.status_code == 200  # not done yet


def test_page_shows_the_last_uses_of_scripts_and_browsers(
    served: Served, alice: Person, bob: str
) -> None:
    generated = served.cli("api-password", "generate", "--", bob).stdout.strip()
    assert whoami(served, bob) == whoami(served, bob, generated) == 200
    person = Person(served).login(bob)
    alice.open(path_to(bob, "disable"))
    use = r"Last (?:used|seen) (?:just now|1 minute ago) from 127.0.0.1 \."
    lines = f"Regular password on the API {use} API password {use} Sessions 1\\. {use}"
    assert re.search(lines, alice.page.text), alice.page.text
    person.close()


def test_page_reports_unused_credentials(served: Served, alice: Person, bob: str) -> None:
    alice.open(path_to(bob, "disable"))
    assert alice.sees("Regular password on the API No use is recorded. API password There is none.")
    assert alice.sees("Sessions 0")
    served.cli("api-password", "generate", "--", bob)
    assert alice.open(path_to(bob, "disable")).sees("API password Not used yet.")


def test_disabling_mentions_only_an_existing_api_password(
    served: Served, alice: Person, bob: str
) -> None:
    lost, generates = "the API password is lost for good", "generates a new API password"
    alice.open(path_to(bob, "disable"))
    assert not alice.sees(lost)
    assert not alice.sees(generates)
    served.cli("api-password", "generate", "--", bob)
    alice.open(path_to(bob, "disable"))
    assert alice.sees(lost)
    assert alice.sees(generates)


@pytest.mark.parametrize("slug", ["enable-mfa", "reset-secret"])
def test_page_announces_the_enrolment_code(tmp_path: Path, slug: str) -> None:
    environ = {"WATCHWORD_ENROLMENT_PROOF": "other_browser"}
    with Served.running(tmp_path / "data", environ=environ) as proving:
        for name in ("alice", "bob"):
            proving.create(name)
        if slug == "reset-secret":
            bob = Person(proving).login("bob").settings().press("Enable MFA").follow("Continue")
            bob.press("Finish now").press("OK", Code=phone.code(bob.token)).close()
        person = Person(proving).login("alice").open(path_to("bob", slug))
        assert person.sees("The next page shows an enrolment code to hand over.")
        assert not person.sees("anyone who knows the password")
        assert person.press(LABELS[slug]).heading == "Enrolment code"
        person.close()


@pytest.mark.parametrize("slug", ["enable-mfa", "set-password", "disable", "lock-down", "delete"])
def test_page_warns_about_scripts_with_the_regular_password(
    served: Served, alice: Person, bob: str, slug: str
) -> None:
    """Without it, enabling MFA with one press changed a script's responses from 200 to 401."""
    warning = "Scripts used the regular password in the last 7 days. They will be refused."
    assert not alice.open(path_to(bob, slug)).sees(warning)
    assert whoami(served, bob) == 200
    assert alice.open(path_to(bob, slug)).sees(warning)
    assert not alice.open(path_to(bob, "end-sessions")).sees(warning)
    with closing(sqlite3.connect(served.data / "watchword.db", isolation_level=None)) as database:
        database.execute("UPDATE api_passwords SET regular_used_at = regular_used_at - ?", [WEEK])
    assert not alice.open(path_to(bob, slug)).sees(warning)


@pytest.mark.parametrize(
    ("slug", "used"),
    [("set-password", "the regular password"), ("revoke-api-password", "the API password"),
     ("disable", "this account"), ("lock-down", "this account")],
)  # fmt: skip
def test_warning_names_the_affected_credential(
    served: Served, alice: Person, bob: str, slug: str, used: str
) -> None:
    generated = served.cli("api-password", "generate", "--", bob).stdout.strip()
    assert whoami(served, bob) == whoami(served, bob, generated) == 200
    alice.open(path_to(bob, slug))
    assert alice.sees(f"Scripts used {used} in the last 7 days. They will be refused.")


@pytest.mark.parametrize("slug", ["disable-mfa", "reset-secret", "revoke-api-password"])
def test_impossible_action_links_back_to_the_account(alice: Person, bob: str, slug: str) -> None:
    alice.open(path_to(bob, slug))
    assert alice.response.status_code == 409
    assert alice.page.links["Back to the account"] == path_to(bob, "")[:-1]
    assert alice.button(LABELS[slug]) is None


@pytest.mark.parametrize("role", Role)
def test_page_of_the_account_leads_to_every_confirmation(
    served: Served, alice: Person, request: pytest.FixtureRequest, role: Role
) -> None:
    """Only Save, Unlock and Enable Account act without a confirmation."""
    name = request.getfixturevalue({Role.ADMINISTRATOR: "bob", Role.MEMBER: "mia"}[role])
    served.cli("api-password", "generate", "--", name)
    served.cli("mfa", "enable", "--", name)
    Person(served).enrol(name)
    found: dict[str, set[str]] = {"get": set(), "post": set()}
    for button in alice.open(path_to(name, "", role)[:-1]).page.buttons:
        form = alice.page.forms[button.form]
        if form.action.startswith(path_to(name, "", role)[:-1]):
            found[form.method].add(button.text)
    assert found["post"] == {"Unlock", "Save"}
    # MFA is enabled, and the owner of a password generates the API password.
    impossible = {"enable-mfa", "generate-api-password"}
    labels = {LABELS[slug] for slug in of_role(role) if slug not in impossible}
    assert found["get"] == labels | {"Forget Browser"}
    assert [b.text for b in alice.page.buttons][-3:] == [
        "Disable Account", "Lock Down Account", "Delete",
    ]  # fmt: skip
