"""API passwords after another administrator resets or disables the account's MFA.

The console asks by a box on the page "Confirm", the API by the body, the command line by an option.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from typing import Any

import pytest
import requests

from tests.support.person import Person
from tests.support.served import PASSWORD, Served
from tests.web.conftest import whoami

NUMBERS = count(1)
NEW = "another otter with pencils"
VERBS = {"reset": "Reset Secret", "disable": "Disable MFA"}
EIGHT_DAYS = 8 * 86_400 * 1_000_000
"""In microseconds, as times are stored."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that asks "Confirm it is you" before every act, which must keep the box."""
    environ = {"WATCHWORD_RECENT_PROOF_MINUTES": "0"}
    with Served.running(tmp_path_factory.mktemp("kept") / "data", environ=environ) as server:
        server.create("alice")
        yield server


@pytest.fixture
def bob(served: Served) -> str:
    """The name of an account with a colon, whose MFA is active."""
    name = f"bob:{next(NUMBERS)}"
    served.create(name)
    served.cli("mfa", "enable", "--", name)
    person = Person(served)
    person.enrol(name)
    person.close()
    return name


def generate(served: Served, name: str) -> str:
    return served.cli("api-password", "generate", "--", name).stdout.strip()


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("is_kept", [False, True], ids=["box as it is", "box unticked"])
def test_console_revokes_it_unless_the_box_is_cleared(
    served: Served, alice: Person, bob: str, verb: str, is_kept: bool
) -> None:
    generated = generate(served, bob)
    slug = {"reset": "reset-secret", "disable": "disable-mfa"}[verb]
    alice.open(f"/administrators/{bob}/{slug}")
    assert alice.heading == "Confirm it is you"
    alice.press("OK", Password=PASSWORD)
    assert alice.heading == f"Confirm: {VERBS[verb]} for {bob}"
    assert alice.page.control("Revoke the API password too").is_sent
    alice.press(VERBS[verb], Revoke_the_API_password_too=not is_kept)
    assert alice.sees("Its API password is revoked.") == (not is_kept)
    assert alice.heading == f"Administrator {bob}"
    assert whoami(served, bob, generated) == (200 if is_kept else 401)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("body", "is_kept"),
    [(None, False), ({}, False), ({"keep_api_password": False}, False),
     ({"keep_api_password": True}, True)],
)  # fmt: skip
def test_api_revokes_it_unless_the_body_keeps_it(
    served: Served, bob: str, verb: str, body: Any, is_kept: bool
) -> None:
    generated = generate(served, bob)
    answer = requests.post(
        f"{served.api}/api/v1/administrators/{bob}/mfa/{verb}", json=body,
        auth=("alice", PASSWORD), verify=str(served.ca), timeout=30,
    )  # fmt: skip
    assert answer.status_code == 200
    assert whoami(served, bob, generated) == (200 if is_kept else 401)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("options", [(), ("--revoke-api-password",)], ids=["plain", "revoking"])
def test_command_line_keeps_it_unless_it_is_revoked(
    served: Served, bob: str, verb: str, options: tuple[str, ...]
) -> None:
    generated = generate(served, bob)
    served.cli("mfa", verb, *options, "--", bob)
    assert whoami(served, bob, generated) == (401 if options else 200)


def box(alice: Person, bob: str, slug: str) -> tuple[bool, str] | None:
    """Whether the box is checked, and the reason next to it; None without a box."""
    if alice.open(f"/administrators/{bob}/{slug}").heading == "Confirm it is you":
        alice.press("OK", Password=PASSWORD)
    about = r'id="about-revoke-api">(.*?)</p>'
    found = re.search(about, alice.response.text)
    if found is None:
        assert "Revoke the API password too" not in alice.page.labels
        return None
    return alice.page.control("Revoke the API password too").is_sent, found[1]


def age_last_use(served: Served, name: str, microseconds: int) -> None:
    with closing(sqlite3.connect(served.data / "watchword.db", isolation_level=None)) as database:
        changed = database.execute(
            "UPDATE api_passwords SET last_used_at = last_used_at - ? WHERE administrator_id ="
            " (SELECT id FROM administrators WHERE username = ?)", [microseconds, name],
        )  # fmt: skip
        assert changed.rowcount == 1


@pytest.mark.parametrize("slug", ["reset-secret", "disable-mfa", "set-password"])
def test_box_is_clear_for_an_api_password_used_in_the_last_7_days(
    served: Served, alice: Person, bob: str, slug: str
) -> None:
    unused = "It was not used in the last 7 days. Clear the box to keep it."
    assert box(alice, bob, slug) is None
    generated = generate(served, bob)
    assert box(alice, bob, slug) == (True, unused)
    assert whoami(served, bob, generated) == 200
    is_ticked, reason = box(alice, bob, slug) or (True, "")
    assert not is_ticked
    assert reason.startswith("It was used in the last 7 days: scripts that use it would be refused")
    age_last_use(served, bob, EIGHT_DAYS)
    assert box(alice, bob, slug) == (True, unused)


def test_set_password_follows_the_box_and_the_notice_names_it(
    served: Served, alice: Person, bob: str
) -> None:
    """After a refused password the box is as it was set."""
    for is_ticked in (False, True):
        generated = generate(served, bob)
        box(alice, bob, "set-password")
        alice.press("Set Password", New_password="short", Repeat_new_password="short",
                    Revoke_the_API_password_too=is_ticked)  # fmt: skip
        assert alice.sees("There is a problem")
        assert alice.page.control("Revoke the API password too").is_sent == is_ticked
        alice.press("Set Password", New_password=NEW, Repeat_new_password=NEW)
        assert alice.sees(f"The password of the account {bob} is set")
        assert alice.sees("Its API password is revoked.") == is_ticked
        assert whoami(served, bob, generated) == (401 if is_ticked else 200)


def test_notice_without_an_api_password_names_none(alice: Person, bob: str) -> None:
    assert box(alice, bob, "disable-mfa") is None
    assert alice.press("Disable MFA").sees(f"MFA of the account {bob} is disabled.")
    assert not alice.sees("API password is revoked")
