"""`make run` on a machine that is not ready for it: one clear sentence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.container import NOBODY, unprivileged
from tests.support.served import ROOT


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What `make run` reads before it installs anything; nobody's, when we are root."""
    for parent in (tmp_path, tmp_path.parent):
        parent.chmod(0o755)
    folder = tmp_path / "watchword"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    for name in ("tools", "requirements"):
        shutil.copytree(ROOT / name, folder / name)
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    return folder


def make_run(clone: Path, **environ: str) -> list[str]:
    """Without the lines that make itself adds."""
    done = subprocess.run(
        unprivileged(["make", "run"]), cwd=clone, capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], **environ},
    )  # fmt: skip
    assert done.returncode == 2
    return [line for line in done.stderr.splitlines() if not line.startswith("make: ")]


def old_python(folder: Path) -> Path:
    """As one answers that is too old: its version, and no to the question about it."""
    program = folder / "python3"
    program.write_text('#!/bin/sh\n[ "$1" = -V ] && echo "Python 3.9.2"\n')
    program.chmod(0o755)
    return program


def test_a_python_that_is_too_old_is_told_with_what_to_do(clone: Path) -> None:
    (told,) = make_run(clone, PYTHON=str(old_python(clone.parent)))
    expected = "Watchword needs Python 3.11 or newer, but this machine has Python 3.9.2."
    assert told.startswith(expected)
    assert "PYTHON=/path/to/python3.12" in told


def test_no_python_at_all_is_told(clone: Path) -> None:
    (told,) = make_run(clone, PYTHON="/nowhere/python3")
    assert "this machine has no Python" in told


def test_a_folder_that_cannot_be_written_to_is_told(clone: Path) -> None:
    clone.chmod(0o555)
    (told,) = make_run(clone, PYTHON=sys.executable)
    assert told == "This user may not write to .venv. Use a folder that belongs to this user."
    clone.chmod(0o755)
