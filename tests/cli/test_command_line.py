"""The command line, with and without a running server."""

from __future__ import annotations

import json
import os
import pwd
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests.support import forked
from tests.support.served import PASSWORD, ROOT, Served
from watchword.cli.installation import operator
from watchword.cli.main import watchword
from watchword.cli.messages import TEXTS, lines_of
from watchword.domain import errors, operational_errors
from watchword.domain.errors import Problem, Refusal


def command(
    data: Path, *arguments: str, stdin: str = "", environ: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    here = os.environ | {"WATCHWORD_DATA_DIR": str(data)} | (environ or {})
    return forked.run_whole(arguments, here, stdin)


def test_an_administrator_is_created_listed_and_given_a_password(tmp_path: Path) -> None:
    data = tmp_path / "data"
    made = command(data, "administrator", "create", "do:main", "--full-name", "Ä B", "--email",
                   "a@example.org", "--password-stdin", stdin=PASSWORD + "\n")  # fmt: skip
    assert (made.returncode, made.stderr) == (0, "")
    assert "colon" in made.stdout
    listed = json.loads(command(data, "administrator", "list", "--json").stdout)
    assert listed == [
        {
            "username": "do:main", "full_name": "Ä B", "email": "a@example.org", "enabled": True,
            "mfa": {"enabled": False, "status": "disabled"}, "last_login_at": None,
        }
    ]  # fmt: skip
    changed = command(data, "administrator", "set-password", "DO:MAIN", "--password-stdin",
                      stdin="another otter with pencils")  # fmt: skip
    assert changed.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("mfa", "status", "bob"), 1, "no administrator named bob"),
        (("mfa", "reset", "alice"), 1, "not possible while MFA is disabled"),
        (("mfa", "disable", "alice"), 1, "not possible while MFA is disabled"),
        (("api-password", "revoke", "alice"), 1, "no API password"),
        (("administrator", "enable", "alice"), 1, "in that state already"),
        (("administrator", "set-password", "alice", "--password-stdin"), 1, "values are invalid"),
        (("first-run",), 1, "exists already"),
        (("administrator", "create", "ALICE", "--password-stdin"), 1, "is in use"),
        (("administrator", "create", "bob"), 2, "--password-stdin"),
        (("administrator", "create"), 2, "Missing argument"),
        (("nonsense",), 2, "No such command"),
        (("serve", "--console", "nowhere"), 1, "HOST:PORT"),
    ],
)
def test_a_refusal_has_a_hint_and_an_exit_code(
    tmp_path: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    data = tmp_path / "data"
    command(data, "administrator", "create", "alice", "--password-stdin", stdin=PASSWORD)
    typed = "short" if "set-password" in arguments else PASSWORD
    done = command(data, *arguments, stdin=typed if "--password-stdin" in arguments else "")
    assert done.returncode == code
    assert says in done.stderr
    assert code == 2 or "Hint: " in done.stderr
    assert "Traceback" not in done.stderr


def test_all_problems_of_a_new_account_are_reported_together(tmp_path: Path) -> None:
    done = command(tmp_path, "administrator", "create", "--email", "x", "--password-stdin", "--",
                   "-x", stdin="short")  # fmt: skip
    assert done.returncode == 1
    for label in ("Username:", "Email:", "Password:"):
        assert label in done.stderr


def test_a_command_works_while_a_server_runs_and_is_recorded(served: Served) -> None:
    served.create("alice")
    password = served.cli("api-password", "generate", "alice").stdout.strip()
    assert password.startswith("wwp_")
    assert served.cli("mfa", "status", "alice").stdout.strip() == "disabled"
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(served.data / "watchword.db")) as database:
        rows = database.execute(
            "SELECT event, interface, actor_name, subject_name FROM audit_events"
        )
        found = set(rows.fetchall())
    who = pwd.getpwuid(os.getuid()).pw_name
    assert ("administrator.created", "cli", who, "alice") in found
    assert ("api_password.generated", "cli", who, "alice") in found


def test_a_new_first_run_link_works_without_a_restart(served: Served) -> None:
    old = served.first_run_link
    new = served.cli("first-run").stdout.splitlines()[-1]
    assert new.startswith("https://127.0.0.1")
    assert new != old


def test_every_command_that_a_hint_names_exists() -> None:
    named = {
        tuple(words.split()[:2])
        for _reason, hint in TEXTS.values()
        for words in re.findall(r"`watchword ([a-z -]+)", hint)
    }
    assert len(named) > 5
    for first, *rest in named:
        found = watchword.get_command(click.Context(watchword), first)
        assert found is not None, first
        if rest and isinstance(found, click.Group):
            assert rest[0] in found.commands, (first, rest)


def test_first_run_warns_where_no_server_answers(served: Served, tmp_path: Path) -> None:
    """A command on the data folder of a server finds its addresses, also with other settings."""
    other = {"WATCHWORD_API": "127.0.0.1:9"}
    alone = command(tmp_path / "alone", "first-run", environ=other)
    assert "no `watchword serve` runs on this data folder" in alone.stderr
    assert alone.stdout.splitlines()[-1].startswith("https://")
    assert command(served.data, "first-run", environ=other).stderr == ""


