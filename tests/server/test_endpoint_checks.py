"""Health checks of certificate, names, local CA and ports."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from tests.support.installation import settings_for
from tests.support.ports import free_port
from tests.support.served import Served
from watchword.config import Settings
from watchword.crypto import live_certificate
from watchword.crypto.certificates import Names, covers, read
from watchword.domain.health_checks import Code, Finding
from watchword.server.endpoint_checks import examine_interfaces

NOW = datetime(2026, 3, 14, tzinfo=UTC)
DAY = timedelta(days=1)
NAMES = Names(("localhost", "ops.example"), ("127.0.0.1", "::1"))


def settings(folder: Path, **changes: object) -> Settings:
    ports = {name: f"127.0.0.1:{free_port()}" for name in ("console", "api")}
    return msgspec.structs.replace(settings_for(folder), **{**ports, **changes})


def found(of: Settings, now: datetime = NOW) -> dict[str, Finding]:
    return {f.check: f for f in examine_interfaces(of, now)}


def made(folder: Path, names: Names = NAMES, at: datetime = NOW) -> Settings:
    live_certificate.local(folder / "tls", names, names.dns, at)
    return settings(folder)


def test_over_plain_http_it_names_the_hosts_that_are_answered(tmp_path: Path) -> None:
    url = "https://ops.example.org:8474"
    plain = settings(tmp_path, insecure_plain_http_on_loopback=True, api_url=url)
    finding = found(plain)["certificate-names"]
    assert finding.code is Code.NAMES_OF_HOST
    assert finding.facts["names"] == "127.0.0.1, localhost, ops.example.org"


# --- certificate -----------------------------------------------------------------------------
def test_before_the_first_start_no_check_fails(tmp_path: Path) -> None:
    seen = found(settings(tmp_path))
    assert {c: f.code for c, f in seen.items()} == {
        "certificate": Code.CERTIFICATE_NOT_MADE,
        "certificate-names": Code.NAMES_UNCHECKED,
        "local-ca": Code.CA_NONE,
        "console-port": Code.PORT_FREE,
        "api-port": Code.PORT_FREE,
    }
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("after", "certificate", "ca"),
    [
        (-DAY, Code.CERTIFICATE_NOT_YET, Code.CA_GOOD),
        (DAY, Code.CERTIFICATE_GOOD, Code.CA_GOOD),
        (380 * DAY, Code.CERTIFICATE_SOON, Code.CA_GOOD),
        (397 * DAY, Code.CERTIFICATE_EXPIRED, Code.CA_GOOD),
        (3500 * DAY, Code.CERTIFICATE_EXPIRED, Code.CA_SOON),
        (3650 * DAY, Code.CERTIFICATE_EXPIRED, Code.CA_EXPIRED),
    ],
)
def test_both_certificates_are_judged_by_their_days(
    tmp_path: Path, after: timedelta, certificate: Code, ca: Code
) -> None:
    seen = found(made(tmp_path), NOW + after)
    assert (seen["certificate"].code, seen["local-ca"].code) == (certificate, ca)


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, ""),
        ({"console": "0.0.0.0:8470"}, ""),
        ({"console_url": "https://ops.example:8470"}, ""),
        ({"console_url": "https://OPS.example:8470"}, ""),
        ({"console_url": "https://www.example", "api_url": "https://api.example"},
         "www.example, api.example"),
        ({"api": "10.9.8.7:8474"}, "10.9.8.7"),
        ({"api": "[::2]:8474"}, "::2"),
    ],
)  # fmt: skip
def test_an_address_outside_the_certificate_is_reported(
    tmp_path: Path, changes: dict[str, str], missing: str
) -> None:
    finding = found(msgspec.structs.replace(made(tmp_path), **changes))["certificate-names"]
    assert finding.code is (Code.NAMES_MISSING if missing else Code.NAMES_GOOD)
    assert not missing or finding.facts["names"] == missing


def test_a_wildcard_stands_for_one_label(tmp_path: Path) -> None:
    """RFC 9525, 6.3."""
    names = Names(("*.example.org",), ("127.0.0.1",))
    live_certificate.local(tmp_path, names, ("example.org",), NOW)
    certificate = read(tmp_path / "server.crt")
    assert covers(certificate, "ops.example.org")
    assert not covers(certificate, "example.org")
    assert not covers(certificate, "a.b.example.org")
    assert not covers(certificate, "127.0.0.2")


@pytest.mark.parametrize("damage", ["server.crt", "ca.crt"])
def test_an_unreadable_certificate_is_reported(tmp_path: Path, damage: str) -> None:
    of = made(tmp_path)
    (tmp_path / "tls" / damage).write_text("nothing")
    code = {"server.crt": Code.CERTIFICATE_UNUSABLE, "ca.crt": Code.CA_UNUSABLE}[damage]
    assert code in {f.code for f in found(of).values()}


def own(tmp_path: Path, certificate: str, key: str) -> Settings:
    for name in ("one", "two"):
        live_certificate.local(tmp_path / name, NAMES, NAMES.dns, NOW)
    return settings(tmp_path / "data", tls_certificate=str(tmp_path / certificate),
                    tls_key=str(tmp_path / key))  # fmt: skip


def test_an_operators_certificate_is_checked_instead(tmp_path: Path) -> None:
    seen = found(own(tmp_path, "one/server.crt", "one/server.key"))
    assert seen["certificate"].code is Code.CERTIFICATE_GOOD
    assert seen["local-ca"].code is Code.CA_NONE


@pytest.mark.parametrize("pair", [("one/server.crt", "two/server.key"), ("gone", "gone"),
                                  ("one/server.key", "one/server.key")])  # fmt: skip
def test_an_operators_pair_that_does_not_fit_is_reported(
    tmp_path: Path, pair: tuple[str, str]
) -> None:
    assert found(own(tmp_path, *pair))["certificate"].code is Code.CERTIFICATE_UNUSABLE


# --- ports -----------------------------------------------------------------------------------
def test_a_running_server_is_recognised_by_its_certificate(served: Served) -> None:
    of = settings(served.data, console=f"127.0.0.1:{served.console_port}",
                  api=f"127.0.0.1:{served.api_port}")  # fmt: skip
    seen = found(of, datetime.now(UTC))
    assert seen["console-port"].code is Code.PORT_OURS
    assert seen["api-port"].code is Code.PORT_OURS


@contextmanager
def another_program(folder: Path | None) -> Iterator[int]:
    """Run another program at a port, with its own certificate or without TLS."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(30)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if folder else None
        if context and folder:
            live_certificate.local(folder, NAMES, NAMES.dns, NOW)
            context.load_cert_chain(folder / "server.crt", folder / "server.key")

        def answer() -> None:
            connection, _ = listening.accept()
            with connection:
                if context:
                    context.wrap_socket(connection, server_side=True).close()

        thread = threading.Thread(target=answer)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


