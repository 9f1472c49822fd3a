"""Client addresses and origins behind real reverse proxies with the documented settings."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.cli.test_command_line import command
from tests.support import reverse_proxies
from tests.support.addresses import FromAddress
from tests.support.browser import Chromium
from tests.support.person import Person
from tests.support.reverse_proxies import APACHE, CADDY, HAPROXY, NGINX, PLAIN, Kind, ProxiedServer
from tests.support.screen import login, press
from tests.support.served import PASSWORD, Served

PROXY = "127.0.0.1"
EVERY_FORGED = {
    "X-Forwarded-For": "203.0.113.9, 127.0.0.1",
    "X-Forwarded-Host": "evil.example",
    "X-Real-IP": "203.0.113.9",
    "Forwarded": "for=203.0.113.9;host=evil.example",
}


@pytest.fixture(scope="module", autouse=True)
def names() -> Iterator[None]:
    """Resolve the host names of the documentation to this machine."""
    real = socket.getaddrinfo

    def here(host: Any, *rest: Any, **more: Any) -> Any:
        return real(PROXY if host in reverse_proxies.NAMES else host, *rest, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", here)
        yield


@pytest.fixture(
    scope="module", params=[NGINX, CADDY, HAPROXY, APACHE, PLAIN], ids=lambda kind: kind.name
)
def front(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ProxiedServer]:
    kind: Kind = request.param
    with reverse_proxies.running(tmp_path_factory.mktemp("front") / "f", kind) as opened:
        opened.create("alice")
        yield opened


def person(front: ProxiedServer, address: str, **headers: str) -> Person:
    """Return a person whose browser has this address."""
    visitor = Person(front, **headers)
    visitor.http.mount("https://", FromAddress(address))
    return visitor


def logins(front: ProxiedServer) -> list[dict[str, Any]]:
    listed = front.cli("audit", "list", "--event", "auth.login", "--json").stdout
    found: list[dict[str, Any]] = json.loads(listed)
    return found


def test_sessions_and_log_show_client_address_and_proxy(front: ProxiedServer) -> None:
    alice = person(front, "127.0.0.5").login()
    assert alice.heading == "Overview"
    assert "127.0.0.5" in alice.follow("Your Sessions").page.text
    row = logins(front)[-1]
    assert (row["address"], row["facts"]["via"]) == ("127.0.0.5", PROXY)
    assert not alice.open("/").sees("trusted_proxies")
    alice.close()


@pytest.mark.parametrize("name", [*EVERY_FORGED, "all of them"])
def test_forwarding_headers_of_the_client_are_ignored(front: ProxiedServer, name: str) -> None:
    """Only the part that the proxy appended counts."""
    forged = EVERY_FORGED if name == "all of them" else {name: EVERY_FORGED[name]}
    alice = person(front, "127.0.0.6", **forged).login()
    assert alice.heading == "Overview"
    row = logins(front)[-1]
    assert (row["address"], row["facts"]["via"]) == ("127.0.0.6", PROXY)
    alice.close()


def test_redirects_keep_the_public_address(front: ProxiedServer) -> None:
    alice = person(front, "127.0.0.5").login()
    (moved,) = alice.response.history
    assert moved.status_code == 303
    assert moved.headers["location"] == "/"
    assert alice.response.url == front.console + "/"
    alice.close()


def test_form_is_accepted_only_from_the_public_origin(front: ProxiedServer) -> None:
    for origin, status in ((front.console, 200), ("https://evil.example", 403),
                           (front.api, 403), ("null", 403)):  # fmt: skip
        alice = person(front, "127.0.0.5", Origin=origin).login()
        assert alice.response.status_code == status, origin
        alice.close()


def test_api_rejects_foreign_origins(front: ProxiedServer) -> None:
    for origin, status in ((front.api, 400), (front.console, 403), ("https://evil.example", 403)):
        answer = requests.post(
            front.api + "/api/v1/administrators", data=b"", verify=str(front.ca), timeout=30,
            auth=("alice", PASSWORD), headers={"Origin": origin},
        )  # fmt: skip
        assert (answer.status_code == 403) == (status == 403), origin


def test_cookies_stay_secure(front: ProxiedServer) -> None:
    alice = person(front, "127.0.0.5").login()
    sent = alice.response.history[0].headers["set-cookie"]
    cookies = re.split(r", (?=__Host-)", sent)
    assert len(cookies) >= 2
    assert all("; Secure; HttpOnly; SameSite=Strict" in cookie for cookie in cookies)
    alice.close()


def test_throttling_counts_the_client_and_not_the_proxy(front: ProxiedServer) -> None:
    guesser, neighbour = person(front, "127.0.0.7"), person(front, "127.0.0.8")
    statuses = [
        guesser.login(f"nobody{n}", "wrong wrong wrong").response.status_code for n in range(21)
    ]
    assert statuses == [422] * 20 + [429]
    assert neighbour.login().heading == "Overview"
    guesser.close()
    neighbour.close()


def test_metrics_require_authentication(front: ProxiedServer) -> None:
    answer = requests.get(front.api + "/metrics", verify=str(front.ca), timeout=30)
    assert answer.status_code == 401


def test_browser_logs_in_and_out(front: ProxiedServer, chromium: Chromium) -> None:
    flag = f"--host-resolver-rules=MAP *.example.org {PROXY}"
    with chromium.trusting(front.ca, flag) as visitor:
        seen = visitor.open()
        login(seen.page, front, "alice")
        assert seen.page.get_by_role("heading", level=1).inner_text() == "Overview"
        press(seen.page, "Logout")
        assert seen.page.url.startswith(front.console + "/")
        assert seen.hosts == {front.console.removeprefix("https://")}
        assert seen.complaints() == []


def test_proxy_that_rewrites_host_keeps_the_console_origin(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The console's origin is `console_url`, independent of the header `Host`."""
    settings = re.sub(r".*set_header (Host|X-Forwarded-Host).*\n", "", NGINX.settings)
    assert settings.count("proxy_set_header") == NGINX.settings.count("proxy_set_header") - 4
    kind = Kind("rewriting", settings, NGINX.toml, NGINX.around, NGINX.command)
    with reverse_proxies.running(tmp_path_factory.mktemp("front") / "f", kind) as front:
        front.create("alice")
        alice = person(front, "127.0.0.5", Origin=front.console).login()
        assert alice.heading == "Overview"
        alice.close()
        attacker = person(front, "127.0.0.5", Origin="https://evil.example").login()
        assert attacker.response.status_code == 403
        attacker.close()


