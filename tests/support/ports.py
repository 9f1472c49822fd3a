"""Free ports for servers."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
from typing import Final

_PORTS: Final = range(10_000, 32_000)
"""Below the range that Linux uses for outgoing connections, which could take one by chance."""
_turns = itertools.count(os.getpid() * 131)


def free_port() -> int:
    """Return a port without a listener that this process has not returned before."""
    while True:
        port = _PORTS[next(_turns) % len(_PORTS)]
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
