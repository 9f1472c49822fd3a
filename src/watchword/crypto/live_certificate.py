"""The listeners' certificate and its replacement at run time.

A new pair is loaded into a new context first; then `sni_callback`, which runs with and without
SNI, gives that context to each new connection. Loading a pair with a wrong key into the context in
use would break every later handshake.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from msgspec import Struct

from watchword.crypto import certificates
from watchword.crypto.certificates import Names, Pair
from watchword.domain.operational_errors import PlaceUnusable

_CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""For TLS 1.2: forward secrecy and authenticated encryption only, as TLS 1.3 always has."""


def _context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return a server's context with this pair. Raises PlaceUnusable."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.set_alpn_protocols(["http/1.1"])
    try:
        # Without `password` OpenSSL would prompt for a passphrase on the server's terminal.
        context.load_cert_chain(certificate, key, password=lambda: "")
    except (OSError, ssl.SSLError, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
        raise PlaceUnusable(what=f"{certificate}, {key}", reason=str(reason)) from error
    return context


def _not_after(certificate: Path) -> datetime:
    """Return when the first certificate of a file expires."""
    return x509.load_pem_x509_certificates(certificate.read_bytes())[0].not_valid_after_utc


class Source(Struct, frozen=True):
    """The files of a certificate and its key; `prepare` creates those of the local CA."""

    certificate: Path
    key: Path
    ca: Pair | None = None
    prepare: Callable[[datetime], x509.Certificate] | None = None
    left_out: tuple[str, ...] = ()


class LiveCertificate:
    """The listeners' certificate. The listeners get `context` once; it never changes. `not_after`
    is the expiry of the current certificate.
    """

    def __init__(self, source: Source, now: datetime) -> None:
        self._source = source
        self._shown: x509.Certificate | None = source.prepare(now) if source.prepare else None
        self._current = _context(source.certificate, source.key)
        self.not_after = _not_after(source.certificate)
        self.context = _context(source.certificate, source.key)
        self.context.sni_callback = self._show_current
        self.on_renewed: Callable[[], object] = lambda: None
        """Called by `renew_if_due` after a renewal."""

    def _show_current(
        self, connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext
    ) -> None:
        connection.context = self._current

    @property
    def ca_pem(self) -> bytes | None:
        """The local CA, for download; None with the operator's certificate."""
        return self._source.ca.certificate_pem if self._source.ca else None

    @property
    def ca_fingerprint(self) -> str | None:
        """The local CA's SHA-256 fingerprint."""
        ca = self._source.ca
        return certificates.fingerprint(ca.certificate) if ca else None

    @property
    def fingerprint(self) -> str:
        """The SHA-256 fingerprint of the current certificate."""
        return certificates.fingerprint(certificates.read(self._source.certificate))

    @property
    def left_out(self) -> tuple[str, ...]:
        """Names and addresses of this server that the local CA may not sign for."""
        return self._source.left_out

    def reload(self) -> None:
        """Load the pair from its files. Raises PlaceUnusable and keeps the old pair."""
        self._current = _context(self._source.certificate, self._source.key)
        self.not_after = _not_after(self._source.certificate)

    def renew_if_due(self, now: datetime) -> bool:
        """Issue and load a new certificate of the local CA when it is due. Returns whether it was."""
        if self._source.prepare is None:
            return False
        prepared = self._source.prepare(now)
        if prepared == self._shown:
            return False
        self.reload()
        self._shown = prepared
        self.on_renewed()
        return True


def own(certificate: Path, key: Path, now: datetime) -> LiveCertificate:
    """Return the operator's certificate. Raises PlaceUnusable."""
    return LiveCertificate(Source(certificate, key), now)


def local(folder: Path, names: Names, ca_names: tuple[str, ...], now: datetime) -> LiveCertificate:
    """Return a certificate of the local CA; create both if missing. Raises PlaceUnusable."""
    ca = certificates.local_ca(folder, Names(ca_names, names.addresses), now)
    possible = certificates.can_sign_for(ca, names)
    wanted = (*names.dns, *names.addresses)
    left_out = tuple(n for n in wanted if n not in {*possible.dns, *possible.addresses})

    def prepare(at: datetime) -> x509.Certificate:
        return certificates.leaf(folder, ca, possible, at).certificate

    source = Source(folder / "server.crt", folder / "server.key", ca, prepare, left_out)
    return LiveCertificate(source, now)
