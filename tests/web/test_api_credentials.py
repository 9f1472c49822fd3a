"""Settings about API credentials: maximum age and rate limit."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from tests.support.person import Person
from tests.support.served import PASSWORD, Served

DAY = 86_400 * 1_000_000
SETTINGS = {"WATCHWORD_API_PASSWORD_MAX_DAYS": "30"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("credentials") / "data"
    with Served.running(folder, environ=SETTINGS) as server:
        yield server


def grow_older(served: Served, name: str, days: int) -> None:
    """Move creation and last use of the API password into the past."""
    with closing(sqlite3.connect(served.data / "watchword.db", timeout=10)) as database, database:
        database.execute(
            "UPDATE api_passwords SET created_at = created_at - ?, last_used_at = last_used_at - ? "
            "WHERE administrator_id = (SELECT id FROM administrators WHERE username = ?)",
            (days * DAY, days * DAY, name),
        )


def call(served: Served, name: str, password: str) -> requests.Response:
    return requests.get(
        f"{served.api}/api/v1/whoami", auth=(name, password),
        verify=str(served.ca), timeout=30,
    )  # fmt: skip


def test_expiring_api_password_is_announced_then_refused(served: Served) -> None:
    served.create("alice")
    served.create("bob")
    alice = Person(served).login("alice").settings().press("Generate New API Password")
    password = alice.api_password
    assert alice.sees("Valid until 20")
    assert not alice.sees("Your API password expires")
    assert call(served, "alice", password).status_code == 200

    grow_older(served, "alice", 17)
    assert call(served, "alice", password).status_code == 200
    said = "Your API password expires within 13 days"
    assert alice.open("/").sees(said)
    assert alice.settings().sees(said)
    bob = Person(served).login("bob").open("/administrators")
    assert bob.sees("expires soon")

    grow_older(served, "alice", 13)
    refused, unknown = call(served, "alice", password), call(served, "nobody", "wrong" * 3)
    assert (refused.status_code, refused.content) == (401, unknown.content)
    said = "Your API password has expired. Scripts that use it are refused."
    assert alice.open("/").sees(said)
    assert alice.settings().sees(said)
    assert bob.open("/administrators").sees("Disabled expired")

    alice.press("Generate New API Password")
    assert not alice.sees(said)
    assert call(served, "alice", alice.api_password).status_code == 200
    for person in (alice, bob):
        person.close()


def test_command_line_shows_the_expiry_of_an_api_password(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHWORD_API_PASSWORD_MAX_DAYS", "30")  # it has the server's settings
    served.create("frank")
    made = served.cli("api-password", "generate", "frank")
    assert "It is valid until 20" in made.stderr
    assert call(served, "frank", made.stdout.strip()).status_code == 200


def test_unused_api_password_is_reported(served: Served) -> None:
    """Without a maximum age, or the API password would have expired first."""
    with Served.running(served.data.parent / "unlimited") as other:
        other.create("carol")
        assert "valid until" not in other.cli("api-password", "generate", "carol").stderr
        grow_older(other, "carol", 181)
        carol = Person(other).login("carol")
        assert carol.sees("Your API password has not been used for more than 180 days.")
        assert carol.open("/administrators").sees("Disabled unused for 180 days")
        assert "unused for 180 days (carol)" in other.cli("doctor", expect=2).stdout
        carol.close()


def test_credential_above_the_rate_limit_gets_retry_after(tmp_path: Path) -> None:
    environ = {"WATCHWORD_API_REQUESTS_PER_MINUTE": "1"}
    with Served.running(tmp_path / "data", environ=environ) as served:
        served.create("dora")
        served.create("eve")
        assert call(served, "dora", PASSWORD).status_code == 200
        reported = call(served, "dora", PASSWORD)
        assert (reported.status_code, reported.json()["code"], reported.headers["content-type"]) == (
            429, "too-many-requests", "application/problem+json",
        )  # fmt: skip
        assert 1 <= int(reported.headers["retry-after"]) <= 60
        assert call(served, "eve", PASSWORD).status_code == 200
        assert call(served, "dora", PASSWORD + "x").status_code == 401
