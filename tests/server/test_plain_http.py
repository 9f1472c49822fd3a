"""Plain HTTP: only to a trusted proxy, or on loopback by an explicit setting."""

from __future__ import annotations

import json
import re
import signal
import threading
from collections.abc import Iterator

import pytest
import requests

from tests.support.addresses import FromAddress
from tests.support.browser import Chromium
from tests.support.screen import fill, press
from tests.support.served import PASSWORD, Served
from watchword.server import running

BEHIND = {
    "WATCHWORD_TRUSTED_PROXIES": "127.0.0.9",
    "WATCHWORD_CONSOLE_URL": "https://console.example.org",
    "WATCHWORD_API_URL": "https://api.example.org",
    "WATCHWORD_PLAIN_HTTP_BEHIND_TRUSTED_PROXY": "true",
}
HTTPS = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("behind")
    with Served.running(folder / "data", environ=BEHIND, is_first=True) as served:
        served.create("alice")
        yield served


def get(port: int, path: str, source: str, **more: object) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", FromAddress(source))
        return session.get(f"http://127.0.0.1:{port}{path}", timeout=30, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "headers", "is_let_in"),
    [
        ("127.0.0.9", HTTPS, True),
        ("127.0.0.9", {"X-Forwarded-Proto": "https"}, True),
        ("127.0.0.9", {"X-Forwarded-Proto": "http"}, False),
        ("127.0.0.9", {"X-Forwarded-Proto": "https, http"}, False),
        ("127.0.0.9", {"Forwarded": "proto=https"}, False),
        ("127.0.0.9", {}, False),
        ("127.0.0.8", HTTPS, False),
        ("127.0.0.8", {}, False),
    ],
)
def test_only_https_clients_of_a_trusted_proxy_are_accepted(
    behind: Served, source: str, headers: dict[str, str], is_let_in: bool
) -> None:
    for path in ("/login", "/ca.crt", "/nowhere"):
        answer = get(behind.console_port, path, source, headers=headers)
        assert (answer.status_code != 403) == is_let_in, path
        assert ("trusted reverse proxy" in answer.text) != is_let_in
        assert "set-cookie" not in answer.headers or is_let_in
    for path in ("/api/v1/whoami", "/health/live", "/metrics", "/nowhere"):
        answer = get(behind.api_port, path, source, headers=headers, auth=("alice", PASSWORD))
        assert (answer.status_code != 403) == is_let_in, path
        if not is_let_in:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["code"] == "not-behind-proxy"
            assert "X-Forwarded-Proto" in answer.json()["detail"]


def test_the_refusal_leads_to_the_public_address(behind: Served) -> None:
    answer = get(behind.console_port, "/", "127.0.0.1")
    assert answer.status_code == 403
    assert 'href="https://console.example.org"' in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_public_addresses_are_printed_and_no_certificate_is_made(behind: Served) -> None:
    output = "\n".join(behind.output)
    assert "https://console.example.org/" in output
    assert "TLS" not in output
    assert not (behind.data / "tls").exists()


def doctor(served: Served, environ: dict[str, str], expect: int = 2) -> dict[str, str]:
    settings = served.data / "watchword.toml"
    lines = [f'console = "127.0.0.1:{served.console_port}"', f'api = "127.0.0.1:{served.api_port}"']
    for name, value in environ.items():
        word = value if value == "true" else json.dumps(value)
        lines.append(f"{name.removeprefix('WATCHWORD_').lower()} = {word}")
    settings.write_text("\n".join(lines) + "\n")
    report = json.loads(served.cli("doctor", "--json", expect=expect).stdout)
    settings.unlink()
    return {check["name"]: check["code"] for check in report["checks"]}


def test_the_doctor_recognises_the_server_without_a_certificate(behind: Served) -> None:
    found = doctor(behind, BEHIND)
    assert found["console-port"] == "console-port.ours"
    assert found["api-port"] == "api-port.ours"
    assert found["certificate"] == "certificate.no-matter"
    assert found["local-ca"] == "local-ca.none"


def test_another_program_at_a_plain_port_is_not_the_server(behind: Served) -> None:
    # With this file the doctor would use the addresses of the server.
    (behind.data / running.FILE).unlink()
    other = Served(behind.data, behind.console_port, behind.console_port, behind.process)
    assert doctor(other, BEHIND)["api-port"] == "api-port.ours"
    with Served.running(behind.data.parent / "tls-data") as tls:
        other = Served(behind.data, tls.console_port, behind.api_port, behind.process)
        assert doctor(other, BEHIND, 1)["console-port"] == "console-port.unusable"


def test_https_at_a_plain_interface_is_not_answered(behind: Served) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"https://127.0.0.1:{behind.console_port}/login", timeout=30)


def test_a_reload_without_a_certificate_logs_no_warning(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("reloaded")
    with Served.running(folder / "data", environ=BEHIND) as served:
        served.process.send_signal(signal.SIGHUP)
        answer = get(served.console_port, "/login", "127.0.0.9", headers=HTTPS)
        assert answer.status_code == 200
        while not any("settings were reloaded" in line for line in served.errors):
            threading.Event().wait(0.05)
    assert served.complaints == []


def test_plain_http_on_loopback_works_in_a_browser_with_a_warning(
    tmp_path_factory: pytest.TempPathFactory, chromium: Chromium
) -> None:
    """Chromium keeps Secure cookies of http://127.0.0.1 and http://localhost."""
    folder = tmp_path_factory.mktemp("loopback")
    ca = folder / "ca.crt"
    environ = {"WATCHWORD_INSECURE_PLAIN_HTTP_ON_LOOPBACK": "true"}
    with Served.running(folder / "other") as other:
        ca.write_bytes(other.ca.read_bytes())
    with Served.running(folder / "data", environ=environ) as served:
        served.create("alice")
        assert f"http://127.0.0.1:{served.console_port}/" in "\n".join(served.output)
        assert re.search(r"WARNING .*insecure_plain_http_on_loopback", "".join(served.errors))
        with chromium.trusting(ca) as visitor:
            for host in ("127.0.0.1", "localhost"):
                page = visitor.open().page
                page.goto(f"http://{host}:{served.console_port}/login")
                fill(page, Username="alice", Password=PASSWORD)
                press(page, "OK")
                assert page.get_by_role("heading", level=1).inner_text() == "Overview"
                assert "insecure_plain_http_on_loopback" in page.content()
        answer = get(served.api_port, "/api/v1/whoami", "127.0.0.1", auth=("alice", PASSWORD))
        assert answer.json()["username"] == "alice"
