"""The start of the server: signals, standard output, ports and the data folder."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import requests

from tests.support.forked import Forked
from tests.support.other_user import without_root
from tests.support.ports import free_port
from tests.support.served import BYTECODE, ROOT, Served
from watchword import bootstrap
from watchword.files import atomic


@contextmanager
def starting(data: Path) -> Iterator[tuple[Forked, sqlite3.Connection]]:
    """Start a server that waits for a database which another connection has locked."""
    with Served.running(data):
        pass
    (data / "serve.lock").unlink()
    ports = ("--console", f"127.0.0.1:{free_port()}", "--api", f"127.0.0.1:{free_port()}")
    with closing(sqlite3.connect(data / "watchword.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        process = Forked(["serve", "--data-dir", str(data), *ports], os.environ)
        try:
            while not (data / "serve.lock").exists():
                assert process.poll() is None
            yield process, holder
        finally:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout, process.stderr):
                stream.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_before_it_is_ready_ends_it_cleanly(
    tmp_path: Path, number: signal.Signals
) -> None:
    with starting(tmp_path / "data") as (process, _holder):
        process.send_signal(number)
        assert process.wait(10) == 0
        assert process.stdout.read() == ""
        (line,) = process.stderr.read().splitlines()
        assert line.endswith(" INFO watchword.server: stopped before it was ready")


def test_a_hangup_before_it_is_ready_is_ignored(tmp_path: Path) -> None:
    with starting(tmp_path / "data") as (process, holder):
        process.send_signal(signal.SIGHUP)
        holder.execute("ROLLBACK")
        assert any("is ready" in line for line in process.stdout)


@pytest.mark.parametrize("is_full", [True, False], ids=["full", "closed"])
def test_lost_standard_output_does_not_stop_the_server(tmp_path: Path, *, is_full: bool) -> None:
    """`watchword serve | head -1`, or a log on a full disk."""
    reading, writing = os.pipe()
    os.close(reading)
    stdout = os.open("/dev/full", os.O_WRONLY) if is_full else writing
    ports = ("--console", "127.0.0.1:0", "--api", "127.0.0.1:0")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.cheap", "serve", "--data-dir", str(tmp_path), *ports],
        stdout=stdout, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ | BYTECODE,
    )  # fmt: skip
    for each in {stdout, writing}:
        os.close(each)
    assert process.stderr is not None
    said = next(line for line in process.stderr if "standard output is lost" in line)
    assert said.endswith(f"({os.strerror(errno.ENOSPC if is_full else errno.EPIPE)}), with the "
                         "lines printed there\n")  # fmt: skip
    assert any("ready: version" in line for line in process.stderr)
    process.terminate()
    _, rest = process.communicate(timeout=15)
    assert (process.returncode, "Traceback" in rest) == (0, False)
    assert rest.endswith("stopped\n")


def test_with_port_0_the_chosen_port_is_printed(tmp_path: Path) -> None:
    with Served.running(tmp_path / "data", ports=(0, 0)) as served:
        addresses = [line.split()[-1] for line in served.output if "Management" in line]
        assert len(addresses) == 2
        for address in addresses:
            assert requests.get(address, verify=str(served.ca), timeout=30).status_code in {
                200,
                401,
            }
        assert served.first_run_link.startswith(addresses[0])


# --- the data folder ------------------------------------------------------------------------
def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o7777


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o777, 0o701])
def test_a_folder_that_is_open_to_others_is_closed_and_reported(
    tmp_path: Path, mode: int, caplog: pytest.LogCaptureFixture
) -> None:
    tmp_path.chmod(mode)
    bootstrap.make_data_folder(tmp_path)
    assert mode_of(tmp_path) == 0o700
    assert f"mode {mode:04o}" in caplog.text
    bootstrap.make_data_folder(tmp_path)
    assert len(caplog.records) == 1


def test_a_shared_folder_stays_shared_and_is_reported(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o1777)
        bootstrap.make_data_folder(folder)
        assert mode_of(folder) == 0o1777
    assert "others can enter" in caplog.text


def test_a_folder_of_root_that_is_open_to_others_stays_so_and_is_reported(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with without_root():
        bootstrap.make_data_folder(Path("/dev/shm"))
    assert "others can enter" in caplog.text


def test_a_file_is_on_the_disk_under_its_name_when_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the fsync of the folder, a crash could lose the new name (fsync(2))."""
    synced: list[tuple[str, bool]] = []
    real = os.fsync

    def noted(descriptor: int) -> None:
        of = Path(f"/proc/self/fd/{descriptor}").readlink()
        synced.append((str(of.relative_to(tmp_path)), (tmp_path / "keyring").exists()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    atomic.write(tmp_path / "keyring", b"x")
    assert synced == [(".keyring.new", False), (".", True)]


def test_console_and_word_lists_are_loaded_when_they_are_needed(tmp_path: Path) -> None:
    """They would be a fifth of the processor time of a start, and of the memory."""
    with Served.running(tmp_path):
        pass  # makes the data folder, which does import alembic
    console, api = free_port(), free_port()
    command = [
        sys.executable, "-X", "importtime", "-m", "tests.support.cheap", "serve", "--data-dir",
        str(tmp_path), "--console", f"127.0.0.1:{console}", "--api", f"127.0.0.1:{api}",
    ]  # fmt: skip
    served = Served.launched(command, tmp_path, (console, api), os.environ | BYTECODE)
    try:
        loaded = {line.rpartition("|")[2].strip() for line in served.errors}
        late = {"jinja2", "segno", "watchword.web.console.app", "zxcvbn", "alembic"}
        assert "watchword.web.api.app" in loaded
        assert late & loaded == set()
        assert requests.get(f"{served.console}/login", verify=str(served.ca)).status_code == 200
        loaded = {line.rpartition("|")[2].strip() for line in served.errors}
        assert {"jinja2", "watchword.web.console.app"} <= loaded
    finally:
        served.stop()
