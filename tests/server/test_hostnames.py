"""Names of the certificate and printed address, for each listen address."""

from __future__ import annotations

import ipaddress
import socket
import subprocess

import pytest

from watchword.config import address, load
from watchword.crypto.certificates import Names
from watchword.server import hostnames


def names(**settings: str) -> Names:
    environ = {f"WATCHWORD_{name.upper()}": value for name, value in settings.items()}
    return hostnames.names_for(load(environ=environ).settings)


def held_by_the_interfaces() -> set[str]:
    """Return the machine's addresses from `ip`, without loopback and link-local ones."""
    done = subprocess.run(
        ["ip", "-oneline", "address", "show", "scope", "global"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return {line.split()[3].partition("/")[0] for line in done.stdout.splitlines()}


def test_on_loopback_no_address_of_the_network_is_named() -> None:
    assert names().addresses == ("127.0.0.1", "::1")
    assert names(console="127.0.0.2:8470").addresses == ("127.0.0.1", "::1", "127.0.0.2")


@pytest.mark.parametrize("console", ["0.0.0.0:8470", "[::]:8470", "[::0]:8470"])
def test_listening_everywhere_names_every_address_of_the_machine(console: str) -> None:
    expected = held_by_the_interfaces()
    found = {ipaddress.ip_address(a) for a in names(console=console).addresses}
    assert {ipaddress.ip_address(a) for a in expected} <= found
    assert not any(a.is_unspecified for a in found)


def test_the_printed_address_is_in_the_certificate() -> None:
    for listener in ("0.0.0.0:8470", "[::]:8470", "10.1.2.3:8470", "127.0.0.2:8470"):
        url = hostnames.public_url(address(listener), "")
        host = url.removeprefix("https://").removesuffix(":8470/").strip("[]")
        covered = names(console=listener)
        assert host in {*covered.dns, *covered.addresses, socket.gethostname()}
        assert not host.startswith("localhost")


@pytest.mark.parametrize("console", ["a..b:8470", "-:8470", "0:8470"])
def test_an_invalid_name_is_not_in_the_certificate(console: str) -> None:
    """An empty name in the constraints of the CA would permit every name."""
    assert set(names(console=console).dns) == set(names().dns)


def test_a_public_address_of_the_settings_is_named() -> None:
    named = names(console_url="https://a_b.example", api_url="https://[2001:db8::5]:8474")
    assert "a_b.example" in named.dns
    assert "2001:db8::5" in named.addresses
