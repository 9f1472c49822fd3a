"""Standard input, output and error: any encoding, closed, or too long."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from tests.support import forked
from tests.support.terminal import on_terminal
from watchword.cli.main import watchword

PASSWORD = "otter p\u00e9ncil \u0142 monsoon"
NAME = "Zo\u00eb \u0141ukasz \u65e5\u672c \U0001f600"
PASSPHRASE = "s\u00e9ven quiet herons"
ENCODINGS = ["utf-8", "iso-8859-1", "cp1252", "ascii", "euc-jp"]


def run(
    data: Path,
    *arguments: str,
    stdin: str | bytes = "",
    closed: tuple[int, ...] = (),
    encoding: str = "",
) -> subprocess.CompletedProcess[str]:
    environ = os.environ | {"WATCHWORD_DATA_DIR": str(data)}
    return forked.run_whole(arguments, environ, stdin, closed=closed, encoding=encoding)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an administrator, and a backup of it."""
    folder = tmp_path_factory.mktemp("made")
    for name in ("alice", "bob", "\u0142ukasz"):
        done = run(folder / "data", "administrator", "create", "--full-name", NAME,
                   "--password-stdin", name, stdin=PASSWORD)  # fmt: skip
        assert done.returncode == 0, done.stderr
    run(folder / "data", "backup", "--passphrase-stdin", str(folder / "backup"), stdin=PASSPHRASE)
    return folder


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    """A copy of that data folder."""
    return shutil.copytree(made / "data", tmp_path / "data")


# --- input -----------------------------------------------------------------------------------
def opens(made: Path, folder: Path, **given: object) -> bool:
    """Return whether a passphrase opens the backup."""
    done = run(folder, "restore", "--passphrase-stdin", str(made / "backup"), **given)  # type: ignore[arg-type]
    assert "Traceback" not in done.stderr
    return done.returncode == 0


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_passphrase_is_the_same_in_every_locale(
    made: Path, tmp_path: Path, encoding: str
) -> None:
    assert opens(made, tmp_path / "data", stdin=PASSPHRASE, encoding=encoding)


@pytest.mark.parametrize("form", ["{}\n", "{}\r\n", "\ufeff{}", "\ufeff{}\r\n", "{}"])
def test_line_end_and_byte_order_mark_are_not_part_of_a_passphrase(
    made: Path, tmp_path: Path, form: str
) -> None:
    assert opens(made, tmp_path / "data", stdin=form.format(PASSPHRASE))


def test_a_backup_of_an_older_version_in_another_locale_opens(made: Path, tmp_path: Path) -> None:
    """That version decoded the bytes by the locale (docs/how-to/backup-and-restore.md)."""
    decoded = PASSPHRASE.encode().decode("iso-8859-1")
    file = str(tmp_path / "older")
    run(made / "data", "backup", "--passphrase-stdin", file, stdin=decoded)
    converted = subprocess.run(
        ["iconv", "-f", "ISO-8859-1", "-t", "UTF-8"], input=f"{PASSPHRASE}\n".encode(),
        stdout=subprocess.PIPE, check=True,
    ).stdout  # fmt: skip
    restored = run(tmp_path / "data", "restore", "--passphrase-stdin", file, stdin=converted)
    assert restored.returncode == 0


SECRETS = [
    ("administrator", "create", "carol", "--password-stdin"),
    ("administrator", "set-password", "alice", "--password-stdin"),
    ("backup", "new.backup", "--passphrase-stdin"),
    ("restore", "--replace", "BACKUP", "--passphrase-stdin"),
]


@pytest.mark.parametrize("arguments", SECRETS, ids=" ".join)
@pytest.mark.parametrize(
    ("stdin", "closed", "says"),
    [
        (PASSWORD.encode("iso-8859-2"), (), "The input is not UTF-8."),
        (PASSWORD.encode("utf-16"), (), "The input is not UTF-8."),
        (f"{PASSWORD}\nmore".encode(), (), "Standard input has more than one line."),
        (f"{PASSWORD}\n\n".encode(), (), "Standard input has more than one line."),
        (b"x" * 20_000, (), "Standard input is too long for a password."),
        (b"", (0,), "Standard input is closed."),
    ],
    ids=["iso-8859-2", "utf-16", "two lines", "an empty line", "too long", "closed"],
)
def test_input_that_is_not_one_line_of_utf8_is_refused(
    made: Path,
    data: Path,
    arguments: tuple[str, ...],
    stdin: bytes,
    closed: tuple[int, ...],
    says: str,
) -> None:
    words = [str(made / "backup") if word == "BACKUP" else word for word in arguments]
    done = run(data, *words, stdin=stdin, closed=closed)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not Path("new.backup").exists()


def test_a_typed_passphrase_is_utf8_in_any_locale(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "iso-8859-1")
    words = "restore", str(made / "backup")
    with on_terminal(tmp_path / "data", *words, is_new=True) as terminal:
        terminal.wait_for("Passphrase: ")
        terminal.type(PASSPHRASE)
        assert terminal.end()[0] == 0


