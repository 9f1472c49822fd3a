"""Liveness check of the running server, for the health check of a container.

It only connects. The doctor tries to bind the port, which could disturb a server that is starting.
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
    """Return whether the Management API answers its liveness check.

    With plain HTTP behind a proxy the API refuses a direct request. There, an answer with the id of
    this request is enough.
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
    """Return the host and port to connect to for a listen address."""
    host = ("::1" if ":" in at.host else "127.0.0.1") if at.is_wildcard else at.host
    return host, at.port


def _answer(settings: Settings, at: tuple[str, int], request: bytes) -> bytes:
    with socket.create_connection(at, _SECONDS) as plain:
        if is_plain(settings):
            return _head(plain, request)
        # Nothing secret is sent and the answer is not trusted, so the certificate is not verified:
        # one that was renewed but not loaded yet must not make the engine end the container.
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
