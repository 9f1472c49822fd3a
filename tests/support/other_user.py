"""Files of another user: root changes their owner, others change the reported user id."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.container import NOBODY


@contextmanager
def owned_by_another(path: Path) -> Iterator[None]:
    """Let a file, folder or link belong to another user within the block."""
    if os.geteuid() == 0:
        os.chown(path, NOBODY, -1, follow_symlinks=False)
        yield
        os.chown(path, 0, -1, follow_symlinks=False)
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "geteuid", lambda: path.lstat().st_uid + 1)
        yield


@contextmanager
def without_root() -> Iterator[None]:
    """Run the block without root's rights."""
    if os.getuid() == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(os.getuid())
