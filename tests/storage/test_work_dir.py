"""Work folders next to the data. Used ones stay; those of killed commands are found and deleted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_command_line import command
from tests.support.backups import PASSPHRASE
from tests.support.no_access import no_access
from tests.support.served import BYTECODE, PASSWORD, ROOT
from watchword.domain.operational_errors import PlaceUnusable
from watchword.files import work_dir
from watchword.files.work_dir import BACKUP, RESTORE, abandoned, within


def test_work_dir_is_private_and_deleted_afterwards(tmp_path: Path) -> None:
    with within(tmp_path, BACKUP) as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "copy").write_text("secret")
        assert abandoned(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_two_work_dirs_at_a_time_do_not_conflict(tmp_path: Path) -> None:
    with within(tmp_path, BACKUP) as one, within(tmp_path, BACKUP) as two:
        assert one != two
        assert one.exists()
        assert abandoned(tmp_path) == []


def test_work_dir_of_a_killed_process_is_found_and_deleted_by_the_next(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from watchword.files import work_dir\n"
        "with work_dir.within(Path(sys.argv[1]), work_dir.BACKUP) as folder:\n"
        "    (folder / 'copy').write_text('secret'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    (left,) = tmp_path.iterdir()
    assert abandoned(tmp_path) == [left]
    with within(tmp_path, RESTORE):
        assert left.exists(), "each deletes those of its own kind"
    with within(tmp_path, BACKUP):
        assert not left.exists()


def test_a_link_and_a_file_of_that_name_are_not_touched(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "precious").mkdir(parents=True)
    data = tmp_path / "data"
    data.mkdir()
    (data / ".backup-link").symlink_to(elsewhere)
    (data / ".backup-file").write_text("")
    with within(data, BACKUP):
        assert abandoned(data) == []
    assert (elsewhere / "precious").exists()
    assert (data / ".backup-file").exists()


def test_unusable_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlaceUnusable), within(tmp_path / "nowhere", BACKUP):
        pass
    (tmp_path / "data").mkdir()
    with no_access(tmp_path / "data"), pytest.raises(PlaceUnusable):
        with within(tmp_path / "data", BACKUP):
            pass


def test_work_dir_of_another_user_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it is in use cannot be checked, so doctor reports it and nothing deletes it."""
    (tmp_path / ".backup-other").mkdir()
    tmp_path.chmod(0o755)
    monkeypatch.chdir(tmp_path)  # other users cannot open its parent folders
    with no_access(tmp_path / ".backup-other"):
        assert abandoned(Path()) == [Path(".backup-other")]


KILLED = {
    "backup": ("watchword.usecases.operations.archive", "pack"),
    "restore": ("watchword.files.swap", "put_in_place"),
}


def test_work_dir_of_a_killed_command_is_reported_and_deleted_by_the_next(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "file"
    words = PASSPHRASE.reveal()
    command(data, "administrator", "create", "alice", "--password-stdin", stdin=PASSWORD)
    typed = {
        "backup": ("backup", str(file), "--passphrase-stdin"),
        "restore": ("restore", str(file), "--passphrase-stdin", "--replace"),
    }
    for name, (module, function) in KILLED.items():
        killed = [sys.executable, "-m", "tests.support.killed", module, function, "1", "before"]
        environ = os.environ | BYTECODE | {"WATCHWORD_DATA_DIR": str(data)}
        done = subprocess.run([*killed, *typed[name]], input=words.encode(), env=environ, cwd=ROOT,
                              capture_output=True, check=False)  # fmt: skip
        assert done.returncode == -signal.SIGKILL
        (left,) = data.glob(f".{name}-*")
        assert (left / "watchword.db").exists()
        found = {
            c["name"]: c for c in json.loads(command(data, "doctor", "--json").stdout)["checks"]
        }
        assert found["leftovers"]["code"] == "leftovers.found"
        assert f"rm -r {left}" in found["leftovers"]["message"]
        assert command(data, *typed[name], stdin=words).returncode == 0
        assert list(data.glob(f".{name}-*")) == []
        found = {
            c["name"]: c for c in json.loads(command(data, "doctor", "--json").stdout)["checks"]
        }
        assert found["leftovers"]["code"] == "leftovers.good"


def test_doctor_without_a_folder_reports_that_it_did_not_check(tmp_path: Path) -> None:
    found = json.loads(command(tmp_path / "nowhere", "doctor", "--json").stdout)["checks"]
    assert {c["name"]: c["code"] for c in found}["leftovers"] == "leftovers.not-checked"


def test_doctor_checks_the_modes_of_each_kind_of_work_dir() -> None:
    from watchword.usecases.operations import file_checks

    assert {f"{work_dir.BACKUP}*", f"{work_dir.RESTORE}*"} <= set(file_checks._OURS)
