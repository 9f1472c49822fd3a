"""The package as it is installed: what is in it, and that it runs from an empty folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as pip builds it, from the files that git knows."""
    source = tmp_path_factory.mktemp("source")
    for name in ("src", "README.md", "LICENSE", "pyproject.toml"):
        target = source / name
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, target)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist"]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    return next((source / "dist").glob("*.whl"))


def test_it_holds_templates_static_files_and_migrations(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    source = ROOT / "src"
    folders = ("web/console/templates", "web/console/static", "web/api/templates",
               "storage/migrations/versions")  # fmt: skip
    for folder in folders:
        for file in (source / "watchword" / folder).iterdir():
            if file.is_file():
                assert str(file.relative_to(source)) in held
    assert any(name.endswith("licenses/LICENSE") for name in held)


def test_it_gives_the_command(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    points = next((tmp_path / "installed").glob("*.dist-info")) / "entry_points.txt"
    assert "watchword = watchword.__main__:main" in points.read_text()
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'installed')!r});"
        "sys.argv = ['watchword', '--version'];"
        "import watchword, watchword.__main__; print(watchword.__file__); watchword.__main__.main()"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert str(tmp_path) in done.stdout.splitlines()[0]
    assert "watchword, version" in done.stdout
