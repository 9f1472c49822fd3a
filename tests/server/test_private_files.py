"""Files with secrets are private from their first byte, not after a chmod."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.acts import CLI
from tests.support.backups import CHEAP_COST, PASSPHRASE
from tests.support.installation import CHEAP, settings_for
from tests.upgrades.test_upgrades import FIXTURES
from watchword import bootstrap
from watchword.crypto import certificates
from watchword.crypto.certificates import Names
from watchword.files import data_dir_lock
from watchword.usecases.operations import backup, key_rotation, restore

PUBLIC = {"ca.crt", "server.crt"}


@pytest.fixture
def careless(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A umask of 0, and file modes that cannot be changed afterwards."""
    for owner, name in ((os, "chmod"), (os, "fchmod"), (Path, "chmod")):
        monkeypatch.setattr(owner, name, lambda *_args, **_more: None)
    before = os.umask(0)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    made = [p for p in folder.rglob("*") if p.name not in PUBLIC]
    return [str(p.relative_to(folder)) for p in made if p.stat().st_mode & 0o077]


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.name)
def test_every_file_is_private_from_its_first_byte(
    fixture: Path, tmp_path: Path, careless: None
) -> None:
    """During an upgrade, a backup, a restore and a key rotation."""
    data = tmp_path / "data"
    for source in (fixture / "sqlite").rglob("*"):
        target = data / source.relative_to(fixture / "sqlite")
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if source.is_file():
            target.touch(mode=0o600)
            shutil.copyfile(source, target)
    settings, names = settings_for(data), Names(("localhost",), ("127.0.0.1",))
    with closing(data_dir_lock.hold(data)), closing(bootstrap.open(settings, hashing=CHEAP)) as app:
        ca = certificates.local_ca(data / "tls", names, datetime.now(UTC))
        certificates.leaf(data / "tls", ca, names, datetime.now(UTC))
        key_rotation.rotate(app, CLI, lambda *_progress: None)
        backup.create(app, CLI, data / "file", PASSPHRASE, CHEAP_COST)
    wanted = restore.Wanted(may_replace=True)
    restore.from_backup(settings, CLI, data / "file", PASSPHRASE, wanted, bootstrap.open)
    assert {p.name for p in data.glob("*before*")} >= {f"watchword.db.before-{fixture.name}"}
    assert open_to_others(data) == []
