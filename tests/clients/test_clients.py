"""Real clients of the Management API: each way to send a name, in each MFA status."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest

from tests.clients import runs
from tests.clients.runs import Outcome, Target
from tests.clients.table import CLIENTS, Client, Made, Name
from tests.support import installation
from tests.support.acts import Acts
from tests.support.person import Person
from tests.support.served import PASSWORD, Served
from tools import clients_reference
from watchword.domain.mfa import Event, Status

Credential = str
Cell = tuple[Name, Status, Credential]
CELLS: tuple[Cell, ...] = tuple(
    (name, status, credential)
    for name in Name
    for status in Status
    for credential in ("regular password", "API password")
)


def account(name: Name, status: Status) -> str:
    """Return the account of this kind of name and this status."""
    return f"{name}{list(Status).index(status)}"


@pytest.fixture(scope="module")
def people(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: tuple[Path, str]
) -> tuple[Path, Mapping[str, str]]:
    """A data folder, and the API passwords by account."""
    opened = installation.open_copy(sqlite_template, tmp_path_factory.mktemp("clients") / "d", None)
    found = {}
    for name in Name:
        for status in Status:
            acts = Acts(opened, account(name, status))
            found[acts.username] = acts.generate_api_password()
            if status is Status.PENDING:
                acts.press(Event.ENABLE)
            if status is Status.ACTIVE:
                acts.activate()
            assert acts.status is status
    opened.app.close()
    return opened.folder, found


@pytest.fixture(scope="module")
def served(people: tuple[Path, Mapping[str, str]]) -> Iterator[Served]:
    with Served.running(people[0]) as server:
        yield server


@pytest.fixture
def forgiven(served: Served) -> None:
    """Clear the throttles: failed attempts of earlier tests would close this address."""
    database = sqlite3.connect(served.data / "watchword.db", timeout=10)
    with database:
        database.execute("DELETE FROM throttles")
    database.close()


def expected(client: Client, cell: Cell) -> Outcome:
    """Return the contract's outcome: while MFA is pending or active, only the API password."""
    name, status, credential = cell
    if client.of(name) is Made.REFUSED:
        return "refused"
    is_sent = client.of(name) is Made.SENT
    return 200 if is_sent and (credential == "API password" or status is Status.DISABLED) else 401


@pytest.mark.usefixtures("forgiven")
@pytest.mark.parametrize("client", CLIENTS, ids=lambda c: f"{c.program}, {c.how}")
def test_every_client_gets_the_outcome_of_the_table(
    served: Served, people: tuple[Path, Mapping[str, str]], client: Client, tmp_path: Path
) -> None:
    api_passwords = people[1]
    calls = []
    for name, status, credential in CELLS:
        username = account(name, status)
        is_api = credential == "API password"
        calls.append((username, api_passwords[username] if is_api else PASSWORD))
    target = Target(served.api + "/api/v1/whoami", served.ca, tmp_path)
    outcomes = client.run(target, calls)
    assert len(outcomes) == len(CELLS)
    seen = [each if isinstance(each, int) else "refused" for each in outcomes]
    wanted = [expected(client, cell) for cell in CELLS]
    differing = [
        (cell, outcome) for cell, outcome, saw, want in zip(CELLS, outcomes, seen, wanted, strict=True)
        if saw != want
    ]  # fmt: skip
    assert differing == []


@pytest.mark.usefixtures("forgiven")
def test_requests_prefers_netrc_over_own_header(served: Served, tmp_path: Path) -> None:
    target = Target(served.api + "/api/v1/whoami", served.ca, tmp_path)
    call = partial(runs.python, "requests_header", target, interpreter=runs.OURS)
    calls = [(account(Name.PLAIN, Status.DISABLED), PASSWORD)]
    assert call(calls) == [200]
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login eve password other\n")
    assert call(calls) == [401]


def test_reference_has_the_tested_table() -> None:
    assert clients_reference.PAGE.read_text() == clients_reference.page(), (
        "run .venv/bin/python -m tools.clients_reference"
    )


def test_colon_notice_agrees_with_the_table(served: Served) -> None:
    """It names the clients that accept such a name and those that refuse it, and %3A."""
    person = Person(served).login(account(Name.COLON, Status.DISABLED)).settings()
    text = person.page.text.partition("Your username contains a colon")[2]
    person.close()
    works, _, fails = text.partition("Tested with")[2].partition(".")
    refusing = {
        client.program for client in CLIENTS
        if client.of(Name.COLON) is not Made.SENT and client.of(Name.PLAIN) is Made.SENT
    }  # fmt: skip
    assert refusing
    for program in {client.program for client in CLIENTS}:
        word = program.split()[-1]
        assert (word in works, word in fails) == (program not in refusing, program in refusing)
    assert "%3A" in fails


def test_cells_cover_every_name_status_and_credential() -> None:
    assert len(CELLS) == len(set(CELLS)) == len(Name) * len(Status) * 2
