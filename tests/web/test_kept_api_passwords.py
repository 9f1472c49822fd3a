"""What becomes of an API password when somebody else resets or disables its account's MFA.

At the console by the box of the page "Confirm", through the API by the body, on the command line
by an option.
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

NUMBERS = count(1)
VERBS = {"reset": "Reset Secret", "disable": "Disable MFA"}
EIGHT_DAYS = 8 * 86_400 * 1_000_000
"""In microseconds, as times are stored."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """ "Confirm it is you" comes before every act, and carries the box along."""
    environ = {"WATCHWORD_RECENT_PROOF_MINUTES": "0"}
    with Served.running(tmp_path_factory.mktemp("kept") / "data", environ=environ) as server:
        server.create("alice")
        yield server


@pytest.fixture
def alice(served: Served) -> Iterator[Person]:
    person = Person(served).login("alice")
    yield person
    person.close()


@pytest.fixture
def bob(served: Served) -> str:
    """A name with a colon; MFA is active."""
    name = f"bob:{next(NUMBERS)}"
    served.create(name)
    served.cli("mfa", "enable", "--", name)
    person = Person(served)
    person.enrol(name)
    person.close()
    return name


def generate(served: Served, name: str) -> str:
    return served.cli("api-password", "generate", "--", name).stdout.strip()


def whoami(served: Served, name: str, password: str) -> int:
    auth, ca = (name, password), str(served.ca)
    answer = requests.get(served.api + "/api/v1/whoami", auth=auth, verify=ca, timeout=30)
    return answer.status_code


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("is_kept", [False, True], ids=["box as it is", "box unticked"])
def test_at_the_console_it_goes_unless_the_box_is_unticked(
    served: Served, alice: Person, bob: str, verb: str, is_kept: bool
) -> None:
    generated = generate(served, bob)
    slug = {"reset": "reset-secret", "disable": "disable-mfa"}[verb]
    alice.open(f"/administrators/{bob}/{slug}")
    assert alice.heading == "Confirm"
    assert re.search(r'name="revoke_api" value="yes" checked>', alice.response.text)
    alice.press(VERBS[verb], Revoke_the_API_password_too=not is_kept)
    assert alice.heading == "Confirm it is you"
    alice.press("OK", Password=PASSWORD)
    assert alice.heading == "System Administrators"
    assert whoami(served, bob, generated) == (200 if is_kept else 401)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("body", "is_kept"),
    [(None, False), ({}, False), ({"keep_api_password": False}, False),
     ({"keep_api_password": True}, True)],
)  # fmt: skip
def test_through_the_api_it_goes_unless_the_body_keeps_it(
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
def test_on_the_command_line_it_stays_unless_it_is_revoked(
    served: Served, bob: str, verb: str, options: tuple[str, ...]
) -> None:
    generated = generate(served, bob)
    served.cli("mfa", verb, *options, "--", bob)
    assert whoami(served, bob, generated) == (401 if options else 200)


def test_the_page_confirm_warns_when_it_was_used_in_the_last_days(
    served: Served, alice: Person, bob: str
) -> None:
    warning, none = "from 127.0.0.1 : scripts that use it stop working.", "has none at the moment"
    page = f"/administrators/{bob}/reset-secret"
    assert alice.open(page).sees(none)
    generated = generate(served, bob)
    assert not alice.open(page).sees(none)
    assert not alice.sees("scripts that use it")
    assert whoami(served, bob, generated) == 200
    assert alice.open(page).sees(warning)
    assert not alice.open(f"/administrators/{bob}/delete").sees("Revoke the API password too")
    with closing(sqlite3.connect(served.data / "watchword.db", isolation_level=None)) as database:
        changed = database.execute(
            "UPDATE api_passwords SET last_used_at = last_used_at - ? WHERE administrator_id ="
            " (SELECT id FROM administrators WHERE username = ?)", [EIGHT_DAYS, bob],
        )  # fmt: skip
        assert changed.rowcount == 1
    assert not alice.open(page).sees("scripts that use it")
