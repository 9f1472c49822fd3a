"""The interfaces of `tests.support.interfaces`, run in a separate process."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPSConnection
from pathlib import Path

from tests.support.ports import free_port
from tests.support.served import BYTECODE, ROOT

CLIENT = "127.0.0.9"
"""The source address of tests with many connections: each connection takes a port, which must
not be one that another test has just found free.
"""


@dataclass
class Interfaces:
    """The process and its two ports."""

    folder: Path
    ports: tuple[int, int]
    process: subprocess.Popen[str]

    def connection(self, interface: int = 0) -> HTTPSConnection:
        trusting = ssl.create_default_context(cafile=str(self.folder / "ca.crt"))
        return HTTPSConnection("127.0.0.1", self.ports[interface], timeout=30, context=trusting)

    def get(self, path: str, interface: int = 0) -> str:
        connection = self.connection(interface)
        try:
            return ask(connection, path)
        finally:
            connection.close()

    def plain(self, interface: int = 0, source: str = CLIENT) -> socket.socket:
        """Open a connection that sends nothing, not even a TLS handshake."""
        at = ("127.0.0.1", self.ports[interface])
        return socket.create_connection(at, timeout=30, source_address=(source, 0))

    def raw(self, interface: int = 0, source: str = CLIENT) -> ssl.SSLSocket:
        """Open a TLS connection on which the test sends bytes."""
        trusting = ssl.create_default_context(cafile=str(self.folder / "ca.crt"))
        return trusting.wrap_socket(self.plain(interface, source), server_hostname="localhost")

    def next_line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ended(self, within: float) -> int:
        return self.process.wait(within)


def ask(connection: HTTPSConnection, path: str) -> str:
    connection.request("GET", path)
    with connection.getresponse() as answer:
        return answer.read().decode()


def shown_by(connection: HTTPSConnection) -> bytes | None:
    assert isinstance(connection.sock, ssl.SSLSocket)
    return connection.sock.getpeercert(binary_form=True)


@contextmanager
def running(
    folder: Path, limits: Mapping[str, float] | None = None, *, files: int | None = None
) -> Iterator[Interfaces]:
    ports = free_port(), free_port()
    with_few = ["prlimit", f"--nofile={files}:{files}"] if files else []
    process = subprocess.Popen(
        [*with_few, sys.executable, "-m", "tests.support.interfaces", str(folder), *map(str, ports),
         json.dumps(limits or {})],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | BYTECODE,
    )  # fmt: skip
    interfaces = Interfaces(folder, ports, process)
    try:
        assert interfaces.next_line() == "ready"
        yield interfaces
    finally:
        process.kill()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


def rest_of(connection: socket.socket) -> bytes:
    """Read until the other side closes or resets the connection."""
    found = b""
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while more := connection.recv(65536):
            found += more
    return found
