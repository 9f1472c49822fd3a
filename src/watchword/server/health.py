"""Whether the server of this installation answers: for a container's health check.

It only connects, unlike the doctor, who tries to bind the port and would get in the way of a
server that is just starting.
"""

from __future__ import annotations

import socket
import ssl
from typing import Final

from watchword.config import Address, Settings, interface, is_plain
from watchword.crypto import tokens

_SECONDS: Final = 3
_ASKED: Final = "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"


def answers(settings: Settings) -> bool:
    """Return whether the Management API answers that it lives.

    Behind a proxy, in plain HTTP, it refuses us; there an answer with our request's id will do.
    """
    asked = tokens.identifier()
    text = f"{_ASKED}X-Request-Id: {asked}\r\n\r\n"
    try:
        head = _answer(settings, there(interface(settings, "api").listen), text.encode())
    except OSError:
        return False
    is_ours = f"x-request-id: {asked}".encode() in head
    return is_ours and (is_plain(settings) or head.startswith(b"HTTP/1.1 200 "))


def there(at: Address) -> tuple[str, int]:
    """Return host and port to connect to, for an address to listen on."""
    host = ("::1" if ":" in at.host else "127.0.0.1") if at.is_wildcard else at.host
    return host, at.port


def _answer(settings: Settings, at: tuple[str, int], request: bytes) -> bytes:
    with socket.create_connection(at, _SECONDS) as plain:
        if is_plain(settings):
            return _head(plain, request)
        # Nothing secret is sent and nothing is trusted that comes back; and a certificate that
        # was renewed, but not loaded yet, must not have the container ended.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with context.wrap_socket(plain) as connection:
            return _head(connection, request)


def _head(connection: socket.socket, request: bytes) -> bytes:
    connection.sendall(request)
    head = b""
    while b"\r\n\r\n" not in head and (more := connection.recv(4096)):
        head += more
    return head
