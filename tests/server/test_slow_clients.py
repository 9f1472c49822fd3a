"""Slow clients and too many connections are disconnected, without effect on others."""

from __future__ import annotations

import contextlib
import resource
import socket
import ssl
import threading
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest
import requests

from tests.support.interface_process import CLIENT, Interfaces, ask, rest_of, running
from tests.support.interfaces import LARGE
from tests.support.person import Person
from tests.support.served import Served
from watchword.domain.forwarded import Trusted
from watchword.server.limits import Gate, Limits

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
SHORT = {
    "handshake_seconds": 1, "head_seconds": 1, "body_seconds": 1, "write_seconds": 0.3,
    "idle_seconds": 1, "goodbye_seconds": 0.1,
}  # fmt: skip


@pytest.fixture(scope="module")
def interfaces(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Interfaces]:
    with running(tmp_path_factory.mktemp("interfaces") / "tls", SHORT) as opened:
        yield opened


def drip(connection: socket.socket, part: bytes) -> None:
    """Send small parts until the server closes the connection."""
    with contextlib.suppress(OSError):
        while True:
            connection.sendall(part)
            threading.Event().wait(0.05)


# --- slow clients ---------------------------------------------------------------------------
@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01\x02\x00"], ids=["nothing", "half a hello"])
def test_a_handshake_without_end_is_closed(interfaces: Interfaces, said: bytes) -> None:
    with interfaces.plain() as connection:
        connection.sendall(said)
        assert rest_of(connection) == b""


def test_a_silent_client_is_disconnected_after_the_handshake(interfaces: Interfaces) -> None:
    with interfaces.raw() as connection:
        assert rest_of(connection) == b""


def test_half_a_head_is_answered_408_and_closed(interfaces: Interfaces) -> None:
    with interfaces.raw() as connection:
        connection.sendall(HEAD)
        assert rest_of(connection).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("begun", [HEAD, b""], ids=["fields", "empty lines"])
def test_a_slow_head_does_not_extend_its_deadline(interfaces: Interfaces, begun: bytes) -> None:
    with interfaces.raw() as connection:
        connection.sendall(begun)
        drip(connection, b"X: y\r\n" if begun else b"\r\n")


def test_half_a_body_is_answered_408_and_is_not_acted_upon(interfaces: Interfaces) -> None:
    with interfaces.raw() as connection:
        connection.sendall(POST + b"half")
        assert rest_of(connection).startswith(b"HTTP/1.1 408 ")
    assert "/slow" not in interfaces.get("/seen").split()


def test_a_body_whose_client_hangs_up_is_not_acted_upon(interfaces: Interfaces) -> None:
    with interfaces.raw() as connection:
        connection.sendall(POST + b"half")
    assert "/slow" not in interfaces.get("/seen").split()


def test_a_connection_without_a_next_request_is_closed(interfaces: Interfaces) -> None:
    with interfaces.raw() as connection:
        connection.sendall(HEAD + b"\r\n")
        assert rest_of(connection).endswith(b"\r\n\r\nconsole")


def test_a_pipelined_request_is_not_idle(interfaces: Interfaces) -> None:
    """Half of it arrives with the first one, and its answer takes longer than the idle time."""
    with interfaces.raw() as connection:
        connection.sendall(HEAD + b"\r\n" + b"GET /late HTTP/1.1\r\n")
        while not connection.recv(1000).endswith(b"console"):
            pass
        connection.sendall(b"Host: localhost\r\nConnection: close\r\n\r\n")
        assert rest_of(connection).endswith(b"\r\n\r\nlate")
    assert interfaces.next_line() == "begun"


def test_half_a_pipelined_head_waits_for_the_answer_before_it(tmp_path: Path) -> None:
    """The server does not read while it answers, so the deadline starts again."""
    with running(tmp_path / "tls", {"head_seconds": 1.5}) as interfaces:
        with interfaces.raw() as connection:
            late = HEAD.replace(b"/ ", b"/late ") + b"\r\n"
            connection.sendall(late + b"GET / HTTP/1.1\r\n")
            while (more := connection.recv(1000)) and not more.endswith(b"late"):
                pass
            connection.sendall(b"Host: localhost\r\nConnection: close\r\n\r\n")
            assert rest_of(connection).endswith(b"\r\n\r\nconsole")


def test_empty_lines_do_not_keep_a_connection(interfaces: Interfaces) -> None:
    with interfaces.raw() as connection:
        connection.sendall(HEAD + b"\r\n")
        connection.recv(1000)
        drip(connection, b"\r\n")


def test_a_client_that_does_not_read_its_answer_is_disconnected(interfaces: Interfaces) -> None:
    with interfaces.raw() as connection:
        connection.sendall(HEAD.replace(b"/ ", b"/large ") + b"\r\n")
        threading.Event().wait(3)
        assert len(rest_of(connection)) < LARGE


