"""Questions of commands, which are asked only on a terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import forked
from tests.support.served import PASSWORD, Served
from tests.support.terminal import on_terminal

NEW = "another otter with pencils"
PASSPHRASE = "seven quiet herons"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two administrators."""
    folder = tmp_path_factory.mktemp("made") / "data"
    for name in ("alice", "bob"):
        run(folder, "administrator", "create", "--password-stdin", name, stdin=PASSWORD)
    return folder


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    """A copy of that data folder."""
    return shutil.copytree(made, tmp_path / "data")


def run(data: Path, *arguments: str, stdin: str = "") -> str:
    done = forked.run_whole(arguments, {"WATCHWORD_DATA_DIR": str(data)}, stdin)
    assert done.returncode == 0, done.stderr
    return done.stdout


def names(data: Path) -> list[str]:
    return [a["username"] for a in json.loads(run(data, "administrator", "list", "--json"))]


def test_a_password_is_typed_twice_and_never_shown(data: Path) -> None:
    """In a new Python process, like the test of Ctrl-C, so that its start and exit are covered."""
    with on_terminal(data, "administrator", "create", "carol", is_new=True) as terminal:
        terminal.wait_for("New password: ")
        terminal.type(NEW)
        terminal.wait_for("Repeat new password: ")
        terminal.type("another other with pencils")
        terminal.wait_for("do not match")
        terminal.wait_for("New password: ")
        terminal.type(NEW)
        terminal.wait_for("Repeat new password: ")
        terminal.type(NEW)
        code, shown = terminal.end()
    assert (code, "Administrator carol is created." in shown) == (0, True)
    assert NEW not in shown
    assert "carol" in names(data)


@pytest.mark.parametrize(
    ("arguments", "question"),
    [
        (["administrator", "delete", "bob"], "Delete bob?"),
        (["administrator", "disable", "bob"], "Disable the account bob?"),
        (["sessions", "end", "bob"], "End all sessions of bob?"),
        (["mfa", "enable", "bob"], "Enable MFA of bob?"),
    ],
)
def test_a_destructive_command_asks_first(data: Path, arguments: list[str], question: str) -> None:
    """Enter means no, and nothing is changed."""
    for answer, code in (("", 1), ("n", 1), ("y", 0)):
        before = run(data, "audit", "list")
        with on_terminal(data, *arguments) as terminal:
            terminal.wait_for(question)
            terminal.type(answer)
            assert terminal.end()[0] == code
        assert (run(data, "audit", "list") == before) is (code == 1)


@pytest.mark.parametrize(
    "arguments",
    [
        ["administrator", "delete"], ["administrator", "disable"], ["administrator", "set-password"],
        ["sessions", "end"], ["mfa", "enable"], ["mfa", "reset"], ["mfa", "disable"],
        ["api-password", "generate"], ["api-password", "revoke"],
    ],
)  # fmt: skip
def test_for_an_unknown_account_nothing_is_asked(data: Path, arguments: list[str]) -> None:
    with on_terminal(data, *arguments, "unknown") as terminal:
        code, shown = terminal.end()
    assert (code, shown.count("?")) == (1, 0)
    assert "no administrator named unknown" in shown


def test_yes_asks_nothing(data: Path) -> None:
    with on_terminal(data, "administrator", "delete", "--yes", "bob") as terminal:
        assert terminal.end() == (0, "Administrator bob is deleted.\n")


def test_ctrl_c_at_a_question_changes_nothing(data: Path) -> None:
    with on_terminal(data, "administrator", "delete", "bob", is_new=True) as terminal:
        terminal.wait_for("[y/N]: ")
        terminal.interrupt()
        code, shown = terminal.end()
    assert (code, "Traceback" in shown) == (1, False)
    assert names(data) == ["alice", "bob"]


def test_a_backups_passphrase_is_typed_twice_and_once_to_restore(
    data: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("backups") / "one.backup"
    with on_terminal(data, "backup", str(file)) as terminal:
        for prompt in ("Passphrase: ", "Repeat passphrase: "):
            terminal.wait_for(prompt)
            terminal.type(PASSPHRASE)
        assert terminal.end()[0] == 0
    run(data, "administrator", "delete", "bob")
    with on_terminal(data, "restore", "--replace", str(file)) as terminal:
        terminal.wait_for("Replace the database and keys in ")
        terminal.type("y")
        terminal.wait_for("Passphrase: ")
        terminal.type(PASSPHRASE)
        code, shown = terminal.end()
    assert (code, PASSPHRASE in shown) == (0, False)
    assert names(data) == ["alice", "bob"]


def test_a_restore_while_a_server_runs_is_refused_before_a_question(
    data: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("backups") / "one.backup"
    run(data, "backup", "--passphrase-stdin", str(file), stdin=PASSPHRASE)
    with Served.running(data), on_terminal(data, "restore", "--replace", str(file)) as terminal:
        code, shown = terminal.end()
    assert (code, "[y/N]" in shown) == (1, False)
    assert "is running on the data folder" in shown


def test_a_key_rotation_shows_its_progress(data: Path) -> None:
    run(data, "mfa", "enable", "bob")
    with on_terminal(data, "keys", "rotate") as terminal:
        code, shown = terminal.end()
    assert (code, "encrypted" in shown) == (0, True)
    assert "All values can be decrypted with it" in shown


def test_long_work_shows_its_progress_and_rate_and_removes_the_line(
    data: Path, tmp_path: Path
) -> None:
    run(data, "administrator", "create", "dave", "--password-stdin", stdin=PASSWORD)
    for command, words in (
        (["audit", "verify"], r"\d+ of \d+ checked, \d+ per second\r\x1b\[K"),
        (["backup", str(tmp_path / "b")], r"0 of 0 MiB copied, 0 MiB per second\r\x1b\[K"),
    ):
        with on_terminal(data, *command) as terminal:
            if command[0] == "backup":
                for prompt in ("Passphrase: ", "Repeat passphrase: "):
                    terminal.wait_for(prompt)
                    terminal.type(PASSPHRASE)
            code, shown = terminal.end()
        assert code == 0
        assert re.search(words, shown), shown


def test_progress_of_an_export_is_shown_apart_from_the_events(data: Path) -> None:
    """The line would stand between the events where both are shown on the terminal."""
    with on_terminal(data, "audit", "export") as terminal:
        code, shown = terminal.end()
    assert (code, "events exported" in shown) == (0, False)
    assert "administrator.created" in shown
    screen, theirs = pty.openpty()
    command = [sys.executable, "-m", "watchword", "audit", "export", "--data-dir", str(data)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, check=True)
    os.close(theirs)
    line = os.read(screen, 4096).decode()
    os.close(screen)
    assert re.search(r"1 events exported, \d+ per second", line)
    assert b"events exported" not in done.stdout


def test_progress_is_shown_on_terminals_only(data: Path) -> None:
    for command in (["audit", "verify"], ["audit", "export"], ["doctor"], ["keys", "rotate"]):
        done = forked.run_whole(command, {"WATCHWORD_DATA_DIR": str(data)}, "")
        assert done.stderr == "", command
