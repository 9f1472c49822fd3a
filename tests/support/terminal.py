"""A person at a terminal: runs a command, reads its output, types."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.forked import Started

SECONDS = 30
INTERRUPT = "\x03"
OWN_TERMINAL = ["setsid", "--ctty", "env", "--default-signal=INT"]
"""A controlling terminal, so that Ctrl-C reaches the command."""


@dataclass
class Terminal:
    """A command that runs on a terminal."""

    process: Started | subprocess.Popen[bytes]
    screen: int
    shown: str = ""

    def wait_for(self, words: str) -> None:
        """Read until the words are shown, after those of the previous call."""
        while words not in self.shown:
            assert self._read(), f"{words!r} was never shown: {self.shown!r}"
        self.shown = self.shown.split(words, 1)[1]

    def type(self, text: str, *, ends: str = "\n", encoding: str = "utf-8") -> None:
        os.write(self.screen, (text + ends).encode(encoding))

    def interrupt(self) -> None:
        """Press Ctrl-C, and again if the command had not yet begun to read."""
        for _ in range(SECONDS):
            self.type(INTERRUPT, ends="")
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(1)
                return

    def end(self) -> tuple[int, str]:
        """Return the exit code, and the output after the last words waited for."""
        while self._read():
            pass
        return self.process.wait(SECONDS), self.shown.replace("\r\n", "\n")

    def _read(self) -> bool:
        assert select.select([self.screen], [], [], SECONDS)[0], f"no output: {self.shown!r}"
        more = b""
        with suppress(OSError):  # on Linux: the other end is closed
            more = os.read(self.screen, 4096)
        self.shown += more.decode(errors="replace")
        return bool(more)


def _new(
    arguments: Sequence[str], environ: Mapping[str, str], terminal: int
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*OWN_TERMINAL, sys.executable, "-m", "watchword", *arguments], stdin=terminal,
        stdout=terminal, stderr=terminal, env=environ,
    )  # fmt: skip


@contextmanager
def on_terminal(data: Path, *arguments: str, is_new: bool = False) -> Iterator[Terminal]:
    """Run `watchword` with a terminal as all three of its streams.

    With `is_new` it runs in a new Python process instead of a fork.
    """
    screen, theirs = pty.openpty()
    environ = os.environ | {"WATCHWORD_DATA_DIR": str(data)}
    process = (_new if is_new else Started.on_terminal)(arguments, environ, theirs)
    os.close(theirs)
    try:
        yield Terminal(process, screen)
    finally:
        process.kill()
        process.wait()
        os.close(screen)
