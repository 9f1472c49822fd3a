"""`make run` without its requirements: one clear sentence."""

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
    """The files that `make run` reads before it installs anything, not owned by root."""
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
    """Return the error lines of `make run`, without those of make itself."""
    done = subprocess.run(
        unprivileged(["make", "run"]), cwd=clone, capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], **environ},
    )  # fmt: skip
    assert done.returncode == 2
    return [line for line in done.stderr.splitlines() if not line.startswith("make: ")]


def old_python(folder: Path) -> Path:
    """Make a program that answers like an old Python."""
    program = folder / "python3"
    program.write_text('#!/bin/sh\n[ "$1" = -V ] && echo "Python 3.9.2"\n')
    program.chmod(0o755)
    return program


def test_an_old_python_is_refused_with_a_hint(clone: Path) -> None:
    (message,) = make_run(clone, PYTHON=str(old_python(clone.parent)))
    expected = "Watchword needs Python 3.11 or newer, but this machine has Python 3.9.2."
    assert message.startswith(expected)
    assert "PYTHON=/path/to/python3.12" in message


def test_a_missing_python_is_reported(clone: Path) -> None:
    (message,) = make_run(clone, PYTHON="/nowhere/python3")
    assert "this machine has no Python" in message


def test_a_read_only_source_folder_is_reported(clone: Path) -> None:
    clone.chmod(0o555)
    (message,) = make_run(clone, PYTHON=sys.executable)
    assert message == "This user may not write to .venv. Use a folder that belongs to this user."
    clone.chmod(0o755)
