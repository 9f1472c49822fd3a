""" "Confirm it is you" with a recovery code instead of the phone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from tests.support import phone
from tests.support.person import Person
from tests.support.served import PASSWORD, Served

ONCE_MORE = "another otter with pencils"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    environ = {"WATCHWORD_RECENT_PROOF_MINUTES": "0"}
    data = tmp_path_factory.mktemp("confirm") / "data"
    with Served.running(data, environ=environ) as server:
        yield server


@pytest.fixture
def owner(served: Served, request: pytest.FixtureRequest) -> Iterator[Person]:
    """An administrator whose MFA is active, on the page with the recovery codes."""
    name = request.node.name[-30:]
    served.create(name)
    person = Person(served).login(name).settings().press("Enable MFA")
    person.press("OK", Password=PASSWORD).press("Finish now").press("OK", Password=PASSWORD)
    person.press("OK", Code=phone.code(person.token))
    yield person
    person.close()


def labels(person: Person) -> set[str]:
    """Return the labels of fields to fill; "Username" is there for password managers."""
    return set(person.page.labels) - {"Username"}


def test_recovery_code_confirms_without_the_phone(owner: Person) -> None:
    codes = owner.recovery_codes()
    owner.follow("Continue").press("Generate New API Password")
    assert owner.heading == "Confirm it is you"
    assert labels(owner) == {"Password", "Code"}
    owner.press("Use a recovery code")
    assert (owner.heading, labels(owner)) == ("Confirm it is you", {"Password", "Recovery code"})
    assert owner.sees("Confirm your identity to continue.")
    owner.press("OK", Password=PASSWORD, Recovery_code="x")
    assert owner.sees("A recovery code has 24 letters and digits")
    assert labels(owner) == {"Password", "Recovery code"}
    owner.press("OK", Password=ONCE_MORE, Recovery_code=codes[0])
    assert owner.sees("Incorrect password or code. Nothing has been changed.")
    owner.press("OK", Password=PASSWORD, Recovery_code=codes[0].lower())
    assert "wwp_" in owner.response.text
    owner.settings().press("Revoke API Password").press("Use a recovery code")
    owner.press("OK", Password=PASSWORD, Recovery_code=codes[0])
    assert owner.sees("Incorrect password or code. Nothing has been changed.")
    owner.press("Use the code of your authenticator app")
    assert labels(owner) == {"Password", "Code"}


def test_unreadable_secret_is_reported_and_a_recovery_code_confirms(
    owner: Person,
) -> None:
    """Five refused codes would otherwise end the session of an honest user."""
    code = owner.recovery_codes()[0]
    database = sqlite3.connect(owner.served.data / "watchword.db", timeout=10)
    with database:
        database.execute("UPDATE authenticators SET secret = X'00' WHERE secret IS NOT NULL")
    database.close()
    owner.follow("Continue").press("Reset Secret")
    assert owner.heading == "Confirm it is you"
    owner.press("OK", Password=ONCE_MORE, Code="123456")
    assert owner.sees("Incorrect password or code. Nothing has been changed.")
    owner.press("OK", Password=PASSWORD, Code="123456")
    assert owner.response.status_code == 422
    assert owner.sees("This server cannot read your account's secret")
    assert "totp_code-error" in owner.page.attributes
    owner.press("Use a recovery code").press("OK", Password=PASSWORD, Recovery_code=code)
    assert (owner.heading, owner.status) == ("Your MFA Settings", "Pending")
