"""Installs the wheel with every Python that it is for, and runs it from an empty folder.

`python -m tools.wheels [PYTHON ...]`; without names it looks for 3.11, 3.12 and 3.13 on the PATH
and at pyenv. What is done with each is what tests/packaging/test_wheel.py does with its own; then
the tests of the pure rooms run there. A version that is not found is told, and is a failure.
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
    """The path of a Python of that version which runs."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    installed = sorted(pyenv.glob(f"{version}.*/bin/python{version}"), reverse=True)
    for name in (shutil.which(f"python{version}"), *map(str, installed)):
        if (
            name
            and not subprocess.run([name, "-c", ""], check=False, capture_output=True).returncode
        ):
            return name
    return None


def tried(python: str, wheel: Path, folder: Path) -> list[str]:
    """Install, run, uninstall; then the tests. Returns what is amiss."""
    environment = Environment.made(folder / "venv", wheel, python)
    complaints = drilled(environment, folder / "empty")
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
    return complaints if done.returncode == 0 else [*complaints, done.stdout[-3000:]]


def main(pythons: list[str]) -> int:
    """Returns 0 when all is well with each."""
    wanted = pythons or [find(version) or version for version in VERSIONS]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="watchword-wheels-") as name:
        wheel = build_wheel(Path(name) / "source")
        for number, python in enumerate(wanted):
            print(python, flush=True)
            amiss = ["there is no such Python"] if python in VERSIONS else []
            amiss = amiss or tried(python, wheel, Path(name) / str(number))
            failed += bool(amiss)
            print("\n".join(amiss) or "all is well")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
