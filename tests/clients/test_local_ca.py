"""The local CA: TLS libraries accept its server certificates and reject all others."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import curl_cffi
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID as Usage
from cryptography.x509.oid import NameOID, ObjectIdentifier

from tests.clients import envoy
from tests.support.served import PASSWORD, Served
from watchword.crypto import certificates, live_certificate
from watchword.crypto.certificates import Names, Pair

NOW = datetime.now(UTC)
NAMES = Names(("localhost", "ops.example"), ("127.0.0.1", "::1", "203.0.113.7"))
LOCALHOST = x509.DNSName("localhost")
Client = Callable[[str, Path], bool]


# --- clients --------------------------------------------------------------------------------
def boringssl(url: str, ca: Path) -> bool:
    try:
        # curl_cffi accepts the path of a CA; its annotations do not include it.
        return curl_cffi.get(url, verify=str(ca), timeout=30).status_code < 500  # type: ignore[arg-type]
    except curl_cffi.exceptions.CertificateVerifyError:
        return False


def python(url: str, ca: Path) -> bool:
    try:
        return requests.get(url, verify=str(ca), timeout=30).status_code < 500
    except requests.exceptions.SSLError:
        return False


def curl(url: str, ca: Path) -> bool:
    command = ["curl", "--silent", "--output", "/dev/null", "--cacert", str(ca), url]
    code = subprocess.run(command, check=False).returncode
    assert code in {0, 60}
    return code == 0


CLIENTS = pytest.mark.parametrize("client", [boringssl, python, curl])


@CLIENTS
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_client_that_trusts_the_ca_accepts_the_server(
    served: Served, host: str, client: Client
) -> None:
    url = f"https://{host}:{served.console_port}/login"
    assert client(url, served.ca)


@pytest.mark.parametrize(
    ("san_type", "name", "statuses"),
    [("DNS", "localhost", [401, 200]), ("IP_ADDRESS", "127.0.0.1", [401, 200]),
     ("DNS", "ops.example.org", [503, 503])],
)  # fmt: skip
def test_envoy_accepts_the_ca_and_checks_the_name(
    served: Served, san_type: str, name: str, statuses: list[int]
) -> None:
    served.create("alice")
    with envoy.before(served, san_type, name) as url:
        whoami = f"{url}/api/v1/whoami"
        found = [requests.get(whoami, auth=auth, timeout=30).status_code
                 for auth in (None, ("alice", PASSWORD))]  # fmt: skip
    assert found == statuses


# --- what the CA's key could sign -----------------------------------------------------------
@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Pair]:
    folder = tmp_path_factory.mktemp("ca")
    return folder, certificates.local_ca(folder, NAMES, NOW)


def signed(
    ca: Pair, names: list[x509.GeneralName], usage: ObjectIdentifier = Usage.SERVER_AUTH
) -> Pair:
    """Sign a certificate as an attacker with the CA's key, ignoring all rules."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "thief")])
    builder = (
        x509.CertificateBuilder(ca.certificate.subject, name, key.public_key(), 7)
        .not_valid_before(NOW - timedelta(hours=1))
        .not_valid_after(NOW + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        .add_extension(x509.SubjectAlternativeName(names), False)
        .add_extension(x509.ExtendedKeyUsage([usage]), False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.key.public_key()), False
        )
    )
    return Pair(builder.sign(ca.key, hashes.SHA256()), key)


FORBIDDEN: dict[str, list[x509.GeneralName]] = {
    "another name": [LOCALHOST, x509.DNSName("example.org")],
    "a name that contains ours": [LOCALHOST, x509.DNSName("notops.example")],
    "a mail address": [LOCALHOST, x509.RFC822Name("alice@example.org")],
    "a mail address at our host": [LOCALHOST, x509.RFC822Name("alice@ops.example")],
    "a URI": [LOCALHOST, x509.UniformResourceIdentifier("https://example.org/")],
    "a URI at our host": [LOCALHOST, x509.UniformResourceIdentifier("spiffe://ops.example/x")],
}


@contextmanager
def shown(pair: Pair, folder: Path) -> Iterator[str]:
    """Serve one connection with this certificate; yield the URL."""
    (folder / "thief.crt").write_bytes(pair.certificate_pem)
    (folder / "thief.key").write_bytes(pair.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "thief.crt", folder / "thief.key")
    with closing(socket.create_server(("127.0.0.1", 0))) as bound:
        thread = threading.Thread(target=partial(_answer, bound, context))
        thread.start()
        yield f"https://localhost:{bound.getsockname()[1]}/"
        thread.join(30)


