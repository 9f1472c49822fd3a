"""The listeners alone: signals, draining, and a certificate that changes under way."""

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

from tests.support.door_process import Doors, ask, running, shown_by


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[Doors]:
    with running(tmp_path / "tls") as opened:
        yield opened


def test_each_port_has_its_own_app(doors: Doors) -> None:
    assert (doors.get("/", 0), doors.get("/", 1)) == ("console", "api")


def test_an_answer_has_a_date_and_names_no_server(doors: Doors) -> None:
    connection = doors.connection()
    connection.request("GET", "/")
    with connection.getresponse() as answer:
        headers = answer.headers
    connection.close()
    assert "server" not in headers
    assert "date" in headers


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_1_2_and_1_3_are_spoken(doors: Doors, version: ssl.TLSVersion) -> None:
    trusting = ssl.create_default_context(cafile=str(doors.folder / "ca.crt"))
    trusting.minimum_version = trusting.maximum_version = version
    connection = HTTPSConnection("localhost", doors.ports[0], timeout=30, context=trusting)
    assert ask(connection, "/") == "console"
    connection.close()


# --- a certificate that changes -------------------------------------------------------------
def test_a_renewal_reaches_both_doors_and_a_living_connection_lives_on(doors: Doors) -> None:
    living = doors.connection()
    assert ask(living, "/") == "console"
    before = shown_by(living)
    assert doors.get("/renew") == "True"
    for door in (0, 1):
        fresh = doors.connection(door)
        ask(fresh, "/")
        assert shown_by(fresh) != before
        fresh.close()
    assert ask(living, "/") == "console"
    assert shown_by(living) == before
    living.close()


@pytest.mark.parametrize("server_name", ["localhost", None], ids=["sni", "no-sni"])
def test_a_renewal_is_shown_with_and_without_a_server_name(
    doors: Doors, server_name: str | None
) -> None:
    unchecked = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    unchecked.check_hostname = False
    unchecked.load_verify_locations(doors.folder / "ca.crt")

    def shown() -> bytes | None:
        with socket.create_connection(("127.0.0.1", doors.ports[1])) as plain:
            with unchecked.wrap_socket(plain, server_hostname=server_name) as wrapped:
                return wrapped.getpeercert(binary_form=True)

    before = shown()
    doors.get("/renew")
    assert shown() != before


def test_a_bad_pair_is_refused_and_both_doors_go_on(doors: Doors) -> None:
    (doors.folder / "server.key").write_bytes((doors.folder / "ca.key").read_bytes())
    assert doors.get("/reload") == "place-unusable"
    assert (doors.get("/", 0), doors.get("/", 1)) == ("console", "api")


# --- the end --------------------------------------------------------------------------------
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_answers_under_way_at_both_doors_are_given_before_the_end(
    doors: Doors, number: signal.Signals
) -> None:
    with ThreadPoolExecutor(2) as threads:
        answers = [threads.submit(doors.get, "/late", door) for door in (0, 1)]
        assert [doors.next_line(), doors.next_line()] == ["begun", "begun"]
        doors.send(number)
        assert [a.result(10) for a in answers] == ["late", "late"]
    assert doors.next_line() == "ended"
    assert doors.ended(within=5) == 0


def test_while_it_drains_nobody_new_is_let_in(doors: Doors) -> None:
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(doors.get, "/late")
        assert doors.next_line() == "begun"
        doors.send(signal.SIGTERM)
        with pytest.raises(OSError):  # noqa: PT011 - refused, reset or ended, as it happens
            ask_for_ever(doors)
        assert answer.result(10) == "late"


def ask_for_ever(doors: Doors) -> None:
    while True:
        doors.get("/")


def leave_hanging(doors: Doors) -> threading.Thread:
    """A request that a thread of the server works at for longer than anyone waits."""

    def get() -> None:
        with contextlib.suppress(OSError, HTTPException):
            doors.get("/stuck")

    thread = threading.Thread(target=get)
    thread.start()
    assert doors.next_line() == "begun"
    return thread


def test_a_stuck_thread_holds_the_end_for_ten_seconds_at_most(doors: Doors) -> None:
    hanging = leave_hanging(doors)
    doors.send(signal.SIGTERM)
    assert doors.ended(within=10.5) == 0
    hanging.join(5)


def test_a_second_signal_ends_at_once(doors: Doors) -> None:
    hanging = leave_hanging(doors)
    doors.send(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        doors.ended(within=0.5)
    doors.send(signal.SIGINT)
    assert doors.ended(within=2) == 0
    hanging.join(5)