def test_a_client_that_does_not_read_an_export_is_disconnected(tmp_path: Path) -> None:
    """The application waits for the client, so the answer never ends and the idle time never starts."""
    with (
        running(tmp_path / "tls", {"write_seconds": 0.3}) as interfaces,
        interfaces.raw() as connection,
    ):
        connection.sendall(HEAD.replace(b"/ ", b"/pieces ") + b"Connection: close\r\n\r\n")
        threading.Event().wait(3)
        assert len(rest_of(connection)) < LARGE // 2  # buffered by the kernel


@pytest.mark.parametrize("path", ["/large", "/pieces"])
def test_a_client_that_reads_gets_the_whole_of_a_long_answer(
    interfaces: Interfaces, path: str
) -> None:
    assert len(interfaces.get(path)) == LARGE


def test_a_client_that_reads_longer_than_the_idle_time_gets_the_whole_answer(
    tmp_path: Path,
) -> None:
    """The end of a long answer is buffered for a slow line; the client is not idle."""
    limits = {"idle_seconds": 1, "goodbye_seconds": 0.1, "write_seconds": 20}
    with running(tmp_path / "tls", limits) as interfaces, interfaces.raw() as connection:
        connection.sendall(HEAD.replace(b"/ ", b"/large ") + b"\r\n")
        threading.Event().wait(1.5)
        assert len(rest_of(connection)) > LARGE


def test_a_client_that_was_slow_once_is_not_disconnected_later(tmp_path: Path) -> None:
    """The deadline for reading is cancelled when the client reads."""
    with running(tmp_path / "tls", {"write_seconds": 2}) as interfaces:
        connection = interfaces.connection()
        assert len(ask(connection, "/pieces")) == LARGE
        threading.Event().wait(3)
        assert ask(connection, "/") == "console"
        connection.close()


def test_a_slow_client_does_not_affect_others(interfaces: Interfaces) -> None:
    with interfaces.raw() as slow, interfaces.plain() as silent:
        slow.sendall(HEAD)
        for _ in range(20):
            assert (interfaces.get("/", 0), interfaces.get("/", 1)) == ("console", "api")
        assert rest_of(slow).startswith(b"HTTP/1.1 408 ")
        assert rest_of(silent) == b""


def test_a_long_running_answer_is_not_cut(interfaces: Interfaces) -> None:
    """The answer takes longer than any deadline of a client."""
    assert interfaces.get("/late") == "late"
    assert interfaces.next_line() == "begun"


# --- connections ----------------------------------------------------------------------------
def is_accepted(interfaces: Interfaces, source: str = CLIENT) -> bool:
    try:
        with interfaces.raw(source=source) as connection:
            connection.sendall(HEAD + b"Connection: close\r\n\r\n")
            return rest_of(connection).startswith(b"HTTP/1.1 200 ")
    except (OSError, ssl.SSLError):
        return False


def test_a_full_interface_rejects_clients_until_one_leaves(tmp_path: Path) -> None:
    with running(tmp_path / "tls", {"connections": 3}) as interfaces:
        inside: list[socket.socket] = [interfaces.raw(), interfaces.raw(), interfaces.plain()]
        assert not is_accepted(interfaces)
        assert interfaces.get("/", interface=1) == "api"
        inside.pop().close()
        while not is_accepted(interfaces):  # until the server notices the closed connection
            pass
        for each in inside:
            each.close()


def test_rejected_connections_are_logged_in_few_lines(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A flood of connections does not fill the log: each line is for twice as many."""
    with running(tmp_path / "tls", {"connections": 1}) as interfaces:
        with interfaces.raw():
            for _ in range(9):
                with interfaces.plain() as connection:
                    assert rest_of(connection) == b""
    lines = [line for line in capfd.readouterr().err.splitlines() if "too many" in line]
    assert lines == [
        f"too many connections: {count} rejected, the last from {CLIENT}" for count in (1, 2, 4, 8)
    ]


def test_an_interface_without_free_files_logs_it_and_continues_later(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A client that connects meanwhile waits in the backlog and is accepted later."""
    with running(tmp_path / "tls") as interfaces:
        pid, before = interfaces.process.pid, resource.getrlimit(resource.RLIMIT_NOFILE)
        used = {int(each.name) for each in Path(f"/proc/{pid}/fd").iterdir()}
        none_left = next(number for number in range(len(used) + 1) if number not in used)
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE, (none_left, before[1]))
        with interfaces.plain() as waiting:
            output = ""
            while "accepting connections pauses for a moment: Too many open files" not in output:
                threading.Event().wait(0.02)
                output += capfd.readouterr().err
            resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
            trusting = ssl.create_default_context(cafile=str(interfaces.folder / "ca.crt"))
            with trusting.wrap_socket(waiting, server_hostname="localhost") as let_in:
                let_in.sendall(HEAD + b"Connection: close\r\n\r\n")
                assert rest_of(let_in).endswith(b"console")