def _answer(bound: socket.socket, context: ssl.SSLContext) -> None:
    peer, _ = bound.accept()
    with peer:
        try:
            with context.wrap_socket(peer, server_side=True) as connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        except OSError:
            return  # the client refused


@CLIENTS
def test_certificate_for_permitted_name_is_accepted(ca: tuple[Path, Pair], client: Client) -> None:
    with shown(signed(ca[1], [LOCALHOST]), ca[0]) as url:
        assert client(url, ca[0] / "ca.crt")


@CLIENTS
@pytest.mark.parametrize("what", FORBIDDEN)
def test_certificate_for_another_name_is_rejected(
    ca: tuple[Path, Pair], client: Client, what: str
) -> None:
    with shown(signed(ca[1], FORBIDDEN[what]), ca[0]) as url:
        assert not client(url, ca[0] / "ca.crt")


def openssl(folder: Path, pair: Pair, purpose: str = "sslserver") -> bool:
    (folder / "thief.crt").write_bytes(pair.certificate_pem)
    command = ["openssl", "verify", "-x509_strict", "-purpose", purpose,
               "-CAfile", str(folder / "ca.crt"), str(folder / "thief.crt")]  # fmt: skip
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def nss(folder: Path, pair: Pair) -> bool:
    """Verify with the CA trusted for every purpose, the widest setting of a browser."""
    database = folder / f"nss-{pair.certificate.fingerprint(hashes.SHA256()).hex()[:16]}"
    database.mkdir()
    (folder / "thief.crt").write_bytes(pair.certificate_pem)
    certutil = ["certutil", "-d", f"sql:{database}"]
    for arguments in (
        ["-N", "--empty-password"],
        ["-A", "-n", "ca", "-t", "CT,C,C", "-i", str(folder / "ca.crt")],
        ["-A", "-n", "thief", "-t", ",,", "-i", str(folder / "thief.crt")],
    ):
        subprocess.run([*certutil, *arguments], check=True, capture_output=True)
    command = [*certutil, "-V", "-n", "thief", "-e", "-u", "V"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(
    ("usage", "purpose"),
    [(Usage.CLIENT_AUTH, "sslclient"), (Usage.EMAIL_PROTECTION, "smimesign")],
    ids=["client", "mail"],
)
def test_client_and_mail_certificates_are_rejected(
    ca: tuple[Path, Pair], usage: ObjectIdentifier, purpose: str
) -> None:
    """OpenSSL rejects them. NSS decides by the purposes for which the user trusts a root."""
    folder, pair = ca
    assert openssl(folder, signed(pair, [LOCALHOST]), "sslserver")
    assert not openssl(folder, signed(pair, [LOCALHOST], usage), purpose)


@pytest.mark.parametrize("verifies", [openssl, nss])
@pytest.mark.parametrize("what", FORBIDDEN)
def test_verifiers_reject_certificate_for_another_name(
    ca: tuple[Path, Pair], verifies: Callable[..., bool], what: str
) -> None:
    assert verifies(ca[0], signed(ca[1], [LOCALHOST]))
    assert not verifies(ca[0], signed(ca[1], FORBIDDEN[what]))


# --- the chain ------------------------------------------------------------------------------
def test_server_shows_its_certificate_and_the_ca(served: Served) -> None:
    """It also prints the fingerprints of both, for comparison with the browser's."""
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{served.console_port}", "-showcerts"]
    text = subprocess.run(command, input=b"", capture_output=True, check=True).stdout
    leaf, authority = x509.load_pem_x509_certificates(text[text.index(b"-----BEGIN") :])
    assert authority == certificates.read(served.ca)
    printed = {line.partition("SHA-256 ")[0].strip(): line.partition("SHA-256 ")[2]
               for line in served.output if "SHA-256 " in line}  # fmt: skip
    assert printed == {
        "TLS  local CA,": certificates.fingerprint(authority),
        "this server's certificate,": certificates.fingerprint(leaf),
    }


def test_certificate_without_chain_is_completed(tmp_path: Path) -> None:
    live_certificate.local(tmp_path, NAMES, NAMES.dns, NOW)
    file = tmp_path / "server.crt"
    whole = file.read_bytes()
    leaf, authority = x509.load_pem_x509_certificates(whole)
    assert authority == certificates.read(tmp_path / "ca.crt")
    end = b"-----END CERTIFICATE-----\n"
    file.write_bytes(whole.partition(end)[0] + end)
    live_certificate.local(tmp_path, NAMES, NAMES.dns, NOW)
    assert file.read_bytes() == whole
    assert certificates.read(file) == leaf
