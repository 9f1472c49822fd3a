"""A service manager as a server sees it: a datagram socket that receives its messages."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Manager:
    """The messages received so far, each as its fields."""

    socket: socket.socket
    name: str
    heard: list[dict[str, str]] = field(default_factory=list)

    def next(self) -> dict[str, str]:
        lines = self.socket.recv(4096).decode().split("\n")
        self.heard.append(dict(line.split("=", 1) for line in lines))
        return self.heard[-1]

    def until(self, **wanted: str) -> dict[str, str]:
        """Receive until a message contains these fields, and return it."""
        while True:
            message = self.next()
            if wanted.items() <= message.items():
                return message


@contextmanager
def listening(folder: Path, *, abstract: bool = False) -> Iterator[Manager]:
    name = str(folder / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bound:
        bound.bind("\0" + name if abstract else name)
        bound.settimeout(60)
        yield Manager(bound, "@" + name if abstract else name)
