"""Fixtures of the packaging tests."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from tests.support.installed import PIP
from tests.support.served import ROOT


@pytest.fixture(scope="session")
def wheels_at_hand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Download the locked packages once. Later runs of pip use that folder without an index, and
    check the hashes again.
    """
    folder = tmp_path_factory.mktemp("wheels")
    locked = [f"--requirement={ROOT / 'requirements' / n}.txt" for n in ("build", "runtime")]
    command = [*PIP, "download", "--require-hashes", "--no-deps", f"--dest={folder}", *locked]
    subprocess.run(command, check=True, capture_output=True, text=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_NO_INDEX", "1")
        patch.setenv("PIP_FIND_LINKS", str(folder))
        yield
