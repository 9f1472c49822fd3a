"""The listeners without the product: signals, draining and renewed certificates."""

from __future__ import annotations

import contextlib
import signal
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException, HTTPSConnection
from pathlib import Path

import pytest

from tests.support.interface_process import Interfaces, ask, running, shown_by


@pytest.fixture
def interfaces(tmp_path: Path) -> Iterator[Interfaces]:
    with running(tmp_path / "tls") as opened:
        yield opened


def test_each_port_has_its_own_app(interfaces: Interfaces) -> None:
    assert (interfaces.get("/", 0), interfaces.get("/", 1)) == ("console", "api")


def test_an_answer_has_a_date_and_names_no_server(interfaces: Interfaces) -> None:
    connection = interfaces.connection()
    connection.request("GET", "/")
    with connection.getresponse() as answer:
        headers = answer.headers
    connection.close()
    assert "server" not in headers
    assert "date" in headers


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_1_2_and_1_3_are_spoken(interfaces: Interfaces, version: ssl.TLSVersion) -> None:
    trusting = ssl.create_default_context(cafile=str(interfaces.folder / "ca.crt"))
    trusting.minimum_version = trusting.maximum_version = version
    connection = HTTPSConnection("localhost", interfaces.ports[0], timeout=30, context=trusting)
    assert ask(connection, "/") == "console"
    connection.close()


# --- a certificate that changes -------------------------------------------------------------
def test_a_renewal_reaches_both_interfaces_and_keeps_connections(
    interfaces: Interfaces,
) -> None:
    living = interfaces.connection()
    assert ask(living, "/") == "console"
    before = shown_by(living)
    assert interfaces.get("/renew") == "True"
    for interface in (0, 1):
        fresh = interfaces.connection(interface)
        ask(fresh, "/")
        assert shown_by(fresh) != before
        fresh.close()
    assert ask(living, "/") == "console"
    assert shown_by(living) == before
    living.close()


@pytest.mark.parametrize("server_name", ["localhost", None], ids=["sni", "no-sni"])
def test_a_renewal_is_shown_with_and_without_a_server_name(
    interfaces: Interfaces, server_name: str | None
) -> None:
    unchecked = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    unchecked.check_hostname = False
    unchecked.load_verify_locations(interfaces.folder / "ca.crt")

    def shown() -> bytes | None:
        with socket.create_connection(("127.0.0.1", interfaces.ports[1])) as plain:
            with unchecked.wrap_socket(plain, server_hostname=server_name) as wrapped:
                return wrapped.getpeercert(binary_form=True)

    before = shown()
    interfaces.get("/renew")
    assert shown() != before


def test_a_bad_pair_is_refused_and_both_interfaces_continue(interfaces: Interfaces) -> None:
    (interfaces.folder / "server.key").write_bytes((interfaces.folder / "ca.key").read_bytes())
    assert interfaces.get("/reload") == "place-unusable"
    assert (interfaces.get("/", 0), interfaces.get("/", 1)) == ("console", "api")


# --- the end --------------------------------------------------------------------------------
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_requests_under_way_are_completed_before_the_end(
    interfaces: Interfaces, number: signal.Signals
) -> None:
    with ThreadPoolExecutor(2) as threads:
        answers = [threads.submit(interfaces.get, "/late", interface) for interface in (0, 1)]
        assert [interfaces.next_line(), interfaces.next_line()] == ["begun", "begun"]
        interfaces.send(number)
        assert [a.result(10) for a in answers] == ["late", "late"]
    assert interfaces.next_line() == "ended"
    assert interfaces.ended(within=5) == 0


def test_no_connection_is_accepted_during_the_drain(interfaces: Interfaces) -> None:
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(interfaces.get, "/late")
        assert interfaces.next_line() == "begun"
        interfaces.send(signal.SIGTERM)
        with pytest.raises(OSError):  # noqa: PT011 - refused, reset or closed
            ask_until_refused(interfaces)
        assert answer.result(10) == "late"


def ask_until_refused(interfaces: Interfaces) -> None:
    while True:
        interfaces.get("/")


def leave_hanging(interfaces: Interfaces) -> threading.Thread:
    """Send a request that occupies a worker thread for longer than the server drains."""

    def get() -> None:
        with contextlib.suppress(OSError, HTTPException):
            interfaces.get("/stuck")

    thread = threading.Thread(target=get)
    thread.start()
    assert interfaces.next_line() == "begun"
    return thread


def test_a_stuck_thread_delays_the_end_by_ten_seconds_at_most(interfaces: Interfaces) -> None:
    hanging = leave_hanging(interfaces)
    interfaces.send(signal.SIGTERM)
    assert interfaces.ended(within=10.5) == 0
    hanging.join(5)


def test_a_second_signal_ends_immediately(interfaces: Interfaces) -> None:
    hanging = leave_hanging(interfaces)
    interfaces.send(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        interfaces.ended(within=0.5)
    interfaces.send(signal.SIGINT)
    assert interfaces.ended(within=2) == 0
    hanging.join(5)
