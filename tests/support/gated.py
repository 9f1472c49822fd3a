"""A tool behind a real reverse proxy with the printed recipe, and the gateway that it asks."""

from __future__ import annotations

import json
import os
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from tests.support.listening import listening
from tests.support.ports import free_port
from tests.support.served import Served
from watchword.crypto import certificates
from watchword.crypto.certificates import Names

HOST: Final = "wiki.example"
_NGINX = """
{user}
daemon off;
pid {folder}/pid;
error_log {folder}/log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
    uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    include {folder}/recipe;
}}
"""
_CADDY = """
{{
    admin off
    auto_https disable_redirects
    storage file_system {folder}/storage
}}
import {folder}/recipe
"""


@dataclass(frozen=True)
class Proxy:
    """A proxy: its name in the recipe, the rest of its configuration, and its command."""

    name: str
    around: str
    command: tuple[str, ...]


NGINX = Proxy("nginx", _NGINX, ("nginx", "-e", "{folder}/log", "-c", "{file}"))
CADDY = Proxy("caddy", _CADDY, ("caddy", "run", "--adapter", "caddyfile", "--config", "{file}"))


class Tool(BaseHTTPRequestHandler):
    """A tool that answers with the request as it arrived."""

    protocol_version = "HTTP/1.1"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._echo
        raise AttributeError(name)

    def _echo(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        seen = {
            "method": self.command,
            "path": self.path,
            "headers": [[k.lower(), v] for k, v in self.headers.items()],
            "body": body.decode("latin-1"),
        }
        self.server.seen.append(seen)  # type: ignore[attr-defined]
        answer = json.dumps(seen).encode()
        self.send_response(401 if self.path.startswith("/own-401") else 200)
        self.send_header("content-length", str(len(answer)))
        self.send_header("content-type", "application/json")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@dataclass(frozen=True)
class Reply:
    """An answer through the proxy."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        """Return the values of a field."""
        return [value for each, value in self.headers if each.lower() == name]

    @property
    def seen(self) -> dict[str, Any]:
        """The request as the tool saw it."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    def seen_header(self, name: str) -> list[str]:
        """Return the values of a field as the tool saw it."""
        return [value for each, value in self.seen["headers"] if each == name]


@dataclass
class Gated:
    """A tool behind a proxy."""

    served: Served
    port: int
    tool: list[dict[str, Any]] = field(default_factory=list)

    def ask(
        self,
        target: str = "/",
        headers: Mapping[str, str] | list[tuple[str, str]] = {},  # noqa: B006
        *,
        method: str = "GET",
        body: bytes | None = None,
        host: str = "",
    ) -> Reply:
        """Send a request through the proxy, with the target as it is."""
        context = ssl._create_unverified_context()
        connection = HTTPSConnection(HOST, self.port, timeout=30, context=context)
        plain = socket.create_connection(("127.0.0.1", self.port), 30)
        connection.sock = context.wrap_socket(plain, server_hostname=HOST)
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", host or f"{HOST}:{self.port}")
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        pairs = list(headers.items()) if isinstance(headers, Mapping) else headers
        for name, value in pairs:
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        reply = Reply(answer.status, answer.getheaders(), answer.read())
        connection.close()
        return reply


@contextmanager
def running(folder: Path, proxy: Proxy, prepare: Any) -> Iterator[Gated]:
    """Start a server with the gateway, a tool, and the proxy with the recipe between them.

    `prepare` makes accounts and the application, whose host is the argument.
    """
    port, gateway, now = free_port(), free_port(), datetime.now(UTC)
    names = Names((HOST,), ())
    certificates.leaf(folder, certificates.local_ca(folder, names, now), names, now)
    extra = ("--gateway", f"127.0.0.1:{gateway}")
    tool = ThreadingHTTPServer(("127.0.0.1", 0), Tool)
    tool.seen = []  # type: ignore[attr-defined]
    threading.Thread(target=tool.serve_forever, daemon=True).start()
    environ = {"WATCHWORD_TRUSTED_PROXIES": "127.0.0.1"}
    with Served.running(folder / "data", extra=extra, environ=environ) as served:
        prepare(served, f"{HOST}:{port}")
        recipe = served.cli(
            "gateway", "recipe", proxy.name, "--application", "wiki",
            "--upstream", f"http://127.0.0.1:{tool.server_port}", "--listen", "127.0.0.1",
            "--certificate", f"{folder}/server.crt", "--key", f"{folder}/server.key",
        )  # fmt: skip
        (folder / "recipe").write_text(recipe.stdout)
        user = "user root;" if os.getuid() == 0 else ""
        (folder / "config").write_text(proxy.around.format(folder=folder, user=user))
        command = [w.format(folder=folder, file=folder / "config") for w in proxy.command]
        with listening(command, port, folder):
            yield Gated(served, port, tool.seen)  # type: ignore[attr-defined]
    tool.shutdown()
    tool.server_close()
