"""The local CA: the names that it may sign for, and errors of its files."""

from __future__ import annotations

import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from watchword.crypto import certificates, live_certificate
from watchword.crypto.certificates import Names, Pair
from watchword.crypto.live_certificate import LiveCertificate
from watchword.domain.operational_errors import PlaceUnusable

NOW = datetime(2026, 3, 14, tzinfo=UTC)
NAMES = Names(("localhost", "ops.example"), ("127.0.0.1", "::1"))


def live(folder: Path, names: Names = NAMES, now: datetime = NOW) -> LiveCertificate:
    return live_certificate.local(folder, names, names.dns, now)


def read(folder: Path, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / f"{name}.crt").read_bytes())


def verifies(folder: Path, *wanted: str) -> bool:
    command = ["openssl", "verify", "-x509_strict", *wanted, "-attime", f"{NOW.timestamp():.0f}",
               "-CAfile", str(folder / "ca.crt"), str(folder / "server.crt")]  # fmt: skip
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def self_signed(*extensions: x509.ExtensionType) -> Pair:
    """Return a self-signed certificate, as another tool creates it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "other")])
    builder = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=900))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return Pair(builder.sign(key, hashes.SHA256()), key)


def put(folder: Path, name: str, pair: Pair) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.crt").write_bytes(pair.certificate_pem)
    (folder / f"{name}.key").write_bytes(pair.key_pem)


def test_ca_signs_only_for_the_names_of_this_host(tmp_path: Path) -> None:
    ca = certificates.local_ca(tmp_path, NAMES, NOW)
    extensions = ca.certificate.extensions
    basic = extensions.get_extension_for_class(x509.BasicConstraints)
    assert basic.critical
    assert basic.value == x509.BasicConstraints(ca=True, path_length=0)
    limits = extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical
    permitted = limits.value.permitted_subtrees or []
    dns = {each.value for each in permitted if isinstance(each, x509.DNSName)}
    assert dns == {"localhost", "ops.example"}
    assert {each.value for each in permitted} - dns == {"watchword.invalid"}  # mail and URIs
    usage = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    elsewhere = Names(("elsewhere.example", "notops.example"), ())
    assert certificates.can_sign_for(ca, elsewhere) == Names((), ())


@pytest.mark.parametrize("address", ["203.0.113.7", "2001:db8::7"])
def test_certificate_contains_the_public_address_of_the_host(tmp_path: Path, address: str) -> None:
    names = Names(("localhost",), ("127.0.0.1", address))
    assert live(tmp_path, names).left_out == ()
    assert verifies(tmp_path, "-verify_ip", address)
    assert verifies(tmp_path, "-verify_hostname", "localhost")


@pytest.mark.parametrize("address", ["10.9.8.7", "203.0.113.7", "2001:db8::7"])
def test_ca_is_kept_when_the_address_changes(tmp_path: Path, address: str) -> None:
    before = live(tmp_path).ca_fingerprint
    moved = live(tmp_path, Names(("localhost",), ("127.0.0.1", address)))
    assert moved.ca_fingerprint == before
    assert verifies(tmp_path, "-verify_ip", address)


def test_name_that_the_ca_may_not_sign_is_reported_and_left_out(tmp_path: Path) -> None:
    live(tmp_path)
    later = live(tmp_path, Names(("localhost", "new.example"), ("127.0.0.1", "203.0.113.7")))
    assert later.left_out == ("new.example",)
    assert verifies(tmp_path, "-verify_hostname", "localhost")


def test_server_certificate_lasts_397_days_and_is_only_for_servers(tmp_path: Path) -> None:
    live(tmp_path)
    leaf = read(tmp_path, "server")
    assert leaf.not_valid_after_utc - NOW == timedelta(days=397)
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_folder_and_keys_are_readable_only_by_owner(tmp_path: Path) -> None:
    live(tmp_path / "tls")
    modes = {p.name: p.stat().st_mode & 0o777 for p in (tmp_path / "tls").iterdir()}
    assert (tmp_path / "tls").stat().st_mode & 0o777 == 0o700
    assert (modes["ca.key"], modes["server.key"]) == (0o600, 0o600)
    assert set(modes) == {"ca.key", "ca.crt", "server.key", "server.crt"}


def test_certificate_of_another_tool_is_replaced(tmp_path: Path) -> None:
    live(tmp_path)
    put(tmp_path, "server", self_signed())
    live(tmp_path)
    assert verifies(tmp_path)


def test_ca_of_an_earlier_version_keeps_its_constraints(tmp_path: Path) -> None:
    """Such a CA constrains addresses, which BoringSSL rejects; the doctor reports it."""
    networks = [x509.IPAddress(ip_network(n)) for n in ("127.0.0.0/8", "::1/128")]
    limits = x509.NameConstraints([x509.DNSName("localhost"), *networks], None)
    put(tmp_path, "ca", self_signed(x509.BasicConstraints(ca=True, path_length=0), limits))
    old = (tmp_path / "ca.crt").read_bytes()
    certificate = live(tmp_path, Names(("localhost",), ("127.0.0.1", "203.0.113.7")))
    assert (certificate.ca_pem, certificate.left_out) == (old, ("203.0.113.7",))
    assert certificates.constrains_addresses(certificates.read(tmp_path / "ca.crt"))
    assert not certificates.constrains_addresses(
        certificates.local_ca(tmp_path / "new", NAMES, NOW).certificate
    )


def test_unconstrained_ca_of_the_operator_is_used_unchanged(tmp_path: Path) -> None:
    usage = x509.BasicConstraints(ca=True, path_length=None)
    put(tmp_path, "ca", self_signed(usage))
    own = (tmp_path / "ca.crt").read_bytes()
    names = Names(("anything.example",), ("203.0.113.7",))
    certificate = live(tmp_path, names)
    assert certificate.left_out == ()
    assert (certificate.ca_pem, (tmp_path / "ca.crt").read_bytes()) == (own, own)


@pytest.mark.parametrize("name", ["ca.crt", "ca.key"])
@pytest.mark.parametrize("damage", ["missing", "half", "a folder", "another's"])
def test_damaged_ca_is_reported_with_its_file_and_not_changed(
    tmp_path: Path, name: str, damage: str
) -> None:
    live(tmp_path)
    live(tmp_path / "other")
    file = tmp_path / name
    content = file.read_bytes()
    file.unlink()
    if damage == "half":
        file.write_bytes(content[: len(content) // 2])
    elif damage == "a folder":
        file.mkdir()
    elif damage == "another's":
        file.write_bytes((tmp_path / "other" / name).read_bytes())
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()}
    with pytest.raises(PlaceUnusable) as refused:
        live(tmp_path)
    assert str(tmp_path / "ca.") in str(refused.value.facts["what"])
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()} == before


def test_certificate_of_an_old_ca_with_the_same_name_is_replaced(tmp_path: Path) -> None:
    """Two CAs of one day have the same name; only the signature distinguishes them."""
    live(tmp_path)
    for each in tmp_path.glob("ca.*"):
        each.unlink()
    live(tmp_path)
    assert verifies(tmp_path, "-verify_hostname", "localhost")


def test_ca_with_another_kind_of_key_is_reported_with_its_file(tmp_path: Path) -> None:
    live(tmp_path)
    key = rsa.generate_private_key(65537, 2048)
    pem, no = serialization.Encoding.PEM, serialization.NoEncryption()
    (tmp_path / "ca.key").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, no))
    with pytest.raises(PlaceUnusable) as refused:
        live(tmp_path)
    assert refused.value.facts == {
        "what": str(tmp_path / "ca.key"), "reason": "another kind of key",
    }  # fmt: skip


def test_certificate_without_names_covers_no_host() -> None:
    """The common name is not a host name: RFC 9525, section 2."""
    assert not certificates.covers(self_signed().certificate, "other")


@pytest.mark.parametrize("kind", ["missing", "garbage", "another's", "with a passphrase"])
def test_unusable_own_key_is_reported_with_both_files(tmp_path: Path, kind: str) -> None:
    live(tmp_path)
    certificate, key = tmp_path / "server.crt", tmp_path / "own.key"
    if kind == "garbage":
        key.write_text("nonsense")
    elif kind == "another's":
        key.write_bytes((tmp_path / "ca.key").read_bytes())
    elif kind == "with a passphrase":
        loaded = serialization.load_pem_private_key(
            (tmp_path / "server.key").read_bytes(), password=None
        )
        key.write_bytes(
            loaded.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.BestAvailableEncryption(b"passphrase"),
            )
        )
    with pytest.raises(PlaceUnusable) as refused:
        live_certificate.own(certificate, key, NOW)
    assert refused.value.facts["what"] == f"{certificate}, {key}"


def test_own_certificate_has_no_ca_and_is_not_renewed(tmp_path: Path) -> None:
    live(tmp_path)
    before = (tmp_path / "server.crt").read_bytes()
    own = live_certificate.own(tmp_path / "server.crt", tmp_path / "server.key", NOW)
    assert (own.ca_pem, own.ca_fingerprint, own.left_out) == (None, None, ())
    assert not own.renew_if_due(NOW + timedelta(days=300))
    assert (tmp_path / "server.crt").read_bytes() == before


def test_end_of_validity_is_that_of_the_current_certificate(tmp_path: Path) -> None:
    certificate = live(tmp_path)
    own = live_certificate.own(tmp_path / "server.crt", tmp_path / "server.key", NOW)
    first = certificate.not_after
    assert first == own.not_after
    assert certificate.renew_if_due(NOW + timedelta(days=300))
    assert certificate.not_after == first + timedelta(days=300)
    assert own.not_after == first
    own.reload()
    assert own.not_after == certificate.not_after


def test_tls_1_2_is_the_minimum_for_local_and_own_certificates(tmp_path: Path) -> None:
    local = live(tmp_path)
    own = live_certificate.own(tmp_path / "server.crt", tmp_path / "server.key", NOW)
    for shown in (local, own):
        assert shown.context.minimum_version is ssl.TLSVersion.TLSv1_2
        assert shown.context.maximum_version is ssl.TLSVersion.MAXIMUM_SUPPORTED


def test_tls_1_2_has_forward_secrecy_and_no_cbc(tmp_path: Path) -> None:
    local = live(tmp_path)
    own = live_certificate.own(tmp_path / "server.crt", tmp_path / "server.key", NOW)
    for shown in (local, own):
        older = [c for c in shown.context.get_ciphers() if c["protocol"] == "TLSv1.2"]
        assert older
        assert [c["name"] for c in older if not c["aead"]] == []
        assert {c["kea"] for c in older} == {"kx-ecdhe"}
