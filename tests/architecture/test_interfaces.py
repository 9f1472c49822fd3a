"""The single list of interfaces: an interface declared by its settings is served and checked."""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPSConnection

import msgspec
import pytest

from tests.support.another_interface import MoreSettings, more_settings
from tests.support.ports import free_port
from tests.support.served import BYTECODE, ROOT
from watchword.config import titles
from watchword.config.proxies import demand_proxies
from watchword.crypto.certificates import covers, read
from watchword.domain.operational_errors import SettingsInvalid
from watchword.server.endpoint_checks import examine_interfaces
from watchword.server.hostnames import names_for
from watchword.server.interfaces import APPLICATIONS
from watchword.server.running import FILE
from watchword.usecases.operations.data_checks import examine_data
from watchword.web.http.host_check import names_of

URL = "https://annex.example.org:9478"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> MoreSettings:
    folder = tmp_path_factory.mktemp("interfaces") / "data"
    return more_settings(folder, (free_port(), free_port(), free_port()), URL)


@pytest.fixture(scope="module")
def printed(settings: MoreSettings) -> Iterator[list[str]]:
    """The lines that the server prints until it is ready. It serves until the last test."""
    ports = [at.rpartition(":")[2] for at in (settings.console, settings.api, settings.annex)]
    command = [sys.executable, "-m", "tests.support.another_interface", str(settings.data_dir)]
    with subprocess.Popen(
        [*command, *ports, URL],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | BYTECODE,
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if "ready" in line:
                break
        yield lines
        process.send_signal(signal.SIGTERM)


def test_another_interface_is_printed_with_its_address(printed: list[str]) -> None:
    assert f"Annex               {URL}/" in printed


def test_another_interface_answers_requests(printed: list[str], settings: MoreSettings) -> None:
    context = ssl.create_default_context(cafile=str(settings.data_dir / "tls" / "ca.crt"))
    port = int(settings.annex.rpartition(":")[2])
    connection = HTTPSConnection("localhost", port, timeout=30, context=context)
    connection.request("GET", "/")
    answer = connection.getresponse()
    assert (answer.status, answer.read()[:13]) == (404, b"404 Not Found")
    connection.close()
    recorded = json.loads((settings.data_dir / FILE).read_text())
    assert (recorded["annex"], recorded["annex_url"]) == (settings.annex, URL)


def test_another_interface_is_in_the_certificate(
    printed: list[str], settings: MoreSettings
) -> None:
    assert covers(read(settings.data_dir / "tls" / "server.crt"), "annex.example.org")
    elsewhere = msgspec.structs.replace(settings, annex="192.0.2.7:8478")
    assert "192.0.2.7" in names_for(elsewhere).addresses
    assert "annex.example.org" in names_of(settings)


def test_another_interface_is_checked_by_the_doctor(
    printed: list[str], settings: MoreSettings
) -> None:
    found = {f.check: f.name for f in examine_interfaces(settings, datetime.now(UTC))}
    assert found["annex-port"] == "annex-port.ours"
    assert found["api-port"] == "api-port.ours"


def test_another_interface_needs_a_public_address_behind_a_proxy(
    printed: list[str], settings: MoreSettings
) -> None:
    behind = msgspec.structs.replace(
        settings, trusted_proxies="192.0.2.1", console_url=URL, api_url=URL, annex_url=""
    )
    found = {f.check: f for f in examine_data(behind, datetime.now(UTC))}["proxies"]
    assert (found.name, found.facts) == ("proxies.no-public-address", {"settings": "annex_url"})


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"insecure_plain_http_on_loopback": True, "annex": "192.0.2.7:8478"}, "not-loopback"),
        ({"plain_http_behind_trusted_proxy": True, "trusted_proxies": "192.0.2.1",
          "console_url": URL, "api_url": URL, "annex_url": ""}, "needs-proxy"),
    ],
)  # fmt: skip
def test_another_interface_is_included_in_the_checks_of_plain_http(
    settings: MoreSettings, changes: dict[str, str], problem: str
) -> None:
    origins = dict.fromkeys(settings.__struct_fields__, "file")
    with pytest.raises(SettingsInvalid) as refused:
        demand_proxies(msgspec.structs.replace(settings, **changes), origins)
    assert refused.value.facts["problem"] == problem
    assert refused.value.facts.get("lacking", "annex_url") == "annex_url"


def test_each_interface_of_the_product_has_an_application() -> None:
    assert set(titles()) == set(APPLICATIONS)
