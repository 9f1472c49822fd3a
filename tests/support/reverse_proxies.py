"""Real reverse proxies with the settings that docs/how-to/reverse-proxy.md prints.

Only ports and paths of files are replaced.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.support.listening import listening
from tests.support.ports import free_port
from tests.support.served import ROOT, Served
from watchword.crypto import certificates
from watchword.crypto.certificates import Names

PAGE = ROOT / "docs" / "how-to" / "reverse-proxy.md"
CONSOLE, API = "console.example.org", "api.example.org"
NAMES = (CONSOLE, API)


def printed(language: str, number: int = 0) -> str:
    """Return a code block of the page, by its language and its number among those."""
    blocks: list[str] = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.M | re.S)
    return blocks[number]


@dataclass
class ProxiedServer(Served):
    """A server behind a proxy."""

    port: int = 0
    front_ca: Path = Path()

    @property
    def console(self) -> str:
        return f"https://{CONSOLE}:{self.port}"

    @property
    def api(self) -> str:
        return f"https://{API}:{self.port}"

    @property
    def ca(self) -> Path:
        return self.front_ca


@dataclass(frozen=True)
class Kind:
    """A proxy: its printed settings, the rest of its configuration, and its command."""

    name: str
    settings: str
    toml: str
    around: str
    command: tuple[str, ...]


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
    {settings}
}}
"""
_CADDY = """
{{
    admin off
    auto_https disable_redirects
    default_bind 127.0.0.1
    storage file_system {folder}/storage
}}
{settings}
"""
_HAPROXY = """
defaults
    timeout connect 10s
    timeout client 30s
    timeout server 30s
{settings}
"""
_APACHE = """
ServerRoot {folder}
DefaultRuntimeDir {folder}
PidFile {folder}/pid
ErrorLog {folder}/log
Mutex file:{folder} default
User www-data
Group www-data
Listen 127.0.0.1:{port}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule headers_module {modules}/mod_headers.so
LoadModule proxy_module {modules}/mod_proxy.so
LoadModule proxy_http_module {modules}/mod_proxy_http.so
LoadModule ssl_module {modules}/mod_ssl.so
{settings}
"""
_MODULES = "/usr/lib/apache2/modules"
_RUN_CADDY = ("caddy", "run", "--adapter", "caddyfile", "--config", "{file}")
NGINX = Kind("nginx", printed("nginx"), printed("toml"), _NGINX,
             ("nginx", "-e", "{folder}/log", "-c", "{file}"))  # fmt: skip
CADDY = Kind("caddy", printed("caddyfile"), printed("toml"), _CADDY, _RUN_CADDY)
HAPROXY = Kind("haproxy", printed("haproxy"), printed("toml"), _HAPROXY,
               ("haproxy", "-db", "-f", "{file}"))  # fmt: skip
APACHE = Kind("apache", printed("apache"), printed("toml"), _APACHE,
              ("apache2", "-DFOREGROUND", "-f", "{file}"))  # fmt: skip
PLAIN = Kind("caddy-plain", printed("caddyfile", 1), printed("toml", 1), _CADDY, _RUN_CADDY)


def _in_place(text: str, folder: Path, served: Served | None, port: int) -> str:
    """Return the printed text with ports and paths of the test."""
    text = re.sub(r"listen 443", f"listen 127.0.0.1:{port}", text)
    text = re.sub(r"bind :443", f"bind 127.0.0.1:{port}", text)
    text = re.sub(r"<VirtualHost \*:443>", f"<VirtualHost 127.0.0.1:{port}>", text)
    text = re.sub(r"^(\w+\.example\.org) \{", rf"https://\1:{port} {{", text, flags=re.M)
    text = re.sub(r'"(https://\w+\.example\.org)"', rf'"\1:{port}"', text)
    text = re.sub(r"/etc/\w+/tls/fullchain\.pem", f"{folder}/server.crt", text)
    text = re.sub(r"/etc/\w+/tls/privkey\.pem", f"{folder}/server.key", text)
    text = re.sub(r"/etc/\w+/tls/both\.pem", f"{folder}/both.pem", text)
    if served is not None:
        text = text.replace("/etc/watchword-ca.crt", str(served.data / "tls" / "ca.crt"))
        text = re.sub(r"(127\.0\.0\.1|localhost):8470", rf"\1:{served.console_port}", text)
        text = re.sub(r"(127\.0\.0\.1|localhost):8474", rf"\1:{served.api_port}", text)
    return text


@contextmanager
def running(folder: Path, kind: Kind, extra_toml: str = "") -> Iterator[ProxiedServer]:
    """Start a server and the proxy in front of it."""
    folder.mkdir()
    port, now = free_port(), datetime.now(UTC)
    names = Names(NAMES, ())
    ca = certificates.local_ca(folder, names, now)
    certificates.leaf(folder, ca, names, now)
    both = (folder / "server.crt").read_text() + (folder / "server.key").read_text()
    (folder / "both.pem").write_text(both)
    toml = folder / "watchword.toml"
    toml.write_text(_in_place(kind.toml, folder, None, port) + extra_toml)
    with Served.running(folder / "data", extra=("--config", str(toml))) as served:
        with _started(folder, kind, served, port):
            yield ProxiedServer(
                served.data, served.console_port, served.api_port, served.process,
                served.output, served.errors, port=port, front_ca=folder / "ca.crt",
            )  # fmt: skip


@contextmanager
def _started(folder: Path, kind: Kind, served: Served, port: int) -> Iterator[None]:
    file = folder / kind.name
    user = "user root;" if os.getuid() == 0 else ""
    settings = _in_place(kind.settings, folder, served, port)
    file.write_text(
        kind.around.format(folder=folder, settings=settings, user=user, port=port, modules=_MODULES)
    )
    command = [word.format(folder=folder, file=file) for word in kind.command]
    with listening(command, port, folder):
        yield
