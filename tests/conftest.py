"""What tests are given."""

from __future__ import annotations

import gc
import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling

from tests.support import browser, installation, lock_order, postgres
from tests.support.acts import Acts
from tests.support.backups import Backups
from tests.support.installation import Installation
from tests.support.postgres import PostgresServer
from tests.support.served import Served

# How long an example takes tells of the machine, not of the code.
hypothesis.settings.register_profile("watchword", deadline=None)
hypothesis.settings.load_profile("watchword")


LONGEST = (
    "tests/journeys/test_every_page.py", "tests/storage/test_query_plans.py",
    "tests/usecases/test_state_table.py", "tests/packaging/", "tests/clients/test_clients.py",
    "tests/journeys/", "tests/server/test_slow_clients.py", "tests/usecases/test_races",
    "tests/upgrades/", "tests/server/", "tests/attacks/test_held_requests.py",
)  # fmt: skip
"""The files that take longest, at the start: at the end, other processes would wait for them."""


class _ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Sends each file to one process, because its fixtures start servers and browsers.

    The files of packaging go to one process as a whole, because they install the package once.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "packaging" if file.startswith("tests/packaging/") else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _ByFile:
    return _ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        ranks = (n for n, start in enumerate(LONGEST) if item.nodeid.startswith(start))
        return next(ranks, len(LONGEST))

    items.sort(key=rank)


def pytest_collection_finish() -> None:
    """The collected tests stay to the end: to look through them for garbage, again and again,
    takes a tenth of the time of all of them.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with postgres.running() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    return installation.make_template(tmp_path_factory.mktemp("sqlite-template"), None)


@pytest.fixture(scope="session")
def postgres_template(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer
) -> tuple[Path, str]:
    return installation.make_template(tmp_path_factory.mktemp("pg-template"), postgres_server)


@pytest.fixture(scope="session")
def sqlite_of_alice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    return installation.make_template(tmp_path_factory.mktemp("sqlite-of-alice"), None, Acts)


@pytest.fixture(scope="session")
def postgres_of_alice(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer
) -> tuple[Path, str]:
    return installation.make_template(tmp_path_factory.mktemp("pg-of-alice"), postgres_server, Acts)


@pytest.fixture(params=["sqlite", "postgresql"])
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """An empty installation, once on each database; with alice where the test asks for `acts`."""
    kind = "of_alice" if "acts" in request.fixturenames else "template"
    if request.param == "sqlite":
        template, server = request.getfixturevalue(f"sqlite_{kind}"), None
    else:
        template = request.getfixturevalue(f"postgres_{kind}")
        server = request.getfixturevalue("postgres_server")
    opened = installation.open_copy(template, tmp_path / "d", server)
    with closing(opened), lock_order.checked():
        yield opened


@pytest.fixture
def acts(here: Installation) -> Acts:
    """An installation with the administrator alice, and what she does, as use-cases."""
    return Acts(here, is_there=True)


@pytest.fixture
def backups(sqlite_of_alice: tuple[Path, str], tmp_path: Path) -> Iterator[Backups]:
    """Alice's installation on SQLite, and a folder for backups of it."""
    opened = installation.open_copy(sqlite_of_alice, tmp_path / "data", None)
    (tmp_path / "backups").mkdir()
    yield Backups(Acts(opened, is_there=True), tmp_path / "backups")
    opened.app.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A running server over real ports, on SQLite, with cheap hashes."""
    with Served.running(tmp_path / "data") as server:
        yield server


@pytest.fixture(scope="session")
def chromium() -> Iterator[browser.Chromium]:
    """One Chromium for all tests of a process."""
    with browser.running() as opened:
        yield opened


SMALL = 2 * 2**20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder in which two MiB are all there is: a file system of that size, where only root
    can mount one; else no file grows beyond that.
    """
    folder = tmp_path / "small disk"
    folder.mkdir(mode=0o700)
    if os.getuid() == 0:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL},mode=0700", "tmpfs", str(folder)]
        subprocess.run(mount, check=True)
        yield folder
        subprocess.run(["umount", "-l", str(folder)], check=True)
        return
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, before[1]))
    yield folder
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
