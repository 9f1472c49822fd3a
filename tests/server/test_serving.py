"""`watchword serve`: certificate, ports, locks, signals."""

from __future__ import annotations

import base64
import os
import signal
import socket
import sqlite3
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPResponse
from pathlib import Path

import pytest
import requests
from cryptography import x509

from tests.cli.test_command_line import command
from tests.support import forked
from tests.support.person import Person
from tests.support.ports import free_port
from tests.support.served import PASSWORD, Served
from tests.support.walk import Answer, demand_headers
from watchword import __version__
from watchword.config import Address, address, load
from watchword.crypto import live_certificate
from watchword.crypto.certificates import Names
from watchword.crypto.live_certificate import LiveCertificate
from watchword.domain.operational_errors import PlaceUnusable
from watchword.server import hostnames, listeners

NOW = datetime(2026, 3, 14, tzinfo=UTC)
NAMES = Names(("localhost", "ops.example"), ("127.0.0.1", "::1"))


def serve(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a server that is expected not to start."""
    ports = ("--console", f"127.0.0.1:{free_port()}", "--api", f"127.0.0.1:{free_port()}")
    return forked.run_whole(["serve", "--data-dir", str(data), *ports, *arguments], os.environ, "")


# --- TLS -------------------------------------------------------------------------------------
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_curl_connects_with_the_local_ca(served: Served, host: str) -> None:
    url = f"https://{host}:{served.console_port}/login"
    done = subprocess.run(
        ["curl", "--silent", "--fail", "--cacert", str(served.ca), "--output", "/dev/null", url],
        check=False,
    )
    assert done.returncode == 0


def test_the_ca_is_offered_and_its_fingerprint_is_the_one_printed(served: Served) -> None:
    offered = requests.get(f"{served.console}/ca.crt", verify=str(served.ca), timeout=30)
    assert offered.content == served.ca.read_bytes()
    command = ["openssl", "x509", "-noout", "-fingerprint", "-sha256"]
    done = subprocess.run(command, input=offered.content, capture_output=True, check=True)
    fingerprint = done.stdout.decode().strip().partition("=")[2]
    assert any(line.endswith(fingerprint) for line in served.output)


def test_openssl_verifies_the_chain(served: Served) -> None:
    leaf = str(served.data / "tls" / "server.crt")
    command = ["openssl", "verify", "-x509_strict", "-CAfile", str(served.ca), leaf]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(
    ("cipher", "is_accepted"),
    [("ECDHE-ECDSA-AES256-GCM-SHA384", True), ("ECDHE-ECDSA-CHACHA20-POLY1305", True),
     ("ECDHE-ECDSA-AES256-SHA384", False), ("ECDHE-ECDSA-AES128-SHA", False)],
)  # fmt: skip
def test_a_client_of_tls_1_2_gets_no_cbc_cipher(
    served: Served, cipher: str, is_accepted: bool
) -> None:
    for port in (served.console_port, served.api_port):
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-tls1_2",
                   "-cipher", cipher]  # fmt: skip
        done = subprocess.run(command, input=b"", capture_output=True, check=False)
        assert (done.returncode == 0) is is_accepted


def test_the_first_line_names_the_data_folder_and_the_database(served: Served) -> None:
    assert served.output[0] == (
        f"Watchword {__version__}     data folder {served.data.absolute()}, database SQLite"
    )


def test_keys_are_readable_by_their_owner_only(served: Served) -> None:
    for name in ("ca.key", "server.key"):
        assert (served.data / "tls" / name).stat().st_mode & 0o777 == 0o600
    assert served.data.stat().st_mode & 0o777 == 0o700


def live(folder: Path, now: datetime = NOW, names: Names = NAMES) -> LiveCertificate:
    return live_certificate.local(folder, names, names.dns, now)


def serial(folder: Path) -> int:
    return x509.load_pem_x509_certificate((folder / "server.crt").read_bytes()).serial_number


def test_the_certificate_is_made_once_and_renewed_after_two_thirds_of_its_life(
    tmp_path: Path,
) -> None:
    certificate = live(tmp_path)
    first = serial(tmp_path)
    assert not live(tmp_path).renew_if_due(NOW + timedelta(days=263))
    assert serial(tmp_path) == first
    assert certificate.renew_if_due(NOW + timedelta(days=266))
    assert serial(tmp_path) != first
    assert not certificate.renew_if_due(NOW + timedelta(days=266))


def test_the_ca_stays_when_the_hosts_names_change(tmp_path: Path) -> None:
    ca = live(tmp_path).ca_pem
    first = serial(tmp_path)
    moved = live(tmp_path, names=Names(("localhost", "ops.example"), ("127.0.0.1", "10.9.8.7")))
    assert moved.ca_pem == ca
    assert serial(tmp_path) != first


def test_a_name_the_ca_may_not_sign_for_does_not_spoil_the_rest(tmp_path: Path) -> None:
    live(tmp_path)
    names = Names(("localhost", "www.elsewhere.example"), ("127.0.0.1",))
    live(tmp_path, names=names)
    command = ["openssl", "verify", "-CAfile", str(tmp_path / "ca.crt"),
               str(tmp_path / "server.crt")]  # fmt: skip
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("damage", ["", "-----BEGIN CERTIFICATE-----\n", None])
def test_a_damaged_ca_is_refused_and_never_replaced(tmp_path: Path, damage: str | None) -> None:
    live(tmp_path)
    file = tmp_path / "ca.crt"
    if damage is None:
        file.unlink()
    else:
        file.write_text(damage)
    with pytest.raises(PlaceUnusable):
        live(tmp_path)
    assert (file.read_text() if file.exists() else None) == damage


def test_a_damaged_leaf_is_made_again(tmp_path: Path) -> None:
    live(tmp_path)
    (tmp_path / "server.crt").write_text("nonsense")
    live(tmp_path)
    assert serial(tmp_path)


class TlsServer:
    """A TLS server with the live certificate, to see the certificate that a client gets."""

    def __init__(self, certificate: LiveCertificate) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.context = certificate.context
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self.socket.accept()
            except OSError:
                return
            with plain, self.context.wrap_socket(plain, server_side=True) as wrapped:
                wrapped.recv(1)

    def shown(self, server_name: str | None) -> int:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with socket.create_connection(self.socket.getsockname()) as plain:
            with context.wrap_socket(plain, server_hostname=server_name) as wrapped:
                der = wrapped.getpeercert(binary_form=True)
                wrapped.send(b"x")
        assert der is not None
        return x509.load_der_x509_certificate(der).serial_number

    def close(self) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(5)


@pytest.mark.parametrize("server_name", ["localhost", None], ids=["sni", "no-sni"])
def test_a_renewed_certificate_is_used_without_a_restart(
    tmp_path: Path, server_name: str | None
) -> None:
    certificate = live(tmp_path)
    server = TlsServer(certificate)
    first = server.shown(server_name)
    certificate.renew_if_due(NOW + timedelta(days=300))
    second = server.shown(server_name)
    server.close()
    assert second == serial(tmp_path) != first


def test_a_pair_that_does_not_fit_is_refused_and_service_continues(tmp_path: Path) -> None:
    certificate = live(tmp_path)
    server = TlsServer(certificate)
    first = server.shown("localhost")
    live(tmp_path / "other")
    key = tmp_path / "other" / "server.key"
    (tmp_path / "server.key").write_bytes(key.read_bytes())
    with pytest.raises(PlaceUnusable):
        certificate.reload()
    assert server.shown("localhost") == first
    server.close()


def test_an_operators_certificate_is_used_and_a_wrong_key_refused(tmp_path: Path) -> None:
    live(tmp_path / "own")
    own = [str(tmp_path / "own" / name) for name in ("server.crt", "server.key")]
    environ = {"WATCHWORD_TLS_CERTIFICATE": own[0], "WATCHWORD_TLS_KEY": own[1]}
    with Served.running(tmp_path / "data", environ=environ) as served:
        answer = requests.get(
            f"{served.console}/login", verify=str(tmp_path / "own" / "ca.crt"), timeout=30
        )
        gone = requests.get(
            f"{served.console}/ca.crt", verify=str(tmp_path / "own" / "ca.crt"), timeout=30
        )
        assert (answer.status_code, gone.status_code) == (200, 404)
        assert not any("fingerprint" in line for line in served.output)
    with pytest.raises(PlaceUnusable):
        live_certificate.own(Path(own[0]), tmp_path / "own" / "ca.key", NOW)


# --- names -----------------------------------------------------------------------------------
def test_a_listener_on_the_network_has_a_reachable_address() -> None:
    settings = load(environ={}, flags={"console": "0.0.0.0:8470", "api": "10.1.2.3:8474"}).settings
    names = hostnames.names_for(settings)
    assert {"127.0.0.1", "10.1.2.3", *hostnames.own_addresses()} <= set(names.addresses)
    assert {"localhost", *hostnames.host_names()} <= set(names.dns)
    assert "0.0.0.0" not in names.addresses
    url = hostnames.public_url(address("0.0.0.0:8470"), "")
    assert "0.0.0.0" not in url
    assert url.endswith(":8470/")
    assert hostnames.public_url(address("10.1.2.3:8474"), "") == "https://10.1.2.3:8474/"
    assert hostnames.public_url(address("[::1]:1"), "") == "https://[::1]:1/"


def test_a_configured_public_address_is_printed_and_in_the_certificate() -> None:
    environ = {"WATCHWORD_CONSOLE_URL": "https://ops.example.org:8470"}
    settings = load(environ=environ).settings
    assert "ops.example.org" in hostnames.names_for(settings).dns
    url = hostnames.public_url(address(settings.console), settings.console_url)
    assert url == "https://ops.example.org:8470/"


@dataclass
class FileSystem:
    """A folder that can be made read-only. For root, file modes do not apply: it is a mount."""

    folder: Path

    def make(self, how: str) -> None:
        if os.getuid() == 0:
            subprocess.run(["mount", "-o", f"remount,{how}", str(self.folder)], check=True)
            return
        for path in (self.folder, *self.folder.rglob("*")):
            path.chmod(path.stat().st_mode & ~0o222 if how == "ro" else 0o700)


@contextmanager
def file_system(folder: Path) -> Iterator[FileSystem]:
    folder.mkdir()
    if os.getuid() == 0:
        mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)]
        subprocess.run(mount, check=True)
    place = FileSystem(folder)
    try:
        yield place
    finally:
        place.make("rw")
        if os.getuid() == 0:
            subprocess.run(["umount", "-l", str(folder)], check=True)


# --- ports, locks, folders -------------------------------------------------------------------
def test_a_second_server_on_the_same_folder_is_refused(served: Served) -> None:
    done = serve(served.data)
    assert done.returncode == 1
    assert "Another `watchword serve` is running" in done.stderr
    assert requests.get(f"{served.console}/login", verify=str(served.ca), timeout=30).ok


@pytest.mark.parametrize(
    ("address", "reason", "hint"),
    [
        ("no-such-host.invalid:8470", "", "The name must resolve to an address of this machine"),
        ("x" * 70 + ".invalid:8470", "", "The name must resolve to an address of this machine"),
        (
            "192.0.2.7:8470",
            "Cannot assign requested address",
            "This machine does not have this address",
        ),
        ("[2001:db8::7]:8470", "", "This machine does not have this address"),
        ("*:8470", "write 0.0.0.0:PORT or [::]:PORT", "config reference"),
        ("[fe80::1%eth0]:8470", "an address with a zone (%eth0)", "config reference"),
    ],
)
@pytest.mark.parametrize("setting", ["console", "api"])
def test_an_address_of_another_machine_is_refused_by_check_and_server(
    tmp_path: Path, setting: str, address: str, reason: str, hint: str
) -> None:
    environ = {f"WATCHWORD_{setting.upper()}": address}
    other = {"console": "WATCHWORD_API", "api": "WATCHWORD_CONSOLE"}[setting]
    for words in (("config", "check"), ("serve",)):
        done = command(tmp_path, *words, environ={other: f"127.0.0.1:{free_port()}", **environ})
        lines = done.stderr.splitlines()[-2:]
        assert done.returncode == 1
        assert setting in lines[0]
        assert reason in lines[0]
        assert hint in lines[1]
        assert "ss -ltnp" not in done.stderr


def test_the_check_accepts_addresses_whose_port_is_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        environ = {"WATCHWORD_API": f"127.0.0.1:{taken.getsockname()[1]}",
                   "WATCHWORD_CONSOLE": "localhost:1"}  # fmt: skip
        assert command(tmp_path, "config", "check", environ=environ).returncode == 0


def test_a_port_in_use_is_refused_with_its_setting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = serve(tmp_path / "data", "--api", f"127.0.0.1:{port}")
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == (
        f"watchword: api = 127.0.0.1:{port} cannot be used: Address already in use."
    )
    assert "ss -ltnp" in done.stderr.splitlines()[1]
    assert "--api HOST:PORT" in done.stderr.splitlines()[1]


def test_an_impossible_data_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = serve(tmp_path / "file" / "data")
    assert done.returncode == 1
    assert f"{tmp_path}/file/data cannot be used: Not a directory" in done.stderr


def test_a_read_only_folder_is_refused_and_nothing_is_damaged(tmp_path: Path) -> None:
    with file_system(tmp_path / "mounted") as place:
        with Served.running(place.folder / "data") as served:
            served.create("alice")
        place.make("ro")
        done = serve(place.folder / "data")
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert "cannot be used" in done.stderr
        place.make("rw")
        with Served.running(place.folder / "data") as served:
            person = Person(served).login()
            assert person.heading == "Overview"
            person.close()


def test_a_newer_schema_is_refused_by_serve(tmp_path: Path) -> None:
    with Served.running(tmp_path / "data"):
        pass
    with closing(sqlite3.connect(tmp_path / "data" / "watchword.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    done = serve(tmp_path / "data")
    assert done.returncode == 1
    assert "schema 9999" in done.stderr


# --- signals ---------------------------------------------------------------------------------
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_server_cleanly_with_idle_clients(tmp_path: Path, number: int) -> None:
    """Start and end are logged (decision 23)."""
    served = Served.start(tmp_path / "data")
    served.create("alice")
    person = Person(served).login()  # keeps its connection open
    assert served.stop(signal.Signals(number)) == 0
    person.close()
    assert served.complaints == []
    lines = [line.partition(" watchword.server: ")[2].strip() for line in served.errors]
    name = signal.Signals(number).name
    assert [line for line in lines if line] == [
        f"ready: version {__version__}",
        f"stopping ({name}): requests under way are completed",
        "stopped",
    ]


def test_a_request_under_way_is_answered_before_the_end(tmp_path: Path) -> None:
    """The signal arrives while the login is evaluated."""
    served = Served.start(tmp_path / "data")
    served.create("alice")
    lock = sqlite3.connect(served.data / "watchword.db", isolation_level=None)
    person = Person(served).open("/login")
    lock.execute("BEGIN IMMEDIATE")
    answers: list[str] = []
    thread = threading.Thread(
        target=lambda: answers.append(person.press("OK", Username="alice",
                                                   Password="wrong").page.text)
    )  # fmt: skip
    thread.start()
    threading.Event().wait(2)
    served.process.send_signal(signal.SIGTERM)
    threading.Event().wait(0.5)
    lock.execute("ROLLBACK")
    lock.close()
    thread.join(10)
    assert served.stop() == 0
    assert "Incorrect username or password." in answers[0]
    person.close()


def test_incomplete_requests_at_the_end_are_answered_without_traceback(tmp_path: Path) -> None:
    """Requests that are incomplete at the end of the drain get a 503 with all headers at both
    interfaces, and no traceback is logged for them.
    """
    served = Served.start(tmp_path / "data")
    served.create("alice")
    basic = base64.b64encode(f"alice:{PASSWORD}".encode()).decode()
    heads = {
        "console": (served.console_port, "/login", "application/x-www-form-urlencoded"),
        "api": (served.api_port, "/api/v1/administrators", "application/json"),
    }
    context = ssl.create_default_context(cafile=str(served.ca))
    hanging: list[tuple[str, ssl.SSLSocket]] = []
    for interface, (port, path, kind) in list(heads.items()) * 5:
        plain = socket.create_connection(("127.0.0.1", port), timeout=20)
        connection = context.wrap_socket(plain, server_hostname="127.0.0.1")
        head = (f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: {kind}\r\n"
                f"Authorization: Basic {basic}\r\nContent-Length: 100\r\n\r\n{{")  # fmt: skip
        connection.sendall(head.encode())
        hanging.append((interface, connection))
    threading.Event().wait(1)  # the API has checked the password and waits for the body
    served.process.send_signal(signal.SIGTERM)
    for interface, connection in hanging:
        answer = HTTPResponse(connection)
        answer.begin()
        body = answer.read().decode()
        seen = Answer(answer.status, answer.getheaders(), body)
        demand_headers(interface, "/", seen)
        assert (answer.status, answer.headers["retry-after"]) == (503, "2")
        assert "The server is busy right now." in body
        connection.close()
    assert served.stop() == 0
    complaints = [line for line in served.complaints if "running task(s)" not in line]
    assert complaints == []
    assert len(served.complaints) <= 2


def test_a_restart_keeps_sessions_and_data(tmp_path: Path) -> None:
    ports = free_port(), free_port()
    with Served.running(tmp_path / "data", ports=ports) as served:
        served.create("alice")
        person = Person(served).login()
    with Served.running(tmp_path / "data", ports=ports):
        assert person.open("/").heading == "Overview"
    person.close()


def test_a_listener_names_its_setting(tmp_path: Path) -> None:
    with pytest.raises(PlaceUnusable) as refused:
        listeners.bind("console", Address("192.0.2.1", 1))
    assert refused.value.facts["what"] == "console = 192.0.2.1:1"
