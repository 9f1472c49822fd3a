"""The command `watchword` with cheap hashes, in processes that start quickly.

Each command is a fork of a process that has imported our code (`fork_server.py`, one for each
process of the tests). It has its own standard streams, environment, signals and exit code, and
saves the second that Python takes to import our code.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, Final, TextIO

from tests.support.fork_server import ForkRequest

_UNKNOWN: Final = b"255"


class Started:
    """A started process, with the interface of `subprocess.Popen`."""

    def __init__(self, asked: ForkRequest, streams: Sequence[int]) -> None:
        self._ended, at_end = os.pipe()
        _fork_server().ask(asked, [*streams, at_end])
        os.close(at_end)
        self.pid = int(os.read(self._ended, 16))
        self.returncode: int | None = None

    @classmethod
    def on_terminal(
        cls, arguments: Sequence[str], environ: Mapping[str, str], terminal: int
    ) -> Started:
        """Start the command with a new terminal as all three of its streams."""
        asked = ForkRequest([*arguments], {**environ}, str(Path.cwd()), has_terminal=True)
        return cls(asked, [terminal] * 3)

    @classmethod
    def shell(
        cls, words: Sequence[str], environ: Mapping[str, str], folder: Path, terminal: int
    ) -> Started:
        """Start another program on a new terminal; it may run `fork_client.py`."""
        asked = ForkRequest([*words], {**environ}, str(folder), has_terminal=True, is_shell=True)
        return cls(asked, [terminal] * 3)

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal, or None while the process runs."""
        return self._code(0)

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code. Raises subprocess.TimeoutExpired."""
        code = self._code(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("watchword", timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the process has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # it has just ended
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _code(self, seconds: float | None) -> int | None:
        if self.returncode is None and select.select([self._ended], [], [], seconds)[0]:
            self.returncode = int(os.read(self._ended, 16) or _UNKNOWN)
            os.close(self._ended)
        return self.returncode


class Forked(Started):
    """A started command with pipes as its streams; it may kill itself at a chosen moment."""

    def __init__(
        self,
        arguments: Sequence[str],
        environ: Mapping[str, str],
        moment: Sequence[str] = (),
        *,
        closed: Sequence[int] = (),
        encoding: str = "",
    ) -> None:
        at_stdin, stdin = os.pipe()
        stdout, at_stdout = os.pipe()
        stderr, at_stderr = os.pipe()
        theirs = [at_stdin, at_stdout, at_stderr]
        asked = ForkRequest(
            [*arguments], {**environ}, str(Path.cwd()), moment=[*moment], closed=[*closed],
            encoding=encoding,
        )  # fmt: skip
        super().__init__(asked, theirs)
        for each in theirs:
            os.close(each)
        self.stdin: TextIO = os.fdopen(stdin, "w")
        self.stdout: IO[str] = os.fdopen(stdout, errors="backslashreplace")
        self.stderr: IO[str] = os.fdopen(stderr, errors="backslashreplace")

    def give(self, data: str | bytes) -> None:
        """Write to its standard input and close it."""
        with contextlib.suppress(BrokenPipeError), self.stdin as stdin:
            stdin.buffer.write(data.encode() if isinstance(data, str) else data)


def run_whole(
    arguments: Sequence[str],
    environ: Mapping[str, str],
    stdin: str | bytes,
    moment: Sequence[str] = (),
    **streams: Any,
) -> subprocess.CompletedProcess[str]:
    """Run a command and wait for its end."""
    process = Forked(arguments, environ, moment, **streams)
    with ThreadPoolExecutor(3) as pool:  # a full pipe would block the process
        writing = pool.submit(process.give, stdin)
        stdout, stderr = pool.submit(process.stdout.read), pool.submit(process.stderr.read)
        done = subprocess.CompletedProcess(
            list(arguments), process.wait(), stdout.result(), stderr.result()
        )
        writing.result()
    process.stdout.close()
    process.stderr.close()
    return done


class _ForkServer:
    """The process that has imported our code, and the socket for requests to it."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.fork_server", str(theirs.fileno())],
                stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()],
            )  # fmt: skip

        atexit.register(self._end)

    def _end(self) -> None:
        self._ours.close()
        self._process.wait()

    def ask(self, asked: ForkRequest, streams: Sequence[int]) -> None:
        socket.send_fds(self._ours, [json.dumps(dataclasses.asdict(asked)).encode()], list(streams))


@functools.cache
def _fork_server() -> _ForkServer:
    return _ForkServer()
