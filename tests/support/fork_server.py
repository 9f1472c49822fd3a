"""A process that has imported our code: each command of the tests is a fork of it.

A request arrives on a socket, with the streams of the fork and a pipe. The pipe receives the
fork's process id, and its exit code when it ends. A shell on a terminal can be requested as well:
its commands request forks of this process, on the same terminal, by `fork_client.py`.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import functools
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import sys
import termios
import threading
from dataclasses import dataclass, field
from typing import Final, NoReturn

import watchword
from tests.support import killed, warm_up
from tests.support.installation import CHEAP
from watchword import bootstrap
from watchword.cli.main import run

INTERFACE: Final = 60
"""The number of the socket for requests of a shell's commands."""
_MOST_FILES: Final = 64
_MOST_BYTES: Final = 1 << 20


@dataclass(frozen=True)
class ForkRequest:
    """The settings of a fork."""

    arguments: list[str]
    environ: dict[str, str]
    folder: str
    has_terminal: bool = False
    """Its streams are a terminal, which becomes its controlling terminal."""
    is_shell: bool = False
    """The arguments are those of another program, which runs commands."""
    moment: list[str] = field(default_factory=list)
    """The moment at which it kills itself: the arguments of `killed.arm`."""
    closed: list[int] = field(default_factory=list)
    """The numbers of its closed streams (`<&-`)."""
    encoding: str = ""
    """The encoding of its streams, if it is not the locale's (PYTHONIOENCODING)."""


def _send_number(end: int, number: int) -> None:
    """Write a number to the pipe of the caller, always with the same length."""
    with contextlib.suppress(BrokenPipeError):
        os.write(end, b"%-16d" % number)


def _become(asked: ForkRequest, streams: list[int]) -> NoReturn:
    """Take streams, environment and folder in the fork, run the command, and exit."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(len(streams), _MOST_FILES)
    os.chdir(asked.folder)
    os.environ.clear()
    os.environ.update(asked.environ)
    # Not closed with the object: a fork of a fork has another object with that number.
    encoding = asked.encoding or None
    sys.stdin = os.fdopen(0, encoding=encoding, closefd=False)
    sys.stdout, sys.stderr = (
        os.fdopen(number, "w", encoding=encoding, closefd=False) for number in (1, 2)
    )
    for number in asked.closed:  # as Python finds them at its start
        os.close(number)
        setattr(sys, ("stdin", "stdout", "stderr")[number], None)
    if asked.has_terminal:
        _take_the_terminal()
    if asked.moment:
        module, function, number_of_call, when = asked.moment
        killed.arm(module, function, int(number_of_call), when)
    code = _have_run(asked.arguments) if asked.is_shell else run(asked.arguments)
    # The last steps of the interpreter, without freeing its objects: in a fork, freeing them
    # would copy all their memory.
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _take_the_terminal() -> None:
    """Make the terminal the controlling one, so that Ctrl-C reaches the command."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _have_run(words: list[str]) -> int:
    """Run a program, and fork for each of its commands. Returns the exit code."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    os.dup2(theirs.fileno(), INTERFACE, inheritable=True)
    pid = os.posix_spawnp(
        words[0], words, os.environ, setsigdef=[signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT]
    )
    return wait(ours, pid)


def _reap(ends: dict[int, int]) -> dict[int, int]:
    """Send the exit code of each ended child. Returns the codes by process id."""
    codes: dict[int, int] = {}
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return codes
        if pid == 0:
            return codes
        codes[pid] = os.waitstatus_to_exitcode(status)
        if pid in ends:
            end = ends.pop(pid)
            _send_number(end, codes[pid])
            os.close(end)


def _fork(message: bytes, streams: list[int], ends: dict[int, int]) -> None:
    """Fork as requested; the last of the streams is the pipe for process id and exit code."""
    *standard, end = streams
    pid = os.fork()
    if pid == 0:
        _become(ForkRequest(**json.loads(message)), standard)
    ends[pid] = end
    _send_number(end, pid)
    for each in standard:
        os.close(each)


def wait(asked: socket.socket, until: int = 0) -> int:
    """Fork for each request, until the socket is closed or the child `until` has ended."""
    ends: dict[int, int] = {}
    woken, wake = os.pipe2(os.O_NONBLOCK)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    codes = _reap(ends)  # it may have ended before the signal handler was set
    while until not in codes:
        ready = select.select([asked.fileno(), woken], [], [])[0]
        if woken in ready:
            os.read(woken, 512)
            codes = _reap(ends)
        if asked.fileno() not in ready:
            continue
        message, streams, _flags, _from = socket.recv_fds(asked, _MOST_BYTES, 4)
        if not message:
            return 0
        _fork(message, streams, ends)
    return codes[until] if codes[until] >= 0 else 128 - codes[until]


def _read_all_our_code() -> None:
    for found in pkgutil.walk_packages(watchword.__path__, "watchword."):
        if not found.name.endswith((".__main__", ".migrations.env")):  # scripts
            importlib.import_module(found.name)
    for dialect in ("sqlite", "postgresql.psycopg"):
        importlib.import_module(f"sqlalchemy.dialects.{dialect}")
    importlib.import_module("psycopg")


if __name__ == "__main__":
    _read_all_our_code()
    warm_up.compile_all()
    gc.freeze()
    bootstrap.open = functools.partial(bootstrap.open, hashing=CHEAP)
    wait(socket.socket(fileno=int(sys.argv[1])))
