"""Requests with an incomplete body are not acted upon."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import threading
from pathlib import Path

import requests

from tests.support.served import PASSWORD, Served


def connected(served: Served) -> ssl.SSLSocket:
    trusting = ssl.create_default_context(cafile=str(served.ca))
    plain = socket.create_connection(("127.0.0.1", served.api_port), timeout=30)
    return trusting.wrap_socket(plain, server_hostname="localhost")


def wait_for(served: Served, text: str) -> str:
    """Return the first line of the log with the text. The time limit of the test ends the wait."""
    while not (found := [line for line in served.errors if text in line]):
        threading.Event().wait(0.02)
    return found[0]


def test_a_request_with_an_incomplete_body_changes_nothing(tmp_path: Path) -> None:
    """The received part is a complete JSON document, but shorter than its Content-Length."""
    credentials = base64.b64encode(f"alice:{PASSWORD}".encode()).decode()
    body = json.dumps({"username": "bob", "password": "another otter with pencils"}).encode()
    head = (
        "POST /api/v1/administrators HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Basic {credentials}\r\nContent-Type: application/json\r\n"
        f"X-Request-Id: cut\r\nContent-Length: {len(body) + 20}\r\n\r\n"
    ).encode()
    with Served.running(tmp_path / "data", environ={"WATCHWORD_LOG_LEVEL": "debug"}) as served:
        served.create("alice")
        with connected(served) as connection:
            connection.sendall(head + body)
            threading.Event().wait(2)  # the application has read it and waits for the rest
        assert "POST /api/v1/administrators 400" in wait_for(served, "[cut]")
        listed = requests.get(
            f"{served.api}/api/v1/administrators",
            auth=("alice", PASSWORD), verify=str(served.ca), timeout=30,
        ).json()  # fmt: skip
        assert [each["username"] for each in listed["items"]] == ["alice"]
        assert served.stop() == 0
    assert not any("ERROR" in line for line in served.errors)
