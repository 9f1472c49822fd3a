"""`watchword backup` and `watchword restore`."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.cli.test_command_line import command
from tests.support.forked import Started
from tests.support.person import Person
from tests.support.postgres import PostgresServer
from tests.support.served import BYTECODE, PASSWORD, ROOT, Served

PASSPHRASE = "glacier teapot orbit walnut"


def backup(data: Path, file: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return command(data, "backup", str(file), "--passphrase-stdin", *more, stdin=PASSPHRASE + "\n")


def restore(data: Path, file: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return command(data, "restore", str(file), "--passphrase-stdin", *more, stdin=PASSPHRASE)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "data"
    command(folder, "administrator", "create", "alice", "--password-stdin", stdin=PASSWORD)
    return folder


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    """A copy of an installation with alice."""
    return shutil.copytree(made, tmp_path / "data")


def names(folder: Path) -> list[str]:
    listed = json.loads(command(folder, "administrator", "list", "--json").stdout)
    return [account["username"] for account in listed]


def test_a_backup_of_a_running_server_is_restored_on_another_host(
    served: Served, tmp_path: Path
) -> None:
    served.create("alice")
    person = Person(served).login()
    made = backup(served.data, tmp_path / "file")
    assert (made.returncode, made.stderr) == (0, "")
    assert person.open("/").heading == "Overview"  # the session is still valid
    person.close()
    trusted = served.ca.read_bytes()
    other = tmp_path / "other"
    done = restore(other, tmp_path / "file")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Ended: 1 sessions" in done.stdout
    assert "Generate new recovery codes" in done.stdout
    with Served.running(other) as there:
        assert there.ca.read_bytes() == trusted  # clients trust the same CA
        there_person = Person(there).login()
        assert there_person.heading == "Overview"
        there_person.close()


def test_a_running_server_refuses_the_restore(served: Served, tmp_path: Path) -> None:
    served.create("alice")
    backup(served.data, tmp_path / "file")
    done = restore(served.data, tmp_path / "file", "--replace", "--yes")
    assert done.returncode == 1
    assert "Another `watchword serve` is running" in done.stderr
    person = Person(served).login()
    assert person.heading == "Overview"
    person.close()


def test_a_session_from_before_the_restore_has_ended(tmp_path: Path) -> None:
    with Served.running(tmp_path / "data") as served:
        served.create("alice")
        person = Person(served).login()
        backup(served.data, tmp_path / "file")
    assert restore(tmp_path / "data", tmp_path / "file", "--replace").returncode == 0
    ports = served.console_port, served.api_port
    with Served.running(tmp_path / "data", ports=ports):
        assert person.open("/").heading == "Login"
    person.close()


def test_existing_data_is_kept_in_another_folder(data: Path, tmp_path: Path) -> None:
    backup(data, tmp_path / "file")
    command(data, "administrator", "create", "late", "--password-stdin", stdin=PASSWORD)
    refused = restore(data, tmp_path / "file")
    assert refused.returncode == 1
    assert "--replace" in refused.stderr
    assert names(data) == ["alice", "late"]
    done = restore(data, tmp_path / "file", "--replace")
    assert names(data) == ["alice"]
    (aside,) = data.glob("before-restore-*")
    assert f"kept in {aside}" in done.stdout
    assert names(aside) == ["alice", "late"]  # a complete installation


def test_a_wrong_passphrase_is_refused_like_a_damaged_file(data: Path, tmp_path: Path) -> None:
    """A wrong passphrase cannot be distinguished from a damaged header: the message names both."""
    file = tmp_path / "file"
    backup(data, file)
    wrong = command(
        data, "restore", str(file), "--passphrase-stdin", "--replace", stdin="other words"
    )
    assert wrong.returncode == 1
    assert "the passphrase is wrong, or the file is damaged" in wrong.stderr
    file.write_bytes(file.read_bytes()[:-1])
    assert "The backup is damaged" in restore(data, file, "--replace").stderr
    file.write_text("something else")
    assert "not a backup of Watchword" in restore(data, file, "--replace").stderr
    assert "cannot be used: No such file" in restore(data, tmp_path / "x", "--replace").stderr
    assert names(data) == ["alice"]


@pytest.mark.parametrize("name", ["new", "new/parent/data"])
def test_a_refused_restore_leaves_no_folder_that_it_has_made(
    data: Path, tmp_path: Path, name: str
) -> None:
    backup(data, tmp_path / "file")
    here = tmp_path / "here"
    here.mkdir()
    arguments = ("restore", str(tmp_path / "file"), "--passphrase-stdin")
    refused = command(here / name, *arguments, stdin="x")
    assert "the passphrase is wrong" in refused.stderr
    assert list(here.iterdir()) == []
    assert restore(here / name, tmp_path / "file").returncode == 0


def test_a_refused_restore_leaves_a_folder_that_was_there(data: Path, tmp_path: Path) -> None:
    backup(data, tmp_path / "file")
    (tmp_path / "other").mkdir()
    command(tmp_path / "other", "restore", str(tmp_path / "file"), "--passphrase-stdin", stdin="x")
    assert (tmp_path / "other").is_dir()


@pytest.mark.parametrize(
    "arguments",
    [
        ("backup", "FILE", "--passphrase-stdin"),
        ("restore", "--after-database-restore"),
        ("mfa", "reset", "alice"),
        ("administrator", "list"),
        ("keys", "rotate"),
        ("audit", "verify"),
    ],
)
def test_a_mistyped_folder_creates_no_installation(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    typed = [str(tmp_path / "file") if a == "FILE" else a for a in arguments]
    done = command(tmp_path / "nowhere", *typed, stdin=PASSPHRASE)
    assert done.returncode == 1
    assert f"There is no installation in {tmp_path / 'nowhere'}." in done.stderr
    assert "--data-dir" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_mistyped_database_creates_no_installation(
    tmp_path: Path, postgres_server: PostgresServer
) -> None:
    name = postgres_server.new_database()
    environ = {"WATCHWORD_DATABASE_URL": postgres_server.url(name)}
    for folder, where in ((tmp_path, name), (tmp_path / "nowhere", tmp_path / "nowhere")):
        done = command(folder, "administrator", "list", environ=environ)
        assert done.returncode == 1
        assert f"There is no installation in {where}." in done.stderr
    assert list(tmp_path.iterdir()) == []
    with psycopg.connect(postgres_server.url(name)) as connection:
        made = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert made.fetchone() == (0,)


def test_a_backup_overwrites_nothing(data: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("precious")
    done = backup(data, tmp_path / "file")
    assert done.returncode == 1
    assert "never overwrites" in done.stderr
    assert (tmp_path / "file").read_text() == "precious"


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "says"),
    [
        (("backup", "FILE"), "", 2, "--passphrase-stdin"),
        (("backup", "FILE", "--passphrase-stdin"), "short", 1, "Passphrase: use at least 15"),
        (("backup", "FILE", "--passphrase-stdin"), "", 1, "Passphrase: "),
        (("backup",), "", 2, "Missing argument"),
        (("restore",), "", 2, "Give either FILE or"),
        (("restore", "FILE", "--after-database-restore"), "", 2, "Give either FILE or"),
    ],
)
def test_a_refusal_is_reported(
    data: Path, tmp_path: Path, arguments: tuple[str, ...], stdin: str, code: int, says: str
) -> None:
    typed = [str(tmp_path / "file") if a == "FILE" else a for a in arguments]
    done = command(data, *typed, stdin=stdin)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "file").exists()


def test_a_passphrase_that_is_not_utf8_is_refused(data: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.cheap", "backup", str(tmp_path / "file"),
         "--passphrase-stdin", "--data-dir", str(data)],
        input=b"\xff\xfe passphrase", capture_output=True, cwd=ROOT, check=False,
        env=os.environ | BYTECODE | {"PYTHONIOENCODING": "utf-8:strict"},
    )  # fmt: skip
    assert done.returncode == 2
    assert b"The input is not UTF-8." in done.stderr


def test_a_new_passphrase_is_typed_twice_and_not_shown(data: Path, tmp_path: Path) -> None:
    """On a terminal."""
    file = tmp_path / "file"
    seen = on_terminal(
        data,
        ["backup", str(file)],
        [("Passphrase: ", PASSPHRASE), ("Repeat passphrase: ", PASSPHRASE)],
    )
    assert "Passphrase" in seen
    assert "Repeat passphrase" in seen
    assert PASSPHRASE not in seen
    assert file.exists()
    seen = on_terminal(
        data, ["restore", str(file), "--replace"], [("[y/N]: ", "y"), ("Passphrase: ", PASSPHRASE)]
    )
    assert "Replace the database and keys" in seen
    assert "is restored" in seen
    assert PASSPHRASE not in seen


def on_terminal(data: Path, arguments: list[str], answers: list[tuple[str, str]]) -> str:
    """Run a command on a terminal and answer its questions. Returns the output."""
    ours, theirs = pty.openpty()
    process = Started.on_terminal([*arguments, "--data-dir", str(data)], os.environ, theirs)
    os.close(theirs)
    seen = ""
    try:
        at = 0
        for question, answer in answers:
            while (found := seen.find(question, at)) < 0:
                piece = _next(ours)
                assert piece, seen
                seen += piece
            at = found + len(question)
            os.write(ours, answer.encode() + b"\n")
        while piece := _next(ours):
            seen += piece
    finally:
        os.close(ours)
        process.wait(30)
    assert process.returncode == 0, seen
    return seen


def _next(terminal: int) -> str:
    ready, _, _ = select.select([terminal], [], [], 30)
    if not ready:
        return ""
    try:
        return os.read(terminal, 4096).decode()
    except OSError:  # the command has closed its side
        return ""


def test_secrets_are_in_no_output_and_in_no_log(data: Path, tmp_path: Path) -> None:
    made = backup(data, tmp_path / "file")
    done = restore(data, tmp_path / "file", "--replace", "--revoke-api-passwords")
    key = (data / "keys" / "keyring.json").read_text().split('"key": "')[1].split('"')[0]
    database = (data / "watchword.db").read_bytes()
    for secret in (PASSPHRASE, key):
        assert secret not in made.stdout + made.stderr + done.stdout + done.stderr
        assert secret.encode() not in database
