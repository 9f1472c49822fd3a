"""A container file that is followed without a container engine.

Its copies and commands run in a scratch folder, as a user who can write nothing else.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.served import ROOT

FILE = ROOT / "packaging" / "container" / "Containerfile"
NOBODY = 65534
READS_ALL = "+dac_read_search"
"""Read access for the user: the Python of the tests may be in root's home."""


@dataclass(frozen=True)
class Step:
    """One instruction, such as ("RUN", "python -m ...")."""

    name: str
    text: str

    @property
    def flags(self) -> list[str]:
        return [word for word in self.text.split() if word.startswith("--")]

    @property
    def words(self) -> list[str]:
        return [word for word in self.text.split() if not word.startswith("--")]


def base() -> str:
    """Return the base image that is used unless the build names another one."""
    (found,) = re.findall(r"^ARG BASE=(.*)$", FILE.read_text(), flags=re.M)
    return str(found)


def stages() -> list[list[Step]]:
    """Return the instructions, in one list for each FROM, with the base filled in."""
    text = re.sub(r"^\s*#.*\n", "", FILE.read_text(), flags=re.M)
    lines = re.sub(r"\s*\\\n\s*", " ", text).splitlines()
    found: list[list[Step]] = []
    for line in filter(None, lines):
        name, _, rest = line.partition(" ")
        if name == "ARG":
            continue
        rest = rest.replace("$BASE", base())
        if name == "FROM":
            found.append([])
        found[-1].append(Step(name, rest.strip()))
    return found


def environ() -> dict[str, str]:
    """Return the variables that ENV sets in the last stage, without PATH."""
    (step,) = [step for step in stages()[-1] if step.name == "ENV"]
    return dict(word.split("=", 1) for word in step.words if not word.startswith("PATH="))


def unprivileged(command: Sequence[str]) -> list[str]:
    """Return the command, run as an unprivileged user if the tests run as root."""
    if os.geteuid() != 0:
        return list(command)
    as_nobody = (f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs",
                 f"--inh-caps=-all,{READS_ALL}", f"--ambient-caps=-all,{READS_ALL}",
                 f"--bounding-set=-all,{READS_ALL}")  # fmt: skip
    return ["setpriv", *as_nobody, *command]


@dataclass(frozen=True)
class Scratch:
    """A folder that replaces the root of the file system."""

    root: Path

    def here(self, text: str) -> str:
        """Return the text with the container's folders and Python replaced by the tests' own."""
        text = re.sub(r"(?<![\w/.])/(build|opt|var)\b", rf"{self.root}/\1", text)
        return re.sub(r"^python ", f"{sys.executable} ", text)

    def follow(self) -> None:
        """Run the instructions of the first stage."""
        work = self.root / "build"
        for folder in (work, self.root / "opt", self.root / "home"):
            folder.mkdir(parents=True)
            if os.geteuid() == 0:
                os.chown(folder, NOBODY, NOBODY)
        for step in stages()[0]:
            if step.name == "COPY":
                self._copy(step.words, work)
            if step.name == "RUN":
                self.run(["sh", "-euc", self.here(step.text)], work)

    def run(self, command: Sequence[str], cwd: Path) -> None:
        done = subprocess.run(
            unprivileged(command), cwd=cwd, env=self.environ(), capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"

    def environ(self) -> dict[str, str]:
        pip = {k: v for k, v in os.environ.items() if k.startswith("PIP_")}
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.root / "home"), **pip}

    def _copy(self, words: Sequence[str], work: Path) -> None:
        *sources, target = words
        for name in sources:
            source, to = ROOT / name, work / target
            if source.is_dir():
                shutil.copytree(source, to, ignore=shutil.ignore_patterns("__pycache__"))
                continue
            if target.endswith("/"):
                to.mkdir(exist_ok=True)
            shutil.copy(source, to / source.name if to.is_dir() else to)
