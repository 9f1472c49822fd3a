"""Backup and restore on a file system without hard links, such as a memory stick's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.backups import Backups, settled, tree
from tests.support.no_links import without_links
from watchword.domain.operational_errors import PlaceUnusable
from watchword.files import swap


def test_restore_without_hard_links_keeps_the_old_data_aside(backups: Backups) -> None:
    without_links(backups.make)
    backups.acts.create("late")
    before = settled(backups)
    done = without_links(backups.restore)
    assert done.aside is not None
    assert tree(done.aside) == before
    assert backups.acts.login().account.username == "alice"


def test_failed_restore_without_hard_links_changes_nothing(
    tmp_path: Path,
) -> None:
    """The last rename fails, after the old database was moved."""
    new, data = tmp_path / "new", tmp_path / "data"
    for folder, word in ((new, "new"), (data, "old")):
        (folder / "keys").mkdir(parents=True)
        (folder / "keys" / "keyring.json").write_text(word)
    (data / "watchword.db").write_text("old")
    before = tree(data)
    with pytest.raises(PlaceUnusable):  # the new database is missing
        without_links(lambda: swap.put_in_place(new, data, data / "aside"))
    assert tree(data) == before
    assert not (data / "aside").exists()
