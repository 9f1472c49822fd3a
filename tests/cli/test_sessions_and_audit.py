"""`watchword sessions` and `watchword audit`, while a server runs."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.test_command_line import command
from tests.support.person import Person
from tests.support.served import Served


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served.running(tmp_path_factory.mktemp("audit") / "data") as server:
        server.create("alice")
        server.create("ops:bob")
        yield server


def test_sessions_are_listed_and_ended(served: Served) -> None:
    person = Person(served, **{"User-Agent": "a phone"}).login()
    listed = json.loads(served.cli("sessions", "list", "alice", "--json").stdout)
    assert [(s["user_agent"], s["address"], s["factors"]) for s in listed] == [
        ("a phone", "127.0.0.1", ["pwd"])
    ]
    assert "a phone" in served.cli("sessions", "list", "alice").stdout
    assert "1 session has ended." in served.cli("sessions", "end", "alice").stdout
    assert person.open("/").heading == "Login"
    person.close()
    none = served.cli("sessions", "list", "alice")
    assert (none.stdout, "has no session" in none.stderr) == ("", True)
    assert "no administrator named" in served.cli("sessions", "end", "unknown", expect=1).stderr


def test_the_log_is_listed_with_the_newest_last(served: Served) -> None:
    served.cli("administrator", "unlock", "ops:bob")
    rows = json.loads(served.cli("audit", "list", "--json").stdout)
    assert rows[-1]["event"] == "administrator.unlocked"
    assert (rows[-1]["subject"], rows[-1]["interface"]) == ("ops:bob", "cli")
    assert [r["id"] for r in rows] == sorted(r["id"] for r in rows)
    last = served.cli("audit", "list", "--limit", "1").stdout
    assert last.count("\n") == 1
    assert "administrator.unlocked" in last


def test_exports_name_accounts_by_number_too(served: Served) -> None:
    """When an export is read, a name may belong to another account."""
    for _ in range(2):
        served.create("again")
        served.cli("administrator", "delete", "again", "--yes")
    wanted = ("--account", "again", "--event", "administrator.deleted")
    sheet = served.cli("audit", "export", "--format", "csv", *wanted).stdout
    lines = served.cli("audit", "export", *wanted).stdout.splitlines()
    listed = json.loads(served.cli("audit", "list", "--json", *wanted).stdout)[::-1]
    subjects = [[row["subject_id"] for row in rows]
                for rows in (map(json.loads, lines), listed)]  # fmt: skip
    assert subjects[0] == subjects[1] == sorted(set(subjects[0]), reverse=True)
    assert len(subjects[0]) == 2
    rows = list(csv.DictReader(io.StringIO(sheet)))
    assert [int(row["subject_id"]) for row in rows] == subjects[0]
    assert {row["actor_id"] for row in rows} == {""}  # the command line has no account


def test_no_command_prints_control_characters(served: Served, tmp_path: Path) -> None:
    """Values of the database are escaped, from any source: a browser's name, another program."""
    person = Person(served).login("ops:bob")
    data = shutil.copytree(served.data, tmp_path / "data")
    person.close()
    obeyed = "\x1b]0;x\x07\x9b2J\u202e"
    with closing(sqlite3.connect(data / "watchword.db")) as database:
        database.execute("UPDATE administrators SET full_name = ?", (obeyed,))
        database.execute("UPDATE sessions SET user_agent = ?", (obeyed,))
        database.execute("UPDATE audit_events SET actor_name = ?", (obeyed,))
        database.commit()
    for words in (("administrator", "list"), ("sessions", "list", "ops:bob"), ("audit", "list")):
        printed = command(data, *words).stdout
        assert "?]0;x??2J?" in printed
        assert [c for c in printed if not c.isprintable() and c not in "\t\n"] == []


def test_the_log_is_filtered(served: Served) -> None:
    created = "administrator.created"
    rows = json.loads(
        served.cli("audit", "list", "--json", "--account", "ops:bob", "--event", created).stdout
    )
    assert [(r["subject"], r["event"]) for r in rows] == [("ops:bob", created)]
    for option, value in (("--until", "2026-01-01"), ("--since", "2999-01-01T00:00:00Z")):
        assert json.loads(served.cli("audit", "list", "--json", option, value).stdout) == []


def test_a_log_without_a_matching_event_prints_a_message(served: Served) -> None:
    none = served.cli("audit", "list", "--until", "2026-01-01")
    assert (none.stdout, none.stderr) == ("", "No event matches.\n")


def test_a_mistyped_event_is_refused_with_similar_ones(served: Served) -> None:
    """An empty list would look as if nothing had happened."""
    alike = served.cli("audit", "list", "--event", "auth.logim", expect=2).stderr
    assert "auth.login" in alike
    assert "audit.exported" not in alike
    none = served.cli("audit", "export", "--event", "x", expect=2).stderr
    assert "audit.exported" in none


@pytest.mark.parametrize(
    "options",
    [
        ("--since", "yesterday"),
        ("--limit", "0"),
        ("--interface", "window"),
        ("--event", "auth.logn"),
    ],
)
def test_an_invalid_filter_is_refused(served: Served, options: tuple[str, str]) -> None:
    assert options[0] in served.cli("audit", "list", *options, expect=2).stderr


def test_the_log_is_exported_and_the_export_is_recorded(served: Served) -> None:
    lines = served.cli("audit", "export").stdout.splitlines()
    assert json.loads(lines[0])["event"] == "audit.exported"
    table = list(
        csv.DictReader(io.StringIO(served.cli("audit", "export", "--format", "csv").stdout))
    )
    assert len(table) == len(lines) + 1
    assert table[-1]["id"] == "1"


def test_the_chain_is_verified_and_a_change_is_reported(served: Served) -> None:
    found = json.loads(served.cli("audit", "verify", "--json").stdout)
    assert found["events"] == found["last_id"] > 2
    assert "The chain is valid" in served.cli("audit", "verify").stdout
    with closing(sqlite3.connect(served.data / "watchword.db")) as database:
        database.execute("UPDATE audit_events SET actor_name = 'mallory' WHERE id = 2")
        database.commit()
    refused = served.cli("audit", "verify", expect=1).stderr
    assert "from event 2 on" in refused
    assert "Hint" in refused


def test_names_do_not_control_a_terminal(served: Served) -> None:
    Person(served, **{"User-Agent": "x"}).login("\x1b[31mred").close()
    assert "\x1b" not in served.cli("audit", "list").stdout
