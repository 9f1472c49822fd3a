"""The local certificate authority in a backup: clients still trust it after a restore."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.backups import Backups, ca_of, make_ca, settled
from watchword.crypto import sealed_stream
from watchword.crypto.sealed_stream import MAGIC
from watchword.domain.operational_errors import ArchiveDamaged
from watchword.files import data_dir
from watchword.usecases.operations import archive


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.fixture
def authority(backups: Backups) -> dict[str, bytes]:
    return make_ca(backups.here.folder)


def test_restore_brings_back_the_ca_with_its_modes_but_no_server_certificate(
    backups: Backups, authority: dict[str, bytes], tmp_path: Path
) -> None:
    backups.make()
    other = tmp_path / "other"
    assert backups.restore(folder=other).aside is None
    assert ca_of(other) == authority
    assert sorted(p.name for p in (other / "tls").iterdir()) == ["ca.crt", "ca.key"]
    assert mode(other / "tls") == 0o700
    assert mode(other / "tls" / "ca.key") == 0o600
    assert mode(other / "tls" / "ca.crt") == 0o644


def test_backup_does_not_contain_the_ca_in_plain_text(
    backups: Backups, authority: dict[str, bytes]
) -> None:
    content = backups.make().read_bytes()
    for line in authority["ca.key"].splitlines() + authority["ca.crt"].splitlines():
        assert line not in content


def test_another_ca_in_the_folder_is_moved_aside(
    backups: Backups, authority: dict[str, bytes], tmp_path: Path
) -> None:
    """The CA may be the only file there: a server was started once, and the rest deleted."""
    backups.make()
    other = tmp_path / "other"
    theirs = make_ca(other)
    done = backups.restore(folder=other)
    assert ca_of(other) == authority
    assert done.aside is not None
    assert ca_of(done.aside) == theirs
    assert mode(done.aside / "tls") == 0o700


def test_the_same_ca_in_the_folder_is_not_replaced(
    backups: Backups, authority: dict[str, bytes]
) -> None:
    backups.make()
    before = {p.name: p.stat().st_ino for p in (backups.here.folder / "tls").iterdir()}
    done = backups.restore()
    assert {p.name: p.stat().st_ino for p in (backups.here.folder / "tls").iterdir()} == before
    assert done.aside is not None
    assert not (done.aside / "tls").exists()


def test_restore_of_an_older_backup_keeps_the_ca_in_the_folder(
    backups: Backups, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The backup has version 1 of the format: it contains no CA."""
    with monkeypatch.context() as patched:
        patched.setattr(sealed_stream, "VERSION", 1)
        assert backups.make().read_bytes()[len(MAGIC)] == 1
    other = tmp_path / "other"
    theirs = make_ca(other)
    done = backups.restore(folder=other)
    assert not done.manifest.has_ca
    assert done.aside is None
    assert ca_of(other) == theirs
    assert (other / "watchword.db").exists()


@pytest.mark.parametrize("broken", ["no key", "another's key", "no certificate"])
def test_backup_with_an_unusable_ca_contains_everything_else(
    backups: Backups, authority: dict[str, bytes], tmp_path: Path, broken: str
) -> None:
    tls = backups.here.folder / "tls"
    if broken == "no certificate":
        (tls / "ca.crt").unlink()
    else:
        (tls / "ca.key").unlink()
    if broken == "another's key":
        shutil.copy(tls / "server.key", tls / "ca.key")
    backups.make()
    done = backups.restore(folder=tmp_path / "other")
    assert not done.manifest.has_ca
    assert not (tmp_path / "other" / "tls").exists()


def test_restore_of_a_ca_with_the_key_of_another_is_refused_and_changes_nothing(
    backups: Backups, authority: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server would not start with this key."""
    tls = backups.here.folder / "tls"
    shutil.copy(tls / "server.key", tls / "ca.key")
    with monkeypatch.context() as patched:
        patched.setattr("watchword.crypto.certificates.is_ca", lambda _folder: True)
        backups.make()
    before = settled(backups)
    with pytest.raises(ArchiveDamaged):
        backups.restore()
    assert settled(backups) == before


def test_ca_names_in_a_backup_are_the_file_names() -> None:
    assert {f"tls/{name}" for name in data_dir.CA} == archive.CA
    assert all(archive.is_name(name) for name in archive.CA)
