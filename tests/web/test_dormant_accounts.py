"""Accounts that were not used for ninety days, enabled again on their page."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.person import Person
from tests.support.served import Served


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A server without accounts."""
    with Served.running(tmp_path / "data") as server:
        yield server


LONG_AGO = 100 * 86_400 * 1_000_000


def dormant(served: Served) -> Person:
    """Return Alice's page to enable Bob's disabled account, whose MFA is pending."""
    for name in ("alice", "bob"):
        served.create(name)
    served.cli("mfa", "enable", "bob")
    served.cli("administrator", "disable", "bob")
    database = sqlite3.connect(served.data / "watchword.db", timeout=10)
    with database:
        database.execute(
            f"UPDATE administrators SET created_at = created_at - {LONG_AGO} WHERE username = 'bob'"
        )
    database.close()
    return Person(served).login("alice").open("/administrators/bob?back=search%3Dbob")


@pytest.mark.parametrize("setting", ["other_browser", "always"])
def test_enabling_a_dormant_account_shows_its_enrolment_code(tmp_path: Path, setting: str) -> None:
    environ = {"WATCHWORD_ENROLMENT_PROOF": setting}
    with Served.running(tmp_path / "data", environ=environ) as served:
        alice = dormant(served).press("Enable Account")
        assert (alice.response.status_code, alice.heading) == (200, "Enrolment code")
        assert alice.sees("The account bob is enabled.")
        assert alice.sees("The next login of bob asks for this enrolment code")
        code = alice.page.attributes["enrolment-code"]["data-copy"]
        assert alice.page.links["Continue"] == "/administrators/bob?back=search%3Dbob"
        bob = Person(served).login("bob")
        assert bob.heading == "Enrolment code"
        assert bob.press("OK", Enrolment_code=code).heading == "Set up MFA"
        assert not alice.follow("Continue").sees("This account is disabled.")
        assert code not in alice.response.text
        for person in (alice, bob):
            person.close()


def test_enabling_without_enrolment_code_stays_on_the_page(served: Served) -> None:
    alice = dormant(served).press("Enable Account")
    assert (alice.heading, alice.path) == (
        "Administrator bob",
        "/administrators/bob?back=search%3Dbob",
    )
    assert alice.sees("The account bob is enabled.")
    bob = Person(served).login("bob")
    assert bob.heading == "Set up MFA"
    for person in (alice, bob):
        person.close()
