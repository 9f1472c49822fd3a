"""The wheel: its content, and a run from an empty folder."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.support.installed import Environment, build_wheel, drilled
from tests.support.served import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("source"))


def test_it_contains_templates_static_files_and_migrations(wheel: Path) -> None:
    content = set(zipfile.ZipFile(wheel).namelist())
    source = ROOT / "src"
    folders = ("web/console/templates", "web/console/static", "web/api/templates",
               "storage/migrations", "storage/migrations/versions")  # fmt: skip
    for folder in folders:
        for file in (source / "watchword" / folder).iterdir():
            if file.is_file():
                assert str(file.relative_to(source)) in content
    assert any(name.endswith("licenses/LICENSE") for name in content)
    # Only the package and its metadata: no tests, no repository, no data.
    (version,) = {n.split("/")[0] for n in content if n.split("/")[0].endswith(".dist-info")}
    assert {name.split("/")[0] for name in content} == {"watchword", version}


@pytest.mark.usefixtures("wheels_at_hand")
def test_it_installs_runs_and_uninstalls(wheel: Path, tmp_path: Path) -> None:
    """From an empty folder to the first call of the API, with the Python of the tests.

    `make wheels` does the same with each installed Python.
    """
    environment = Environment.made(tmp_path / "venv", wheel)
    assert drilled(environment, tmp_path / "empty") == []
