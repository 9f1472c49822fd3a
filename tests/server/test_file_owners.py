"""The server uses no file that another user could have prepared."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.support import forked
from tests.support.installation import CHEAP, settings_for
from tests.support.other_user import owned_by_another, without_root
from tests.support.ports import free_port
from tests.support.served import Served
from watchword import bootstrap
from watchword.cli.messages import lines_of
from watchword.config import load, ownership
from watchword.crypto import keyring
from watchword.domain.health_checks import Code
from watchword.domain.operational_errors import FolderNotWritable, OwnerForeign, PlaceUnusable
from watchword.files import data_dir_lock
from watchword.usecases.operations.file_checks import examine_files


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of a data folder with every file that a running server opens."""
    data, copy = (tmp_path_factory.mktemp(name) / "data" for name in ("served", "copy"))
    data.mkdir(mode=0o700)
    (data / "watchword.toml").write_text("session_hours = 4\n")
    with Served.running(data):
        shutil.copytree(data, copy)
    assert {"watchword.db-wal", "serve.lock", "keyring.json", "server.key"} <= {
        p.name for p in copy.rglob("*")
    }
    return copy


def open_and_close(folder: Path) -> None:
    bootstrap.open(settings_for(folder), hashing=CHEAP).close()


def test_a_data_folder_with_any_file_of_another_user_is_refused(used: Path) -> None:
    for path in [used, *used.rglob("*")]:
        with owned_by_another(path), pytest.raises(OwnerForeign):
            open_and_close(used)


def test_a_link_of_another_user_is_refused(used: Path, tmp_path: Path) -> None:
    files = [path for path in used.rglob("*") if path.is_file()]
    assert len(files) > 5
    for path in files:
        elsewhere = tmp_path / path.name
        path.rename(elsewhere)
        path.symlink_to(elsewhere)
        with owned_by_another(path), pytest.raises(OwnerForeign):
            open_and_close(used)
        path.unlink()
        elsewhere.rename(path)


def test_serve_names_the_owner_and_adopts_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    keyring.create(keyring.path_in(data))
    address = f"127.0.0.1:{free_port()}"
    arguments = ["serve", "--data-dir", str(data), "--console", address, "--api", "127.0.0.1:0"]
    os.chown(data, 65534, -1) if os.geteuid() == 0 else data.chmod(0o500)
    done = forked.run_whole(arguments, os.environ, "")
    assert done.returncode == 1
    if os.geteuid() == 0:
        assert f"{data} belongs to nobody, not to this user or root." in done.stderr
    assert not (data / "watchword.db").exists()
    assert not (data / "tls").exists()


def test_the_lock_does_not_follow_a_link(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("content")
    (tmp_path / data_dir_lock.FILE).symlink_to(target)
    with pytest.raises(PlaceUnusable):
        data_dir_lock.hold(tmp_path)
    assert target.read_text() == "content"


def test_a_keyring_that_another_user_puts_there_later_is_not_read(used: Path) -> None:
    path = keyring.path_in(used)
    with owned_by_another(path), pytest.raises(OwnerForeign):
        keyring.load(path)


def test_a_folder_of_root_that_the_server_may_not_write_gets_a_clear_sentence() -> None:
    """A volume that a container engine made belongs to root, while the server is another user."""
    with without_root(), pytest.raises(FolderNotWritable) as refused:
        data_dir_lock.hold(Path("/etc"))
    with without_root(), pytest.raises(FolderNotWritable):
        bootstrap.open(settings_for(Path("/etc")))
    reason, hint = lines_of(refused.value)
    assert "/etc belongs to root, and this user (" in reason
    assert f"chown {refused.value.facts['uid']} /etc" in hint


# --- files that the settings name -----------------------------------------------------------
@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Path]:
    """A folder whose parents no other user can change."""
    with tempfile.TemporaryDirectory(dir=tmp_path) as name:
        yield Path(name)


