"""Installs the wheel with every supported Python, and runs it from an empty folder.

    .venv/bin/python -m tools.wheels [PYTHON...]

Without names it looks for 3.11, 3.12 and 3.13 on the PATH and in pyenv; a missing version is a
failure. Each Python runs the checks of tests/packaging/test_wheel.py, then TESTS.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.installed import Environment, build_wheel, drilled
from tests.support.served import ROOT

VERSIONS = ("3.11", "3.12", "3.13")
TESTS = ("tests/domain", "tests/crypto", "tests/usecases/test_login.py")


def find(version: str) -> str | None:
    """Return the path of a working Python of that version."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    installed = sorted(pyenv.glob(f"{version}.*/bin/python{version}"), reverse=True)
    for name in (shutil.which(f"python{version}"), *map(str, installed)):
        if (
            name
            and not subprocess.run([name, "-c", ""], check=False, capture_output=True).returncode
        ):
            return name
    return None


def check(python: str, wheel: Path, folder: Path) -> list[str]:
    """Install, run and uninstall the wheel, then run the tests. Returns the problems."""
    environment = Environment.made(folder / "venv", wheel, python)
    problems = drilled(environment, folder / "empty")
    environment.pip(
        "install", "--require-hashes", "-r", str(ROOT / "requirements" / "runtime.txt"),
        "-r", str(ROOT / "requirements" / "test.txt"),
    )  # fmt: skip
    command = [str(folder / "venv" / "bin" / "python"), "-m", "pytest", "-q", *TESTS]
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    print(done.stdout.splitlines()[-1] if done.stdout else done.stderr)
    return problems if done.returncode == 0 else [*problems, done.stdout[-3000:]]


def main(pythons: list[str]) -> int:
    """Return 0 if every Python passed."""
    wanted = pythons or [find(version) or version for version in VERSIONS]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="watchword-wheels-") as name:
        wheel = build_wheel(Path(name) / "source")
        for number, python in enumerate(wanted):
            print(python, flush=True)
            problems = ["this Python was not found"] if python in VERSIONS else []
            problems = problems or check(python, wheel, Path(name) / str(number))
            failed += bool(problems)
            print("\n".join(problems) or "passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
