"""`watchword health`: the check whether the server of this installation answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.test_command_line import command
from tests.support.served import Served

INTERFACES = {
    "https": {},
    "plain, on loopback": {"WATCHWORD_INSECURE_PLAIN_HTTP_ON_LOOPBACK": "true"},
    "plain, behind a proxy": {
        "WATCHWORD_PLAIN_HTTP_BEHIND_TRUSTED_PROXY": "true",
        "WATCHWORD_TRUSTED_PROXIES": "127.0.0.9",
        "WATCHWORD_CONSOLE_URL": "https://console.example.org",
        "WATCHWORD_API_URL": "https://api.example.org",
    },
}


@pytest.mark.parametrize("interfaces", INTERFACES)
def test_a_running_server_answers_the_health_check(tmp_path: Path, interfaces: str) -> None:
    """A server that refuses the request because it is not from a proxy answers too."""
    with Served.running(tmp_path / "data", environ=INTERFACES[interfaces]) as served:
        environ = {**INTERFACES[interfaces], "WATCHWORD_API": f"127.0.0.1:{served.api_port}"}
        done = command(served.data, "health", environ=environ)
        assert (done.returncode, done.stderr) == (0, "")
    done = command(tmp_path / "data", "health", environ=environ)
    assert done.returncode == 1
    assert done.stderr.startswith(f"No server answers at {environ['WATCHWORD_API']}.\n  Hint: ")


@contextmanager
def answering(text: bytes) -> Iterator[int]:
    """Run another program at a port, which sends the same answer to each client."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(text)

        thread = threading.Thread(target=answer)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


@pytest.mark.parametrize("text", [b"", b"HTTP/1.1 200 OK\r\nX-Request-Id: 1\r\n\r\n"])
def test_another_program_is_not_our_server(tmp_path: Path, text: bytes) -> None:
    with answering(text) as port:
        environ = {**INTERFACES["plain, on loopback"], "WATCHWORD_API": f"127.0.0.1:{port}"}
        assert command(tmp_path, "health", environ=environ).returncode == 1
