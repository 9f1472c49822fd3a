"""The command `watchword` with cheap hashes, in processes of their own that start at once.

A process that has read our code once waits (one for each process of the tests), and each command
is a fork of it: real processes with standard streams, an environment, signals and an exit code
of their own, but without the second that Python takes to read the code anew.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Final, NoReturn

import watchword
from tests.support import warm
from tests.support.place import CHEAP
from watchword import bootstrap
from watchword.cli.main import run

_MOST_FILES: Final = 64
_MOST_BYTES: Final = 1 << 20
_UNKNOWN: Final = 255


class Forked:
    """A started command, as `subprocess.Popen` shows one."""

    def __init__(self, arguments: Sequence[str], environ: Mapping[str, str]) -> None:
        at_stdin, stdin = os.pipe()
        stdout, at_stdout = os.pipe()
        stderr, at_stderr = os.pipe()
        self._ended, at_end = os.pipe()
        theirs = [at_stdin, at_stdout, at_stderr, at_end]
        self.pid = _nursery().begin(arguments, environ, theirs)
        for each in theirs:
            os.close(each)
        self.stdin: IO[str] = os.fdopen(stdin, "w")
        self.stdout: IO[str] = os.fdopen(stdout)
        self.stderr: IO[str] = os.fdopen(stderr)
        self.returncode: int | None = None

    def give(self, text: str) -> None:
        """Write to its standard input, and no more after that."""
        with contextlib.suppress(BrokenPipeError), self.stdin as stdin:
            stdin.write(text)

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal; None while it runs."""
        return self._code(0)

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code. Raises subprocess.TimeoutExpired."""
        code = self._code(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("watchword", timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send it, unless the process has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # ended, and its end is being told
                os.kill(self.pid, number)

    def _code(self, seconds: float | None) -> int | None:
        if self.returncode is None and select.select([self._ended], [], [], seconds)[0]:
            self.returncode = int(os.read(self._ended, 16) or str(_UNKNOWN))
            os.close(self._ended)
        return self.returncode


def run_whole(
    arguments: Sequence[str], environ: Mapping[str, str], stdin: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    process = Forked(arguments, environ)
    with ThreadPoolExecutor(3) as pool:  # a full pipe would hold it up
        writing = pool.submit(process.give, stdin)
        stdout, stderr = pool.submit(process.stdout.read), pool.submit(process.stderr.read)
        done = subprocess.CompletedProcess(
            list(arguments), process.wait(), stdout.result(), stderr.result()
        )
        writing.result()
    process.stdout.close()
    process.stderr.close()
    return done


class _Nursery:
    """The process that has read our code, and the socket on which it is asked for forks."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._one_at_a_time = threading.Lock()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()],
            )  # fmt: skip

        atexit.register(self._end)

    def _end(self) -> None:
        self._ours.close()
        self._process.wait()

    def begin(
        self, arguments: Sequence[str], environ: Mapping[str, str], streams: Sequence[int]
    ) -> int:
        asked = json.dumps([list(arguments), dict(environ), str(Path.cwd())]).encode()
        with self._one_at_a_time:
            socket.send_fds(self._ours, [asked], list(streams))
            return int(self._ours.recv(16))


@functools.cache
def _nursery() -> _Nursery:
    return _Nursery()


# --- the process that waits ------------------------------------------------------------------
def _become(
    arguments: list[str], environ: dict[str, str], folder: str, streams: list[int]
) -> NoReturn:
    """In the fork: take streams, environment and folder, run the command, and exit."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(len(streams), _MOST_FILES)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
    code = run(arguments)
    # What the interpreter does at its end, but for taking itself apart: in a fork that copies
    # the memory of everything it has read.
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _reap(ends: dict[int, int]) -> None:
    """Tell how each child ended."""
    while ends:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        end = ends.pop(pid)
        with contextlib.suppress(BrokenPipeError):
            os.write(end, str(os.waitstatus_to_exitcode(status)).encode())
        os.close(end)


def _wait(asked: socket.socket) -> None:
    """Fork for each request, until nobody is there to ask."""
    ends: dict[int, int] = {}
    woken, wake = os.pipe2(os.O_NONBLOCK)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        ready = select.select([asked.fileno(), woken], [], [])[0]
        if woken in ready:
            os.read(woken, 512)
            _reap(ends)
        if asked.fileno() not in ready:
            continue
        message, streams, _flags, _from = socket.recv_fds(asked, _MOST_BYTES, 4)
        if not message:
            return
        arguments, environ, folder = json.loads(message)
        *standard, end = streams
        pid = os.fork()
        if pid == 0:
            asked.detach()
            _become(arguments, environ, folder, standard)
        ends[pid] = end
        for each in standard:
            os.close(each)
        asked.send(str(pid).encode())


def _read_all_our_code() -> None:
    for found in pkgutil.walk_packages(watchword.__path__, "watchword."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    for dialect in ("sqlite", "postgresql.psycopg"):
        importlib.import_module(f"sqlalchemy.dialects.{dialect}")
    importlib.import_module("psycopg")


if __name__ == "__main__":
    _read_all_our_code()
    warm.up()
    gc.freeze()
    bootstrap.open = functools.partial(bootstrap.open, hashing=CHEAP)
    _wait(socket.socket(fileno=int(sys.argv[1])))