@pytest.mark.parametrize(
    ("speaks_tls", "code"), [(True, Code.PORT_TAKEN), (False, Code.PORT_UNUSABLE)]
)
def test_a_port_of_another_program_is_reported(
    tmp_path: Path, speaks_tls: bool, code: Code
) -> None:
    of = made(tmp_path)
    with another_program(tmp_path / "else" if speaks_tls else None) as port:
        of = msgspec.structs.replace(of, console=f"127.0.0.1:{port}")
        finding = found(of)["console-port"]
    assert finding.code is code
    assert finding.facts["reason"] == "Address already in use"
    assert finding.facts["setting"] == "console"


def test_an_address_of_another_host_is_reported(tmp_path: Path) -> None:
    of = msgspec.structs.replace(settings(tmp_path), api="192.0.2.1:8474")
    finding = found(of)["api-port"]
    assert finding.code is Code.PORT_UNUSABLE
    assert finding.facts["reason"] == "Cannot assign requested address"


def test_behind_a_proxy_the_public_names_are_the_proxys(tmp_path: Path) -> None:
    """The proxy presents its own certificate for them."""
    public = {"console_url": "https://c.example.org", "api_url": "https://a.example.org"}
    of = msgspec.structs.replace(made(tmp_path), **public)
    assert found(of)["certificate-names"].code is Code.NAMES_MISSING
    of = msgspec.structs.replace(of, trusted_proxies="127.0.0.1")
    assert found(of)["certificate-names"].code is Code.NAMES_GOOD
