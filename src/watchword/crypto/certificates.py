"""The local certificate authority and the server's certificate.

The server creates both in `tls/` of the data folder, unless the operator provides a certificate.
The CA may sign TLS server certificates only, for this host's DNS names and for any IP address, and
for no mail address and no URI (RFC 5280, 4.2.1.10 and 4.2.1.12). After a change of address the
host keeps its CA and gets a new server certificate. IP addresses are not constrained, because
BoringSSL rejects every certificate with an address below a CA that constrains addresses.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from msgspec import Struct

from watchword.domain.operational_errors import PlaceUnusable
from watchword.files import atomic

CA_LIFE: Final = timedelta(days=3650)
LEAF_LIFE: Final = timedelta(days=397)
RENEW_AFTER: Final = LEAF_LIFE * 2 / 3
_BACKDATED: Final = timedelta(hours=1)
"""A client whose clock is slow must accept a new certificate too."""
_NO_HOST: Final = "watchword.invalid"
"""A host that cannot exist (RFC 2606). A constraint that permits only it permits no host."""


class Names(Struct, frozen=True):
    """DNS names and IP addresses that the certificate must cover."""

    dns: tuple[str, ...]
    addresses: tuple[str, ...]

    def general(self) -> list[x509.GeneralName]:
        """Return the names as entries of a certificate."""
        addresses = [x509.IPAddress(ipaddress.ip_address(a)) for a in self.addresses]
        return [*(x509.DNSName(name) for name in self.dns), *addresses]


class Pair(Struct, frozen=True):
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def certificate_pem(self) -> bytes:
        """The certificate as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The key as PEM, not encrypted: the mode of its file protects it."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 fingerprint in its printed form: 14:50:7D:..."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def read(path: Path) -> x509.Certificate:
    """Return the first certificate of a PEM file. Raises PlaceUnusable."""
    try:
        return x509.load_pem_x509_certificate(atomic.read(path))
    except ValueError as error:
        raise PlaceUnusable(what=str(path), reason="damaged") from error


def covers(certificate: x509.Certificate, host: str) -> bool:
    """Return whether a client accepts the certificate for this name or address. A wildcard stands
    for one whole label (RFC 9525).
    """
    try:
        held = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return False
    try:
        return ipaddress.ip_address(host) in held.get_values_for_type(x509.IPAddress)
    except ValueError:
        names = {n.lower() for n in held.get_values_for_type(x509.DNSName)}
        return bool(names & {host.lower(), "*." + host.lower().partition(".")[2]})


def local_ca(folder: Path, names: Names, now: datetime) -> Pair:
    """Return the CA of the data folder; create it at the first call.

    An existing CA is never replaced, because clients trust it. Raises PlaceUnusable if it cannot
    be read.
    """
    paths = folder / "ca.crt", folder / "ca.key"
    if any(p.exists() for p in paths):
        return _load(*paths)
    ca = _make_ca(names, now)
    # The certificate is written last, so a certificate always has its key. After a crash between
    # the two writes the next start reports damage; no client can trust that CA yet.
    atomic.write(paths[1], ca.key_pem)
    atomic.write(paths[0], ca.certificate_pem, mode=0o644)
    return ca


def is_ca(folder: Path) -> bool:
    """Return whether the folder contains a usable CA."""
    try:
        _load(folder / "ca.crt", folder / "ca.key")
    except PlaceUnusable:
        return False
    return True


def leaf(folder: Path, ca: Pair, names: Names, now: datetime) -> Pair:
    """Return the server's certificate.

    A new one replaces a stored one that another CA issued, that does not cover the names, or that
    is past two thirds of its lifetime. Raises PlaceUnusable.
    """
    paths = folder / "server.crt", folder / "server.key"
    try:
        stored = _load(*paths)
    except PlaceUnusable:
        stored = None  # clients trust the CA, so a new server certificate changes nothing for them
    if stored is not None and _is_good(stored, ca, names, now):
        _write_chain(paths[0], stored, ca)
        return stored
    made = _make_leaf(ca, names, now)
    atomic.write(paths[1], made.key_pem)
    _write_chain(paths[0], made, ca)
    return made