@pytest.mark.parametrize(
    ("arguments", "prompt"),
    [
        (("administrator", "create", "carol"), "New password: "),
        (("administrator", "delete", "bob"), "[y/N]: "),
    ],
)
def test_typed_input_in_another_encoding_is_refused(
    data: Path, arguments: tuple[str, ...], prompt: str
) -> None:
    with on_terminal(data, *arguments) as terminal:
        terminal.wait_for(prompt)
        terminal.type("\u00e9\u00e8", encoding="iso-8859-1")
        code, shown = terminal.end()
    assert code == 2
    assert "The input is not UTF-8." in shown


def test_the_end_of_input_at_a_prompt_ends_the_command(data: Path) -> None:
    with on_terminal(data, "administrator", "create", "carol") as terminal:
        terminal.wait_for("New password: ")
        terminal.type("", ends="\x04")
        code, shown = terminal.end()
    assert (code, "Traceback" in shown) == (1, False)


# --- output ----------------------------------------------------------------------------------
COMMANDS = [
    "administrator demote bob", "application apply FILE", "application create wiki --host wiki.example",
    "application delete wiki", "application disable wiki", "application enable wiki",
    "application grant wiki --everyone", "application list", "application revoke wiki --everyone",
    "application show wiki", "gateway recipe nginx --application wiki --upstream http://127.0.0.1:3000",
    "member create nightly --script", "member delete nightly", "member disable nightly",
    "member enable nightly", "member groups nightly staff", "member list", "member promote nightly",
    "member set-password nightly", "member unlock nightly", "administrator create carol", "administrator create carol --password-stdin",
    "administrator delete bob", "administrator disable bob", "administrator enable bob",
    "administrator list", "administrator list --json", "administrator set-password bob",
    "administrator unlock bob", "api openapi", "api-password generate bob",
    "api-password revoke bob", "audit export", "audit export --format csv", "audit list",
    "audit list --json", "audit resolve", "audit verify", "backup FILE", "config check", "config reference",
    "config show", "doctor", "first-run", "health", "keys list", "keys retire", "keys rotate",
    "mfa disable bob", "mfa enable bob", "mfa reset bob", "mfa status bob", "restore FILE",
    "serve --console nowhere", "sessions end bob", "sessions list bob", "sessions list b\u0142b",
    "nonsense \u0142", "--help",
]  # fmt: skip


def leaves(command: click.Command, path: str = "") -> Iterator[str]:
    if not isinstance(command, click.Group):
        yield path.strip()
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        each = command.get_command(context, name)
        assert each is not None
        yield from leaves(each, f"{path} {name}")


def test_every_command_is_in_the_table() -> None:
    assert [
        leaf for leaf in leaves(watchword) if not any(c.startswith(leaf) for c in COMMANDS)
    ] == []


@pytest.mark.parametrize("streams", [{"closed": (0, 1)}, {"encoding": "iso-8859-1"}], ids=str)
def test_no_command_fails_on_closed_streams_or_another_encoding(
    data: Path, streams: dict[str, Any]
) -> None:
    for command in COMMANDS:
        done = run(data, *command.split(), **streams)
        assert "Traceback" not in done.stdout + done.stderr, command
        assert done.returncode in (0, 1, 2), command


def test_a_command_works_with_closed_output(data: Path) -> None:
    done = run(data, "administrator", "disable", "--yes", "bob", closed=(0, 1, 2))
    assert done.returncode == 0
    rows = json.loads(run(data, "administrator", "list", "--json").stdout)
    assert [row["enabled"] for row in rows] == [True, False, True]
    assert run(data, "administrator", "disable", "--yes", "bob", closed=(0, 1, 2)).returncode == 1


def test_characters_that_a_terminal_cannot_show_are_escaped(data: Path) -> None:
    done = run(data, "administrator", "list", encoding="iso-8859-1")
    assert "Zo\\xeb \\u0141ukasz \\u65e5\\u672c \\U0001f600" in done.stdout


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_json_and_exports_are_complete_in_every_locale(data: Path, encoding: str) -> None:
    found = json.loads(run(data, "administrator", "list", "--json", encoding=encoding).stdout)
    assert found[0]["full_name"] == NAME
    export = "audit", "export", "--account", "\u0142ukasz", "--format", "csv"
    exported = run(data, *export, encoding=encoding).stdout
    assert "\u0142ukasz" in exported
    assert exported == run(data, *export).stdout


@pytest.mark.parametrize("environ", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "iso-8859-1"}], ids=str)
def test_a_new_process_works_in_another_locale(data: Path, environ: dict[str, str]) -> None:
    """The start of Python is included."""
    done = subprocess.run(
        [sys.executable, "-m", "watchword", "--data-dir", str(data), "administrator", "list"],
        capture_output=True, env=os.environ | environ, check=True,
    )  # fmt: skip
    assert b"ukasz" in done.stdout


def test_closed_streams_are_replaced_before_a_file_gets_their_number(data: Path) -> None:
    """Otherwise a message could be written into the database, under the number of standard error."""
    script = (
        "import os; from watchword.cli import terminal; terminal.prepare();"
        "os.write(3, ' '.join(map(str, map(os.path.realpath,"
        " [f'/proc/self/fd/{n}' for n in (0, 1, 2)]))).encode())"
    )
    shell = f'exec 3>&1; exec "{sys.executable}" -c "$0" <&- >&- 2>&-'
    done = subprocess.run(
        ["sh", "-c", shell, script], stdout=subprocess.PIPE, text=True, check=True
    )
    assert done.stdout == "/dev/null /dev/null /dev/null"