GZIP = "gzip on; gzip_types application/json; gzip_min_length 1; gzip_proxied any;"
DEFLATE = """
LoadModule filter_module {modules}/mod_filter.so
LoadModule deflate_module {modules}/mod_deflate.so
AddOutputFilterByType DEFLATE application/json
"""
COMPRESSING = (
    (replace(NGINX, around=NGINX.around.replace("access_log off;", GZIP)), 'W/"'),
    (replace(APACHE, around=APACHE.around.replace("{settings}", DEFLATE + "{settings}")), '-gzip"'),
)


@pytest.mark.parametrize(("kind", "mark"), COMPRESSING, ids=lambda each: getattr(each, "name", ""))
def test_conditional_change_succeeds_through_compressing_proxy(
    tmp_path: Path, kind: Kind, mark: str
) -> None:
    """Both proxies change the tag, and the client sends back the changed one."""
    with reverse_proxies.running(tmp_path / "f", kind) as front:
        front.create("alice")
        url = front.api + "/api/v1/administrators/alice"

        def call(method: str, body: Any = None, **headers: str) -> requests.Response:
            return requests.request(
                method, url, json=body, headers=headers, auth=("alice", PASSWORD), timeout=30,
                verify=str(front.ca),
            )  # fmt: skip

        read = call("GET")
        assert read.headers["content-encoding"] == "gzip"
        tag = read.headers["etag"]
        assert mark in tag
        assert call("GET", **{"If-None-Match": tag}).status_code == 304
        assert call("PATCH", {"full_name": "A"}, **{"If-Match": tag}).status_code == 200
        assert call("PATCH", {"full_name": "B"}, **{"If-Match": tag}).status_code == 412


def test_documented_settings_give_no_warning_about_proxy_names(
    tmp_path: Path,
) -> None:
    """The CA is older and covers this host only; browsers see the proxy's certificate."""
    data = tmp_path / "data"
    with Served.running(data):
        pass
    (data / "watchword.toml").write_text(NGINX.toml)
    with Served.running(data) as served:
        assert served.complaints == []
        checks = json.loads(command(data, "doctor", "--json").stdout)["checks"]
    levels = {check["name"]: check["level"] for check in checks}
    about = ("certificate", "certificate-names", "local-ca", "proxies", "console-port", "api-port")
    assert {levels[name] for name in about} == {"ok"}