@pytest.mark.parametrize("leaves", ["handshake", "request"])
def test_a_closed_connection_is_no_longer_counted(tmp_path: Path, leaves: str) -> None:
    """With and without a completed handshake."""
    with running(tmp_path / "tls", {"connections": 2}) as interfaces:
        for _ in range(20):
            if leaves == "handshake":
                with interfaces.plain() as connection:
                    connection.sendall(b"no TLS at all\r\n")
                    rest_of(connection)
            else:
                assert is_accepted(interfaces)
        assert is_accepted(interfaces)


def test_one_peer_does_not_fill_an_interface(tmp_path: Path) -> None:
    limits = {"connections_of_one_peer": 2, "exempts_loopback": False}
    with running(tmp_path / "tls", limits) as interfaces:
        with interfaces.raw(), interfaces.plain():
            assert not is_accepted(interfaces)
            assert is_accepted(interfaces, source="127.0.0.2")


def test_loopback_is_exempt_from_the_limit_of_one_peer(tmp_path: Path) -> None:
    with running(tmp_path / "tls", {"connections_of_one_peer": 2}) as interfaces:
        with interfaces.raw(), interfaces.raw(), interfaces.raw():
            assert is_accepted(interfaces)


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("::1", "::1", False),
        ("127.0.0.1", "127.0.0.1", False),
        ("::ffff:127.0.0.1", "::ffff:127.0.0.1", False),
    ],
)
def test_one_peer_is_an_ipv4_address_or_an_ipv6_network(
    first: str, second: str, is_one: bool
) -> None:
    gate = Gate(Limits(connections_of_one_peer=1))
    leave = gate.enter(first)
    assert leave is not None
    assert (gate.enter(second) is None) == is_one
    leave()
    leave()
    assert gate.enter(first) is not None


def test_a_trusted_proxy_is_exempt_from_the_limit_of_one_peer() -> None:
    gate = Gate(Limits(connections_of_one_peer=1, trusted=Trusted((ip_network("192.0.2.1"),))))
    assert [gate.enter("192.0.2.1") is None for _ in range(3)] == [False] * 3
    assert [gate.enter("192.0.2.2") is None for _ in range(3)] == [False, True, True]
    full = Gate(Limits(connections=1, trusted=Trusted((ip_network("192.0.2.1"),))))
    assert [full.enter("192.0.2.1") is None for _ in range(2)] == [False, True]


def test_with_few_open_files_a_flood_at_one_interface_leaves_the_other_one_open(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with running(tmp_path / "tls", {"handshake_seconds": 120}, files=128) as interfaces:
        with contextlib.ExitStack() as flood:
            for _ in range(200):
                flood.enter_context(interfaces.plain())
            for _ in range(5):
                assert interfaces.get("/", interface=1) == "api"
        while not is_accepted(interfaces):
            pass
    assert (
        "only 128 files may be open, so an interface accepts 16 connections"
        in capfd.readouterr().err
    )


# --- two thousand ---------------------------------------------------------------------------
@pytest.fixture
def many_files() -> Iterator[None]:
    """Raise the limit of open files of this process, which has the other end of each connection."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def open_sockets(pid: int) -> int:
    links = Path(f"/proc/{pid}/fd").iterdir()
    return sum("socket:" in str(link.readlink()) for link in list(links))


@pytest.mark.usefixtures("many_files")
def test_two_thousand_idle_connections_do_not_block_others(tmp_path: Path) -> None:
    patient = {"handshake_seconds": 200, "head_seconds": 200, "idle_seconds": 200}
    with running(tmp_path / "tls", patient) as interfaces, contextlib.ExitStack() as idle:
        for number in range(1000):
            connection = idle.enter_context(interfaces.raw())
            if number % 2:
                connection.sendall(HEAD)
        for _ in range(1000):
            idle.enter_context(interfaces.plain())
        assert (interfaces.get("/", 0), interfaces.get("/", 1)) == ("console", "api")
        living = interfaces.connection()
        assert ask(living, "/") == "console"
        assert open_sockets(interfaces.process.pid) >= 2000
        assert ask(living, "/") == "console"
        living.close()


@pytest.mark.usefixtures("many_files")
def test_a_login_works_with_two_thousand_idle_connections(served: Served) -> None:
    served.create("alice")
    with contextlib.ExitStack() as idle:
        for port in (served.console_port, served.api_port):
            for _ in range(1000):
                at = ("127.0.0.1", port)
                idle.enter_context(socket.create_connection(at, source_address=(CLIENT, 0)))
        person = Person(served).login()
        assert person.heading == "Overview"
        person.close()
        live = requests.get(f"{served.api}/health/live", verify=str(served.ca), timeout=30)
        assert live.status_code == 200


def test_as_many_files_as_the_system_allows_may_be_open(served: Served) -> None:
    """The usual soft limit of 1,024 exists for programs that use select()."""
    limits = Path(f"/proc/{served.process.pid}/limits").read_text()
    line = next(line for line in limits.splitlines() if line.startswith("Max open files"))
    soft, hard = line.split()[3:5]
    assert soft == hard
