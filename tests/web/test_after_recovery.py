"""Logins with a recovery code: the decision about the secret, and pages in other tabs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from tests.support import phone
from tests.support.person import Person
from tests.support.served import Served

NUMBERS = count(1)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served.running(tmp_path_factory.mktemp("recovered") / "data") as server:
        yield server


class Owner(Person):
    """An administrator with MFA active."""

    name = ""


@pytest.fixture
def owner(served: Served) -> Iterator[Owner]:
    """An administrator on the page with the recovery codes."""
    person = Owner(served)
    person.name = f"owner{next(NUMBERS)}"
    served.create(person.name)
    person.login(person.name).settings().press("Enable MFA").press("Finish now")
    person.press("OK", Code=phone.code(person.token))
    yield person
    person.close()


def by_recovery_code(person: Person, name: str, code: str) -> Person:
    person.login(name).follow("Use a recovery code").press("OK", Recovery_code=code)
    assert person.heading == "Recovery codes"
    return person.follow("Continue")


def test_reset_secret_completes_the_decision(owner: Owner) -> None:
    code = owner.recovery_codes()[0]
    owner.follow("Continue").press("Logout")
    by_recovery_code(owner, owner.name, code)
    assert owner.heading == "Did you lose your phone?"
    owner.press("Reset Secret")
    assert (owner.path, owner.status) == ("/your-mfa-settings", "Pending")
    assert owner.open("/").heading == "Overview"
    owner.settings().press("Finish now").press("OK", Code=phone.code(owner.token))
    assert owner.follow("Continue").status == "Active"


def test_page_older_than_a_replaced_recovery_code_generates_new_ones(
    owner: Owner,
) -> None:
    """The replacement keeps the age of its set, which forms refer to."""
    codes = owner.recovery_codes()
    owner.follow("Continue")
    elsewhere = by_recovery_code(Person(owner.served), owner.name, codes[0]).press(
        "Keep current phone"
    )
    elsewhere.close()
    owner.press("Generate New Recovery Codes")
    assert not owner.sees("nothing new was generated")
    assert (owner.response.status_code, len(owner.recovery_codes())) == (200, 8)
