"""A draft appears whole, or not at all, and never in the place of another file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.no_links import without_links
from watchword.crypto.files import Draft
from watchword.domain.place_errors import FileExists


def test_a_draft_has_its_name_when_it_is_published(tmp_path: Path) -> None:
    target = tmp_path / "target"
    with Draft(target) as draft:
        draft.file.write(b"content")
        draft.finish()
        assert not target.exists()
        draft.publish()
    assert target.read_bytes() == b"content"
    assert target.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [target]


def test_a_draft_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    with Draft(tmp_path / "target") as draft:
        draft.file.write(b"content")
        assert len(list(tmp_path.iterdir())) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_appeared_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
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
def test_without_hard_links_a_draft_has_its_name_all_the_same(tmp_path: Path) -> None:
    target = tmp_path / "target"

    def publish() -> None:
        with pytest.raises(PermissionError):  # as on a memory stick: link(2), EPERM
            os.link(__file__, tmp_path / "link")
        with Draft(target) as draft:
            draft.file.write(b"content")
            draft.finish()
            draft.publish()

    without_links(publish)
    assert target.read_bytes() == b"content"
    assert target.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [target]


def test_without_hard_links_a_file_that_appeared_meanwhile_is_not_overwritten(
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
