"""A process that only forks workers.

The server's first process has threads, database connections and an event loop once it serves. A fork
of it could wait forever for a lock that one of its threads held. So it forks this process before it
has any of them, and this process forks each worker, also those that replace others.

It ends when the first process ends: its end of the socket then reads as closed.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
from collections.abc import Callable
from typing import Final, NoReturn

log = logging.getLogger("watchword.server")

Work = Callable[[int, bool, socket.socket], None]
"""Runs a worker: with its number, whether it replaces another one, and its channel."""
_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Nursery:
    """The process that forks the workers, seen from the first process."""

    def __init__(self, work: Work, listening: list[socket.socket]) -> None:
        """Fork it. The sockets of `listening` are closed in it: the ports become free with the end
        of the first process.
        """
        self._asked, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        gc.freeze()  # a collection would write to the memory that the processes share
        # The workers ignore these signals, which a terminal or a service manager sends to all.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        self.pid = os.fork()
        if not self.pid:
            for number in _SIGNALS:
                signal.signal(number, signal.SIG_IGN)
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system removes ended workers
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            for each in (self._asked, *listening):
                each.close()
            _nurse(theirs, work)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        theirs.close()

    def fileno(self) -> int:
        """Return the socket that can be read when the process has ended."""
        return self._asked.fileno()

    def fork(self, number: int, *, is_replacement: bool) -> socket.socket:
        """Start a worker. Returns our end of its channel. Raises OSError."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        with theirs:
            socket.send_fds(self._asked, [bytes([number, is_replacement])], [theirs.fileno()])
        return ours

    def close(self) -> None:
        """End it, and wait until it has ended."""
        self._asked.close()
        os.waitpid(self.pid, 0)


def _nurse(asked: socket.socket, work: Work) -> NoReturn:
    while True:
        message, files, *_ = socket.recv_fds(asked, 2, 1, socket.MSG_CMSG_CLOEXEC)
        if not message:
            os._exit(0)
        channel = socket.socket(fileno=files[0])
        if not os.fork():
            asked.close()
            _run(work, message[0], bool(message[1]), channel)
        channel.close()


def _run(work: Work, number: int, is_replacement: bool, channel: socket.socket) -> NoReturn:
    try:
        work(number, is_replacement, channel)
    except BaseException:
        log.exception("a worker has failed")
        os._exit(1)
    os._exit(0)
