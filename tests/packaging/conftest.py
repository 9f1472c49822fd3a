"""What the tests of the package are given."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from tests.support.installed import PIP
from tests.support.served import ROOT


@pytest.fixture(scope="session")
def wheels_at_hand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The locked packages, fetched once and checked against their hashes: every pip that is run
    after that finds them in a folder, knows no index, and checks them again.
    """
    folder = tmp_path_factory.mktemp("wheels")
    locked = [f"--requirement={ROOT / 'requirements' / n}.txt" for n in ("build", "runtime")]
    command = [*PIP, "download", "--require-hashes", "--no-deps", f"--dest={folder}", *locked]
    subprocess.run(command, check=True, capture_output=True, text=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_NO_INDEX", "1")
        patch.setenv("PIP_FIND_LINKS", str(folder))
        yield