def named(folder: Path) -> tuple[dict[str, str], list[Path]]:
    """Return the variables that name files, and the files."""
    files = {
        "WATCHWORD_CONFIG": folder / "w.toml", "WATCHWORD_LOG_LEVEL_FILE": folder / "level",
        "WATCHWORD_TLS_CERTIFICATE": folder / "c.pem", "WATCHWORD_TLS_KEY": folder / "k.pem",
    }  # fmt: skip
    for path in files.values():
        path.write_text("")
        path.chmod(0o600)
    files["WATCHWORD_LOG_LEVEL_FILE"].write_text("info")
    return {name: str(path) for name, path in files.items()}, [*files.values()]


def test_the_doctor_and_the_log_report_named_files_that_others_can_change(
    shared: Path, caplog: pytest.LogCaptureFixture
) -> None:
    environ, files = named(shared)
    (shared / "data").mkdir(mode=0o700)
    loaded = load(data_dir=str(shared / "data"), environ=environ)
    assert set(files) == set(loaded.files)
    for path in files:
        path.chmod(0o602)
        assert owners(shared / "data", loaded.files) is Code.OWNERS_NAMED
        bootstrap.report_owners(shared / "data", loaded.files)
        assert f"other users can change the file {path}" in caplog.messages
        path.chmod(0o600)
        if os.geteuid() == 0:
            with owned_by_another(path):
                assert ownership.changeable(loaded.files) == [path]
    assert ownership.changeable(loaded.files) == []


def test_settings_of_another_user_in_the_data_folder_are_not_read(tmp_path: Path) -> None:
    file = tmp_path / "watchword.toml"
    file.write_text('database_url = "postgresql://elsewhere/x"\n')
    with owned_by_another(file), pytest.raises(OwnerForeign):
        load(data_dir=str(tmp_path), environ={})
    assert load(data_dir=str(tmp_path), environ={}).settings.database_url


# --- owners of the data folder --------------------------------------------------------------
def owners(folder: Path, files: tuple[Path, ...] = ()) -> Code:
    findings = examine_files(settings_for(folder), files)
    return next(f.code for f in findings if f.check == "file-owners")


def test_the_doctor_reports_a_file_of_another_user(used: Path) -> None:
    assert owners(used) is Code.OWNERS_GOOD
    with owned_by_another(used / "keys"):
        assert owners(used) is Code.OWNERS_FOREIGN


@pytest.mark.parametrize(
    ("mode", "group", "is_found"),
    [(0o777, 0, True), (0o1777, 0, False), (0o755, 0, False), (0o775, 0, False),
     (0o775, 12345, True), (0o1775, 12345, False)],
)  # fmt: skip
def test_a_parent_in_which_others_can_replace_the_folder_is_reported(
    shared: Path, mode: int, group: int, is_found: bool, caplog: pytest.LogCaptureFixture
) -> None:
    data = shared / "parent" / "data"
    data.mkdir(parents=True)
    if group and os.geteuid() == 0:
        os.chown(shared / "parent", -1, group)
    elif group:
        mode, is_found = 0o755, False  # only root gives a folder to a group of others
    (shared / "parent").chmod(mode)
    bootstrap.report_owners(data, ())
    assert (str(shared / "parent") in caplog.text) is is_found
    assert (owners(data) is Code.OWNERS_PARENTS) is is_found


def test_a_parent_of_another_user_is_reported(shared: Path) -> None:
    (shared / "parent" / "data").mkdir(parents=True)
    with owned_by_another(shared / "parent"):
        assert shared / "parent" in ownership.replaceable(shared / "parent" / "data")


def test_a_link_to_the_data_folder_has_two_ways_to_it(shared: Path) -> None:
    (shared / "open" / "data").mkdir(parents=True)
    (shared / "open").chmod(0o777)
    (shared / "link").symlink_to(shared / "open" / "data")
    assert ownership.replaceable(shared / "link") == [shared / "open"]


def test_postgresql_changes_nothing_about_it(used: Path) -> None:
    settings = msgspec.structs.replace(
        settings_for(used), database_url="postgresql://127.0.0.1:1/x"
    )
    with owned_by_another(used / "keys"), pytest.raises(OwnerForeign):
        bootstrap.open(settings)
