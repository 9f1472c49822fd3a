"""The process that has read our code once and waits: each command is a fork of it.

It is asked on a socket, with the streams of the fork and a pipe; the pipe is told the fork's
number at once, and its exit code when it ends. A shell on a terminal may be asked for as well:
its commands ask a fork of this process, on the same terminal, by `fork_client.py`.
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
"""The number of the socket on which a shell's commands ask."""
_MOST_FILES: Final = 64
_MOST_BYTES: Final = 1 << 20


@dataclass(frozen=True)
class ForkRequest:
    """What a fork is to become."""

    arguments: list[str]
    environ: dict[str, str]
    folder: str
    has_terminal: bool = False
    """Its streams are a terminal, which becomes its own."""
    is_shell: bool = False
    """The arguments are another program's, which has commands run."""
    moment: list[str] = field(default_factory=list)
    """When it kills itself, as `killed.arm` takes it."""
    closed: list[int] = field(default_factory=list)
    """Which of its streams are closed (`<&-`)."""
    encoding: str = ""
    """Of its streams, where it is not the locale's (PYTHONIOENCODING)."""


def _tell(end: int, number: int) -> None:
    """Write a number to the pipe of who asked: always as many bytes."""
    with contextlib.suppress(BrokenPipeError):
        os.write(end, b"%-16d" % number)


def _become(asked: ForkRequest, streams: list[int]) -> NoReturn:
    """In the fork: take streams, environment and folder, run the command, and exit."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(len(streams), _MOST_FILES)
    os.chdir(asked.folder)
    os.environ.clear()
    os.environ.update(asked.environ)
    # Not closed with the object: a fork of a fork has an object of that number already.
    encoding = asked.encoding or None
    sys.stdin = os.fdopen(0, encoding=encoding, closefd=False)
    sys.stdout, sys.stderr = (
        os.fdopen(number, "w", encoding=encoding, closefd=False) for number in (1, 2)
    )
    for number in asked.closed:  # as Python finds it at its start
        os.close(number)
        setattr(sys, ("stdin", "stdout", "stderr")[number], None)
    if asked.has_terminal:
        _take_the_terminal()
    if asked.moment:
        module, function, number_of_call, when = asked.moment
        killed.arm(module, function, int(number_of_call), when)
    code = _have_run(asked.arguments) if asked.is_shell else run(asked.arguments)
    # What the interpreter does at its end, but for taking itself apart: in a fork that copies
    # the memory of everything it has read.
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _take_the_terminal() -> None:
    """So that Ctrl-C reaches the command, whoever runs the tests and however."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _have_run(words: list[str]) -> int:
    """Run a program, and fork for each command that it has run; its exit code."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    os.dup2(theirs.fileno(), INTERFACE, inheritable=True)
    pid = os.posix_spawnp(
        words[0], words, os.environ, setsigdef=[signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT]
    )
    return wait(ours, pid)


def _reap(ends: dict[int, int]) -> dict[int, int]:
    """Tell how each child ended; returns their codes."""
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
            _tell(end, codes[pid])
            os.close(end)


def _fork(message: bytes, streams: list[int], ends: dict[int, int]) -> None:
    """Become what was asked, in a fork; the last of the streams is the pipe that is told."""
    *standard, end = streams
    pid = os.fork()
    if pid == 0:
        _become(ForkRequest(**json.loads(message)), standard)
    ends[pid] = end
    _tell(end, pid)
    for each in standard:
        os.close(each)


def wait(asked: socket.socket, until: int = 0) -> int:
    """Fork for each request, until nobody is there to ask, or that child has ended."""
    ends: dict[int, int] = {}
    woken, wake = os.pipe2(os.O_NONBLOCK)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    codes = _reap(ends)  # it may have ended before anybody was told
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