def test_settings_are_checked_and_shown_with_their_origin(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("session_hours = 4\n")
    environ = {"WATCHWORD_DATABASE_URL": "postgresql://u:swordfish@h/d"}
    done = command(tmp_path, "config", "show", "--config", str(file), "--json", environ=environ)
    shown = json.loads(done.stdout)
    assert shown["session_hours"] == {"value": "4", "origin": f"file {file}"}
    assert shown["drift_window"] == {"value": "1", "origin": "built-in default"}
    assert shown["database_url"]["origin"] == "environment WATCHWORD_DATABASE_URL"
    assert "swordfish" not in done.stdout
    assert command(tmp_path, "config", "check", "--config", str(file)).returncode == 0
    file.write_text("sesion_hours = 4\n")
    refused = command(tmp_path, "config", "check", "--config", str(file))
    assert refused.returncode == 1
    assert "did you mean session_hours?" in refused.stderr


def test_settings_are_shown_as_text_too(tmp_path: Path) -> None:
    environ = {
        "WATCHWORD_DATABASE_URL": "postgresql://u:swordfish@h/d",
        "WATCHWORD_LOG_LEVEL": "debug",
    }
    done = command(tmp_path, "config", "show", environ=environ)
    lines = done.stdout.splitlines()
    assert "session_hours = 8\t(built-in default)" in lines
    assert "log_level = debug\t(environment WATCHWORD_LOG_LEVEL)" in lines
    assert 'console_url = ""\t(built-in default)' in lines
    assert "swordfish" not in done.stdout


def test_a_reader_that_closes_the_pipe_is_no_error(tmp_path: Path) -> None:
    """For example `watchword config reference | head -1`."""
    command = [sys.executable, "-m", "watchword", "config", "reference"]
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed:
        done = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("arguments", [("config", "reference"), ("audit", "export")])
def test_a_full_disk_of_standard_output_is_reported(
    tmp_path: Path, arguments: tuple[str, str]
) -> None:
    """A truncated file of `watchword audit export > events.jsonl` must not look complete."""
    command(tmp_path, "first-run")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "watchword", "--data-dir", str(tmp_path), *arguments],
            stdout=full, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    said = done.stderr.splitlines()
    assert said[0] == "watchword: standard output cannot be used: No space left on device."
    assert (done.returncode, len(said)) == (1, 2)


def test_the_operator_comes_from_the_user_id_not_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "alice")
    assert operator().name == pwd.getpwuid(os.getuid()).pw_name


def test_an_operator_without_a_name_has_a_number() -> None:
    """In a container the user id may be missing in passwd(5)."""
    script = (
        "import os, pwd, watchword.domain.audit\n"
        "from watchword.cli.installation import operator\n"
        "os.getuid() == 0 and os.setuid(12345)\n"
        "print(operator().name)"
    )
    nameless = [] if os.getuid() == 0 else ["unshare", "--user", "--map-user=12345"]
    done = subprocess.run([*nameless, sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("uid 12345", "")


def test_the_reference_of_settings_is_printed_as_text_and_as_a_page(tmp_path: Path) -> None:
    plain = command(tmp_path, "config", "reference").stdout
    assert "session_hours = 8\t(number, 1 to 24; WATCHWORD_SESSION_HOURS)" in plain
    page = command(tmp_path, "config", "reference", "--markdown").stdout
    assert page == (ROOT / "docs" / "reference" / "settings.md").read_text()


def test_help_names_every_command(tmp_path: Path) -> None:
    done = command(tmp_path, "--help")
    for name in (
        "serve", "first-run", "administrator", "mfa", "api-password", "sessions", "audit", "keys",
        "backup", "restore", "config", "doctor", "api",
    ):  # fmt: skip
        assert name in done.stdout


def test_help_loads_none_of_the_heavy_libraries() -> None:
    """Loading them would slow down each command."""
    script = (
        "import sys; from watchword.cli.main import run; run(['--help']);"
        "heavy = {'sqlalchemy', 'uvicorn', 'jinja2', 'cryptography', 'argon2', 'zxcvbn'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True,
                          check=True, cwd=ROOT)  # fmt: skip
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("kind", TEXTS, ids=lambda k: k.code)
def test_every_text_of_a_refusal_can_be_filled(kind: type[Refusal]) -> None:
    facts = {"status": "x", "username": "x", "path": "x", "place": "x", "found": "x",
             "expected": "x", "reason": "x", "what": "x", "where": "x", "problem": "unknown",
             "key_id": "x", "event_id": "x", "owner": "x", "user": "x", "uid": "1",
             "application": "x", "host": "x", "most": "1"}  # fmt: skip
    if kind is operational_errors.DatabaseUnavailable:
        facts["reason"] = "busy"
    refusal = (
        errors.Invalid(Problem("username", "dots")) if kind is errors.Invalid else kind(**facts)
    )
    assert lines_of(refusal)[0].startswith("watchword: ")
