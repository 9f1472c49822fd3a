"""A machine for the commands of a page: a server, its data folder and a terminal."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.docs.blocks import Block
from tests.support.fork_server import INTERFACE
from tests.support.forked import Started
from tests.support.ports import free_port
from tests.support.served import PASSWORD, ROOT, Served

_PASSWORD = re.compile(r"pass(word|phrase)[^\n]*: ?$", re.I)
_SURE = re.compile(r"\[y/N\]: ?$")
_COMMAND = f"""#!/bin/sh
exec {sys.executable} -I -S {ROOT}/tests/support/fork_client.py {INTERFACE} "$@"
"""


def on_terminal(command: list[str], cwd: Path, environ: dict[str, str]) -> tuple[int, str]:
    """Run a command on a terminal and answer its prompts for a password or a confirmation."""
    ours, theirs = pty.openpty()
    process = Started.shell(command, environ, cwd, theirs)
    os.close(theirs)
    seen = ""
    with contextlib.suppress(OSError):  # Linux raises this when the other side is closed
        while chunk := os.read(ours, 65536):
            seen += chunk.decode(errors="replace").replace("\r\n", "\n")
            if _SURE.search(seen):  # first: the question may be about a password
                os.write(ours, b"y\n")
                seen += "(y)\n"
            elif _PASSWORD.search(seen):
                os.write(ours, PASSWORD.encode() + b"\n")
                seen += "(typed)\n"
    # Not earlier: closing the terminal kills processes that are still ending.
    code = process.wait(120)
    os.close(ours)
    return code, seen


@dataclass
class Stage:
    """`folder` is the working directory of the commands; it contains the data folder `data`."""

    folder: Path
    api_password: str
    environ: dict[str, str] = field(default_factory=dict)
    served: Served | None = None
    _given: set[Path] = field(default_factory=set)

    def __post_init__(self) -> None:
        command = self.folder / "bin" / "watchword"
        command.parent.mkdir()
        command.write_text(_COMMAND)
        command.chmod(0o755)
        (self.folder / "passphrase").write_text(PASSWORD + "\n")
        self._given = {command, self.folder / "passphrase"}
        self.start()

    def start(self) -> None:
        ports = (self.served.console_port, self.served.api_port) if self.served else None
        self.served = Served.start(self.folder / "data", ports=ports, environ=self.environ)

    def stop(self) -> None:
        if self.served:
            self.served.stop()

    def type(self, block: Block) -> tuple[int, str]:
        """Type a block; return the exit code and the terminal's output."""
        if block.marks.get("server") == "stopped":
            self.stop()
            done = self._typed(block)
            self.start()
            return done
        return self._typed(block)

    def write(self, block: Block) -> None:
        """Write a block that is a file, with an editor's default mode."""
        path = self.folder / block.marks["file"]
        path.write_text(self.here(block))
        self._given.add(path)

    def open_to_others(self) -> list[str]:
        """Return the files made by commands that other users may read or change.

        Certificates are public. Files in a folder that only its owner may open are out of reach.
        """
        made = (p for p in self.folder.rglob("*") if p.is_file() and p not in self._given)
        return sorted(
            str(p.relative_to(self.folder))
            for p in made
            if p.suffix != ".crt" and p.stat().st_mode & 0o077 and not self._is_closed(p.parent)
        )

    def _is_closed(self, folder: Path) -> bool:
        inside = [folder, *folder.parents][: len(folder.relative_to(self.folder).parts)]
        return any(not each.stat().st_mode & 0o077 for each in inside)

    def here(self, block: Block) -> str:
        """Return the block's text with the ports and the API password of this stage."""
        assert self.served is not None
        text = block.text.replace("127.0.0.1:8470", f"127.0.0.1:{self.served.console_port}")
        text = text.replace("127.0.0.1:8474", f"127.0.0.1:{self.served.api_port}")
        return text.replace("wwp_...", self.api_password)

    def _typed(self, block: Block) -> tuple[int, str]:
        environ = {
            # A server under test may already use the default ports of this machine.
            "WATCHWORD_CONSOLE": f"127.0.0.1:{free_port()}",
            "WATCHWORD_API": f"127.0.0.1:{free_port()}",
            "PATH": f"{self.folder}/bin:{os.environ['PATH']}", "HOME": str(self.folder),
            "LANG": "C.UTF-8", **self.environ,
        }  # fmt: skip
        # A fixed umask, independent of the tests': a recipe that needs another one sets it.
        text = f"umask 022\n{self.here(block)}"
        options = "-u" if "exit" in block.marks else "-eu"
        return on_terminal(["bash", options, "-o", "pipefail", "-c", text], self.folder, environ)
