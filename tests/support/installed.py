"""Watchword installed from its wheel into a new virtual environment, outside the checkout.

The installed command starts a server in an empty folder.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import requests

from tests.support.person import Person
from tests.support.ports import free_port
from tests.support.served import PASSWORD, ROOT, Served
from watchword import __version__

REQUIREMENTS = ROOT / "requirements" / "runtime.txt"
PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")


def build_wheel(folder: Path) -> Path:
    """Build the wheel as pip does, from a copy of its source files."""
    folder.mkdir(exist_ok=True)
    for name in ("src", "README.md", "LICENSE", "pyproject.toml"):
        target = folder / name
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, target)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return next((folder / "dist").glob("*.whl"))


def plain_environ() -> dict[str, str]:
    """Return the environment without the settings of compiled modules: pip writes those of a
    package next to it, and removes them with it.
    """
    ours = {"PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"}
    return {name: value for name, value in os.environ.items() if name not in ours}


@dataclass(frozen=True)
class Environment:
    """A virtual environment with the locked requirements and the wheel."""

    folder: Path

    @classmethod
    def made(cls, folder: Path, wheel: Path, python: str = sys.executable) -> Environment:
        """Make one. Every download is checked against its hash. It uses the pip of the tests, since
        installing pip takes as long as everything else.
        """
        subprocess.run([python, "-m", "venv", "--without-pip", str(folder)], check=True)
        made = cls(folder)
        # Requirements are compiled when they are imported.
        made.pip("install", "--no-compile", "--require-hashes", "-r", str(REQUIREMENTS))
        made.pip("install", "--no-deps", str(wheel))
        return made

    @property
    def watchword(self) -> Path:
        return self.folder / "bin" / "watchword"

    def pip(self, *arguments: str) -> None:
        self._ran([*PIP, "--python", str(self.folder / "bin" / "python"), *arguments], self.folder)

    def run(self, cwd: Path, *arguments: str) -> str:
        """Run the command. Returns its standard output."""
        return self._ran([str(self.watchword), *arguments], cwd)

    def start(self, cwd: Path, *extra: str) -> Served:
        """Start `watchword serve` in a folder, with free ports and the default settings."""
        ports = free_port(), free_port()
        command = [str(self.watchword), "serve", *listeners(*ports), *extra]
        return Served.launched(command, cwd / "data", ports, self.environ(cwd), cwd)

    def environ(self, home: Path) -> dict[str, str]:
        """Return the environment of a new login; Python's warnings are errors, as in all tests."""
        return {"PATH": "/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8",
                "PYTHONWARNINGS": "error"}  # fmt: skip

    def _ran(self, command: Sequence[str], cwd: Path) -> str:
        done = subprocess.run(
            command, cwd=cwd, env=plain_environ(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout


def listeners(console: int, api: int) -> tuple[str, ...]:
    """Return the options for two ports of this machine."""
    return "--console", f"127.0.0.1:{console}", "--api", f"127.0.0.1:{api}"


def first_minute(served: Served) -> None:
    """Open the printed link, create the first administrator, log in, and call the API."""
    newcomer = Person(served).open(served.first_run_link)
    newcomer.press(
        "Create Administrator",
        Username="alice",
        Password=PASSWORD,
        Repeat_password=PASSWORD,
    )
    assert newcomer.login().heading == "Overview"
    for file in re.findall(r'(?:href|src)="(/static/[^"]+)"', newcomer.response.text):
        answer = newcomer.http.get(urljoin(served.console, file), timeout=30)
        assert answer.status_code == 200, file
    newcomer.close()
    answered = requests.get(
        f"{served.api}/api/v1/whoami", auth=("alice", PASSWORD), verify=str(served.ca), timeout=30
    )
    assert (answered.status_code, answered.json()["username"]) == (200, "alice")


def drilled(environment: Environment, folder: Path) -> list[str]:
    """Start in an empty folder, use the server, stop it, and uninstall.

    Returns the warnings and errors that the server logged.
    """
    folder.mkdir()
    assert environment.run(folder, "--version") == f"watchword, version {__version__}\n"
    served = environment.start(folder)
    try:
        first_minute(served)
        events = json.loads(environment.run(folder, "audit", "list", "--json"))
        assert "auth.login" in {event["event"] for event in events}
    finally:
        assert served.stop() == 0
    assert [path.name for path in folder.iterdir()] == ["data"]
    environment.pip("uninstall", "--yes", "watchword")
    left = [str(path) for path in environment.folder.rglob("*watchword*")]
    assert left == [], "files that pip has not removed"
    assert (folder / "data" / "watchword.db").exists()
    return served.complaints
