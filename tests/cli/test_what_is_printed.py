"""Output of commands: text for people, JSON and single lines for scripts."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.test_command_line import command
from tests.support.served import PASSWORD

ASKING = {"WATCHWORD_ENROLMENT_PROOF": "always"}
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\n")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with two administrators."""
    for name in ("alice", "bob"):
        command(tmp_path, "administrator", "create", name, "--password-stdin", stdin=PASSWORD)
    return tmp_path


def test_standard_output_contains_only_the_enrolment_code(data: Path) -> None:
    """A script can read it. Text for people goes to standard error."""
    enabled = command(data, "mfa", "enable", "alice", "--yes", environ=ASKING)
    assert CODE.fullmatch(enabled.stdout)
    assert "MFA of alice is now pending." in enabled.stderr
    assert "Give this enrolment code to its owner" in enabled.stderr
    command(data, "administrator", "disable", "alice", "--yes")
    with closing(sqlite3.connect(data / "watchword.db")) as database:  # unused for long
        database.execute("UPDATE administrators SET created_at = created_at - 91 * 86400 * 1000000")
        database.commit()
    again = command(data, "administrator", "enable", "alice", environ=ASKING)
    assert CODE.fullmatch(again.stdout)
    assert again.stdout != enabled.stdout
    assert "The account alice is enabled. It has no API password." in again.stderr


@pytest.mark.parametrize(("environ", "is_printed"), [(ASKING, True), ({}, False)])
def test_set_password_reports_that_the_enrolment_code_ended(
    data: Path, environ: dict[str, str], is_printed: bool
) -> None:
    command(data, "mfa", "enable", "alice", "--yes", environ=environ)
    done = command(data, "administrator", "set-password", "alice", "--password-stdin",
                   stdin=PASSWORD, environ=environ)  # fmt: skip
    assert done.stdout.startswith("The password of alice is set. Their sessions have ended.\n")
    assert ("Their enrolment code is no longer valid" in done.stdout) is is_printed


def test_without_an_enrolment_code_the_result_is_on_standard_output(data: Path) -> None:
    enabled = command(data, "mfa", "enable", "alice", "--yes")
    assert (enabled.stdout, enabled.stderr) == ("MFA of alice is now pending.\n", "")
    command(data, "administrator", "disable", "alice", "--yes")
    again = command(data, "administrator", "enable", "alice")
    said = "The account alice is enabled. It has no API password.\n"
    assert (again.stdout, again.stderr) == (said, "")


def test_the_status_of_mfa_is_a_word_or_json(data: Path) -> None:
    before = json.loads(command(data, "mfa", "status", "alice", "--json").stdout)
    assert before == {
        "username": "alice", "enabled": False, "status": "disabled", "pending_since": None,
    }  # fmt: skip
    command(data, "mfa", "enable", "alice", "--yes")
    assert command(data, "mfa", "status", "alice").stdout == "pending\n"
    after = json.loads(command(data, "mfa", "status", "alice", "--json").stdout)
    assert (after["enabled"], after["status"]) == (True, "pending")
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT.*\+00:00", after["pending_since"])


def test_the_keys_are_a_table_or_json(data: Path) -> None:
    (row,) = json.loads(command(data, "keys", "list", "--json").stdout)
    assert (row["state"], row["passwords"]) == ("current", 2)
    heading, line = command(data, "keys", "list").stdout.splitlines()
    assert heading.split("\t") == [
        "id", "state", "encrypted", "passwords", "recovery codes", "API passwords",
    ]  # fmt: skip
    assert line.split("\t") == [str(value) for value in row.values()]


def test_the_list_of_administrators_separates_account_and_mfa(data: Path) -> None:
    """The state of the account and the status of MFA are separate columns."""
    command(data, "administrator", "disable", "bob")
    command(data, "mfa", "enable", "bob")
    heading, *lines = command(data, "administrator", "list").stdout.splitlines()
    assert heading.split("\t") == ["username", "account", "MFA", "full name"]
    assert [line.split("\t")[:3] for line in lines] == [
        ["alice", "enabled", "disabled"], ["bob", "disabled", "pending"],
    ]  # fmt: skip


def test_without_an_administrator_the_list_names_first_run(
    tmp_path: Path,
) -> None:
    command(tmp_path, "first-run")
    assert "`watchword first-run`" in command(tmp_path, "administrator", "list").stdout
    assert json.loads(command(tmp_path, "administrator", "list", "--json").stdout) == []


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:herring@h/d",
        "postgresql://u@h/d?password=herring",
        "postgresql://h/d?user=u&password=herring&sslmode=require",
        "postgresql://h/d?sslpassword=herring",
        "postgresql://u:her%72ing@h/d",
        "postgresql://u:herring@ring@h/d",
        "postgresql://u:her/ring@h/d",
        "postgresql://u:her?ring#ring@h/d",
        "postgresql://u:herring@[::1/d",
        "postgresql://u:herring@h:port/d",
        "postgresql://u:herring@a:1,b:2/d",
        "postgresql://u:herring@%2Frun%2Fpostgresql/d",
    ],
)
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_the_password_of_the_database_is_not_shown(
    tmp_path: Path, url: str, form: list[str]
) -> None:
    """libpq also reads it from the query."""
    done = command(tmp_path, "config", "show", *form, environ={"WATCHWORD_DATABASE_URL": url})
    assert done.returncode == 0
    assert "[redacted]" in done.stdout
    assert not any(part in done.stdout for part in ("herring", "ring@", "%72"))
    assert "/d" in done.stdout


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:herring@[::1/d",
        "postgresql://u:herring@h:port/d",
        "postgresql://u:4herring:5/d",
        "postgresql://u:herring@h/d?sslmod=require",
        "mysql://u:herring@h/d",
    ],
)
@pytest.mark.parametrize("words", [("config", "check"), ("administrator", "list"), ("doctor",)])
def test_an_invalid_database_url_is_refused_without_its_password(
    tmp_path: Path, url: str, words: tuple[str, ...]
) -> None:
    """The error message must not quote the value, which may contain the password."""
    done = command(tmp_path, *words, environ={"WATCHWORD_DATABASE_URL": url})
    assert (done.returncode, done.stdout) == (1, "")
    assert "database_url" in done.stderr
    assert "Traceback" not in done.stderr
    assert "herring" not in done.stderr
