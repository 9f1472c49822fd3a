"""Refusals of the protocol are answered in the format of the interface."""

from __future__ import annotations

import json
import socket
import ssl

import pytest

from tests.support.interface_process import rest_of
from tests.support.served import Served

HOST = b"Host: localhost\r\n"
GET = b"GET /api/v1/whoami HTTP/1.1\r\n" + HOST
REFUSED = {
    "bad-request": GET + b"Host: elsewhere\r\n\r\n",
    "target-too-long": b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "head-too-large": GET + b"X: y\r\n" * 101 + b"\r\n",
    "http-version-not-supported": b"GET / HTTP/2.0\r\n" + HOST + b"\r\n",
}


def sent(served: Served, port: int, data: bytes, *, tls: bool = True) -> tuple[str, str]:
    """Send bytes. Returns head and body of the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as plain:
        if tls:
            context = ssl.create_default_context(cafile=str(served.ca))
            with context.wrap_socket(plain, server_hostname="localhost") as connection:
                connection.sendall(data)
                found = rest_of(connection)
        else:
            plain.sendall(data)
            found = rest_of(plain)
    head, _, body = found.decode().partition("\r\n\r\n")
    return head, body


@pytest.mark.parametrize("code", REFUSED)
def test_the_api_answers_with_a_problem_document(served: Served, code: str) -> None:
    head, body = sent(served, served.api_port, REFUSED[code])
    assert "content-type: application/problem+json" in head
    problem = json.loads(body)
    assert problem["code"] == code
    assert f"HTTP/1.1 {problem['status']} " in head
    assert problem["type"] == f"{served.console}/problems/{code}"
    assert problem["detail"]


@pytest.mark.parametrize("code", REFUSED)
def test_the_console_answers_with_a_short_text(served: Served, code: str) -> None:
    head, body = sent(served, served.console_port, REFUSED[code])
    assert "content-type: text/plain; charset=utf-8" in head
    assert body.startswith(head.partition("\r\n")[0].removeprefix("HTTP/1.1 ") + "\n\n")


def test_an_unreadable_request_line_is_answered_with_text_and_a_head_without_a_body(
    served: Served,
) -> None:
    head, _body = sent(served, served.api_port, b"\x00\x01\x02 what\r\n\r\n")
    assert head.startswith("HTTP/1.1 400 ")
    assert "content-type: text/plain; charset=utf-8" in head


def test_many_refusals_are_logged_in_few_lines(served: Served) -> None:
    for _ in range(20):
        sent(served, served.api_port, REFUSED["bad-request"])
        sent(served, served.api_port, b"GET / HTTP/1.1\r\n" + HOST + b"\r\n", tls=False)
    served.stop()
    lines = [line for line in served.errors if "api: refused a request from 127.0.0.1" in line]
    assert [line.rpartition("(")[2] for line in lines] == [
        f"{n} so far)\n" for n in (1, 2, 4, 8, 16)
    ]
    assert "400 Bad Request" in lines[0]
    assert sum("plain HTTP from 127.0.0.1 on an HTTPS port" in line for line in served.errors) == 5


@pytest.mark.parametrize("method", [b"GET", b"POST", b"OPTIONS", b"PROPFIND"])
def test_plain_http_on_an_https_port_is_answered_with_use_https(
    served: Served, method: bytes
) -> None:
    for port in (served.console_port, served.api_port):
        request = method + b" / HTTP/1.1\r\n" + HOST + b"Content-Length: 20000\r\n\r\n"
        head, body = sent(served, port, request + b"x" * 20_000, tls=False)
        assert head.startswith("HTTP/1.1 400 Bad Request\r\n")
        assert "location" not in head.lower()
        assert "Use an address that begins with https://" in body


def test_neither_tls_nor_http_gets_no_answer(served: Served) -> None:
    assert sent(served, served.api_port, b"SSH-2.0-client\r\n", tls=False) == ("", "")
