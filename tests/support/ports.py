"""Ports for servers that are about to be started."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
from typing import Final

_PORTS: Final = range(10_000, 32_000)
"""Below those that Linux gives to outgoing connections: nobody else takes one by chance."""
_turns = itertools.count(os.getpid() * 131)


def free_port() -> int:
    """A port that nobody listens on and that this process has not given away before."""
    while True:
        port = _PORTS[next(_turns) % len(_PORTS)]
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
