"""Atomic files: a new file appears complete or not at all, and overwrites no other file."""

from __future__ import annotations

import fcntl
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.installation import CHEAP, settings_for
from tests.support.no_links import without_links
from watchword import bootstrap
from watchword.crypto import keyring
from watchword.domain.operational_errors import FileExists, PlaceUnusable
from watchword.files import atomic
from watchword.files.atomic import Draft


def test_draft_has_its_name_after_publish(tmp_path: Path) -> None:
    target = tmp_path / "target"
    with Draft(target) as draft:
        draft.file.write(b"content")
        draft.finish()
        assert not target.exists()
        draft.publish()
    assert target.read_bytes() == b"content"
    assert target.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [target]


def test_abandoned_draft_leaves_no_file(tmp_path: Path) -> None:
    with Draft(tmp_path / "target") as draft:
        draft.file.write(b"content")
        assert len(list(tmp_path.iterdir())) == 1
    assert list(tmp_path.iterdir()) == []


def test_publish_does_not_overwrite_a_new_file(tmp_path: Path) -> None:
    target = tmp_path / "target"
    with Draft(target) as draft:
        draft.file.write(b"content")
        target.write_text("precious")
        draft.finish()
        with pytest.raises(FileExists):
            draft.publish()
    assert target.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [target]


# --- where there are no hard links -----------------------------------------------------------
def test_draft_without_hard_links_has_its_name_after_publish(tmp_path: Path) -> None:
    target = tmp_path / "target"

    def publish() -> None:
        with pytest.raises(PermissionError):  # as on a FAT file system: link(2), EPERM
            os.link(__file__, tmp_path / "link")
        with Draft(target) as draft:
            draft.file.write(b"content")
            draft.finish()
            draft.publish()

    without_links(publish)
    assert target.read_bytes() == b"content"
    assert target.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [target]


def test_publish_without_hard_links_does_not_overwrite_a_new_file(
    tmp_path: Path,
) -> None:
    target = tmp_path / "target"

    def publish() -> None:
        with Draft(target) as draft:
            draft.file.write(b"content")
            target.write_text("precious")
            draft.publish()

    with pytest.raises(FileExists):
        without_links(publish)
    assert target.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [target]


def test_write_does_not_follow_a_link(tmp_path: Path) -> None:
    """Root rotates keys in a folder that belongs to the server's user."""
    theirs, keys = tmp_path / "shadow", tmp_path / "keyring.json"
    theirs.write_text("theirs")
    keys.write_text("old")
    (tmp_path / ".keyring.json.new").symlink_to(theirs)
    with pytest.raises(PlaceUnusable):
        atomic.write(keys, b"new")
    assert (theirs.read_text(), keys.read_text()) == ("theirs", "old")
    atomic.write(keys, b"new")  # the link was removed
    assert keys.read_text() == "new"


def is_waited_for(folder: Path) -> bool:
    """Whether a process waits for the lock on a folder (proc(5), locks)."""
    number = f":{folder.stat().st_ino}"
    waiting = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    return any(words[1] == "->" and words[6].endswith(number) for words in waiting)


def test_second_keyring_without_hard_links_is_refused(tmp_path: Path) -> None:
    """Of two first starts in parallel, the second one checks after the first one has finished."""
    path = tmp_path / "keyring.json"
    held = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(without_links, lambda: keyring.create(path))
        while not is_waited_for(tmp_path):
            assert not second.done()
        path.write_text("the first one's")
        os.close(held)
        with pytest.raises(PlaceUnusable):
            second.result()
    assert path.read_text() == "the first one's"
    assert list(tmp_path.iterdir()) == [path]


def test_new_installation_without_hard_links_opens(tmp_path: Path) -> None:
    data = tmp_path / "data"
    without_links(lambda: bootstrap.open(settings_for(data), hashing=CHEAP).close())
    ring = keyring.path_in(data)
    assert ring.stat().st_mode & 0o777 == 0o600
    assert list(ring.parent.iterdir()) == [ring]
    bootstrap.open(settings_for(data), hashing=CHEAP).close()