def _write_chain(path: Path, leaf_: Pair, ca: Pair) -> None:
    # The server sends the CA as well, so that a browser can show its fingerprint.
    chain = leaf_.certificate_pem + ca.certificate_pem
    if atomic.is_missing(path) or atomic.read(path) != chain:
        atomic.write(path, chain, mode=0o644)


def _is_good(stored: Pair, ca: Pair, names: Names, now: datetime) -> bool:
    certificate = stored.certificate
    try:
        held = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        certificate.verify_directly_issued_by(ca.certificate)
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False  # unreadable, or issued by another CA
    is_young = now - certificate.not_valid_before_utc < RENEW_AFTER
    has_begun = certificate.not_valid_before_utc <= now
    return is_young and has_begun and set(names.general()) <= set(held)


def _load(certificate_path: Path, key_path: Path) -> Pair:
    try:
        certificate = x509.load_pem_x509_certificate(atomic.read(certificate_path))
        key = serialization.load_pem_private_key(atomic.read(key_path), password=None)
    except (ValueError, TypeError) as error:
        raise PlaceUnusable(what=str(certificate_path), reason="damaged") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise PlaceUnusable(what=str(key_path), reason="another kind of key")
    if key.public_key() != certificate.public_key():
        raise PlaceUnusable(what=str(key_path), reason="not the certificate's key")
    return Pair(certificate, key)


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _builder(
    subject: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_named(subject))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _make_ca(names: Names, now: datetime) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = f"Watchword local CA {now:%Y-%m-%d}"
    nothing = x509.RFC822Name(_NO_HOST), x509.UniformResourceIdentifier(_NO_HOST)
    permitted = [*(x509.DNSName(n) for n in names.dns), *nothing]
    certificate = (
        _builder(subject, _named(subject), key, now)
        .not_valid_after(now + CA_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .add_extension(_usage(signs_certificates=True), True)
        .add_extension(x509.NameConstraints(permitted, None), True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .sign(key, hashes.SHA256())
    )
    return Pair(certificate, key)


def _make_leaf(ca: Pair, names: Names, now: datetime) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(names.dns[0], ca.certificate.subject, key, now)
        .not_valid_after(now + LEAF_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        .add_extension(_usage(signs_certificates=False), True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .add_extension(x509.SubjectAlternativeName(names.general()), False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.key.public_key()), False
        )
        .sign(ca.key, hashes.SHA256())
    )
    return Pair(certificate, key)


def can_sign_for(ca: Pair, names: Names) -> Names:
    """Return the names that the CA's constraints permit.

    Clients reject the whole certificate if it has one name that the CA may not sign for.
    """
    permitted = _permitted(ca.certificate)
    domains = [p.value for p in permitted if isinstance(p, x509.DNSName)]
    networks = [p.value for p in permitted if isinstance(p, x509.IPAddress)]
    dns = tuple(n for n in names.dns if not domains or _is_below(n, domains))
    addresses = tuple(a for a in names.addresses if not networks or _is_within(a, networks))
    return Names(dns, addresses)


def constrains_addresses(ca: x509.Certificate) -> bool:
    """Return whether the CA constrains addresses: earlier versions did, and BoringSSL rejects
    certificates of such a CA.
    """
    return any(isinstance(p, x509.IPAddress) for p in _permitted(ca))


def _permitted(ca: x509.Certificate) -> list[x509.GeneralName]:
    # A CA that an operator provides may have no constraints.
    try:
        limits = ca.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return []
    return limits.permitted_subtrees or []


def _is_below(name: str, domains: Iterable[str]) -> bool:
    return any(name == d or name.endswith("." + d) for d in domains)


def _is_within(address: str, networks: Iterable[object]) -> bool:
    parsed = ipaddress.ip_address(address)
    ranges = (ipaddress.IPv4Network, ipaddress.IPv6Network)
    return any(isinstance(n, ranges) and parsed in n for n in networks)
