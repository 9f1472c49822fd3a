"""SIGHUP: certificate and settings are reloaded, and connections stay open."""

from __future__ import annotations

import shutil
import signal
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPSConnection
from pathlib import Path

import pytest

from tests.support.served import Served
from tests.support.service_manager import Manager, listening
from watchword.crypto import live_certificate
from watchword.crypto.certificates import Names

NAMES = Names(("localhost",), ("127.0.0.1",))


@contextmanager
def reloadable(folder: Path, **environ: str) -> Iterator[tuple[Served, Manager]]:
    with listening(folder) as manager:
        variables = {"NOTIFY_SOCKET": manager.name, **environ}
        with Served.running(folder / "data", environ=variables) as served:
            manager.until(READY="1")
            yield served, manager


def hang_up(served: Served, manager: Manager) -> None:
    """Send SIGHUP and wait for the end of the reload."""
    served.process.send_signal(signal.SIGHUP)
    manager.until(RELOADING="1")
    manager.until(READY="1")


def pair(folder: Path) -> tuple[Path, Path]:
    """Make a certificate of another CA, like an operator's."""
    live_certificate.local(folder, NAMES, NAMES.dns, datetime.now(UTC))
    return folder / "server.crt", folder / "server.key"


def shown(port: int) -> str:
    """Return the certificate that a new connection gets."""
    unchecked = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    unchecked.check_hostname = False
    unchecked.verify_mode = ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), timeout=30) as plain:
        with unchecked.wrap_socket(plain) as wrapped:
            return ssl.DER_cert_to_PEM_cert(wrapped.getpeercert(binary_form=True) or b"")


@pytest.fixture
def own(tmp_path: Path) -> tuple[Path, Path]:
    """Certificate and key of the operator."""
    return pair(tmp_path / "first")


def environ_of(own: tuple[Path, Path]) -> dict[str, str]:
    return {"WATCHWORD_TLS_CERTIFICATE": str(own[0]), "WATCHWORD_TLS_KEY": str(own[1])}


def test_a_renewed_certificate_is_used_after_a_sighup(
    tmp_path: Path, own: tuple[Path, Path]
) -> None:
    second = pair(tmp_path / "second")
    with reloadable(tmp_path, **environ_of(own)) as (served, manager):
        before = shown(served.console_port)
        trusting = ssl.create_default_context(cafile=str(tmp_path / "first" / "ca.crt"))
        living = HTTPSConnection("127.0.0.1", served.api_port, timeout=30, context=trusting)
        living.request("GET", "/health/live")
        living.getresponse().read()
        for new, old in zip(second, own, strict=True):
            shutil.copy(new, old)
        assert shown(served.console_port) == before
        hang_up(served, manager)
        for port in (served.console_port, served.api_port):
            assert shown(port) != before
            assert second[0].read_text().startswith(shown(port))
        living.request("GET", "/health/live")
        assert living.getresponse().status == 200
        living.close()


@pytest.mark.parametrize("damage", ["another key", "no PEM", "gone"])
def test_an_invalid_pair_is_logged_and_the_current_one_stays(
    tmp_path: Path, own: tuple[Path, Path], damage: str
) -> None:
    other = pair(tmp_path / "second")
    with reloadable(tmp_path, **environ_of(own)) as (served, manager):
        before = shown(served.console_port)
        if damage == "another key":
            shutil.copy(other[1], own[1])
        elif damage == "no PEM":
            own[0].write_text("nonsense")
        else:
            own[1].unlink()
        hang_up(served, manager)
        assert [shown(served.console_port), shown(served.api_port)] == [before, before]
        assert served.stop() == 0
    lines = [line for line in served.complaints if "the current one stays in use" in line]
    assert len(lines) == 1
    assert "place-unusable" in lines[0]
    assert str(own[0]) in lines[0]


def test_the_log_level_changes_and_settings_that_need_a_restart_are_logged(tmp_path: Path) -> None:
    file = tmp_path / "watchword.toml"
    file.write_text("session_hours = 8\n")
    with reloadable(tmp_path, WATCHWORD_CONFIG=str(file)) as (served, manager):
        shown(served.console_port)
        ask(served, "/login?to=secret-of-before")
        file.write_text('session_hours = 4\nlog_level = "debug"\nlog_format = "json"\n')
        hang_up(served, manager)
        ask(served, "/login?to=secret-of-after")
        assert served.stop() == 0
    log = "".join(served.errors)
    assert "take effect at the next start: session_hours" in log
    assert "changed now: log_level, log_format" in log
    access = [line for line in served.errors if '"logger": "watchword.access"' in line]
    assert len(access) == 1
    assert "secret-of" not in log


def test_invalid_settings_are_logged_and_the_server_continues(tmp_path: Path) -> None:
    file = tmp_path / "watchword.toml"
    file.write_text("session_hours = 8\n")
    with reloadable(tmp_path, WATCHWORD_CONFIG=str(file)) as (served, manager):
        file.write_text("sesion_hours = 8\n")
        hang_up(served, manager)
        assert ask(served, "/login") == 200
        assert served.stop() == 0
    assert any("sesion_hours" in line for line in served.complaints)


def test_an_unexpected_error_at_a_sighup_changes_nothing(tmp_path: Path) -> None:
    """Deeply nested lists make the TOML reader of Python raise RecursionError."""
    file = tmp_path / "watchword.toml"
    file.write_text("session_hours = 8\n")
    with reloadable(tmp_path, WATCHWORD_CONFIG=str(file)) as (served, manager):
        file.write_text("session_hours = " + "[" * 100_000)
        hang_up(served, manager)
        assert ask(served, "/login") == 200
        file.write_text('log_level = "debug"\n')
        hang_up(served, manager)
        assert served.stop() == 0
    log = "".join(served.errors)
    assert "ERROR watchword.server: not reloaded, the current one stays in use" in log
    assert "changed now: log_level" in log


def ask(served: Served, path: str) -> int:
    trusting = ssl.create_default_context(cafile=str(served.ca))
    connection = HTTPSConnection("127.0.0.1", served.console_port, timeout=30, context=trusting)
    connection.request("GET", path)
    with connection.getresponse() as answer:
        answer.read()
        status = answer.status
    connection.close()
    return status
