"""Health checks of the interfaces: certificate, names, local CA and ports."""

from __future__ import annotations

import contextlib
import socket
import ssl
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from watchword.config import (
    Address,
    InterfaceSettings,
    Settings,
    interfaces,
    is_plain,
    speaks_plain,
)
from watchword.crypto import certificates, live_certificate, tokens
from watchword.domain import health_checks
from watchword.domain.health_checks import Code, Finding, found
from watchword.domain.operational_errors import PlaceUnusable
from watchword.files import atomic
from watchword.server import listeners
from watchword.server.health import there
from watchword.web.http import host_check

_ANSWER_SECONDS: Final = 3


def examine_interfaces(settings: Settings, now: datetime) -> list[Finding]:
    """Return the findings about certificate, names, local CA and ports."""
    shown: x509.Certificate | None = None
    try:
        shown = _certificate(settings, now)
    except PlaceUnusable as refusal:
        facts = {"what": str(refusal.facts["what"]), "reason": str(refusal.facts["reason"])}
        about = [Finding(Code.CERTIFICATE_UNUSABLE, facts), found(Code.NAMES_UNCHECKED)]
    else:
        about = _about(settings, shown, now)
    ports = [_port(settings, each, shown) for each in interfaces(settings)]
    return [*about, _local_ca(settings, now), *ports]


def _certificate(settings: Settings, now: datetime) -> x509.Certificate | None:
    """Return the certificate that a server would present. None before the first start, and where
    the interfaces speak plain HTTP. Raises PlaceUnusable.
    """
    if is_plain(settings):
        return None
    if settings.tls_certificate:
        path = Path(settings.tls_certificate)
        live_certificate.own(
            path, Path(settings.tls_key), now
        )  # raises unless key and certificate fit
        return certificates.read(path)
    path = settings.data_dir / "tls" / "server.crt"
    return None if atomic.is_missing(path) else certificates.read(path)


def _about(settings: Settings, shown: x509.Certificate | None, now: datetime) -> list[Finding]:
    if settings.insecure_plain_http_on_loopback:
        answered = ", ".join(host_check.names_of(settings))
        return [found(Code.CERTIFICATE_PLAIN), found(Code.NAMES_OF_HOST, names=answered)]
    if is_plain(settings):
        return [found(Code.CERTIFICATE_PLAIN), found(Code.NAMES_UNCHECKED)]
    if shown is None:
        return [found(Code.CERTIFICATE_NOT_MADE), found(Code.NAMES_UNCHECKED)]
    life = health_checks.certificate(now, shown.not_valid_before_utc, shown.not_valid_after_utc)
    hosts = _hosts(settings)
    missing = [h for h in hosts if not certificates.covers(shown, h)]
    names = (
        found(Code.NAMES_MISSING, names=", ".join(missing))
        if missing
        else found(Code.NAMES_GOOD, names=", ".join(hosts))
    )
    return [life, names]


def _hosts(settings: Settings) -> list[str]:
    """Return the hosts that clients connect to: that of the public address, else the listener's.

    A reverse proxy presents its own certificate for the public address.
    """
    found_: dict[str, None] = {}
    for each in interfaces(settings):
        if speaks_plain(settings, each):
            continue
        own = "" if each.listen.is_wildcard else each.listen.host
        is_public = each.public_url and not settings.trusted_proxies.strip()
        host = each.public_host if is_public else own
        if host:
            found_[host] = None
    return list(found_)


def _local_ca(settings: Settings, now: datetime) -> Finding:
    path = settings.data_dir / "tls" / "ca.crt"
    if settings.tls_certificate or is_plain(settings) or atomic.is_missing(path):
        return found(Code.CA_NONE)
    try:
        ca = certificates.read(path)
    except PlaceUnusable as refusal:
        return found(Code.CA_UNUSABLE, what=str(path), reason=str(refusal.facts["reason"]))
    is_earlier = certificates.constrains_addresses(ca)
    return health_checks.local_ca(now, ca.not_valid_after_utc, is_earlier=is_earlier)


def _port(
    settings: Settings, interface: InterfaceSettings, shown: x509.Certificate | None
) -> Finding:
    at, name = interface.listen, interface.name
    facts = {"address": str(at), "setting": name}
    try:
        listeners.bind(name, at).close()
    except PlaceUnusable as refusal:
        if speaks_plain(settings, interface) and _echoes(at):
            return Finding(Code.PORT_OURS, facts, name)
        answer = None if speaks_plain(settings, interface) else _answers_with(at)
        if shown is not None and answer == shown.public_bytes(Encoding.DER):
            return Finding(Code.PORT_OURS, facts, name)
        code = Code.PORT_TAKEN if answer else Code.PORT_UNUSABLE
        return Finding(code, {**facts, "reason": str(refusal.facts["reason"])}, name)
    return Finding(Code.PORT_FREE, facts, name)


def _echoes(at: Address) -> bool:
    """Return whether a Watchword server seems to answer there in plain HTTP: each answer has the
    id of the request, refusals included.
    """
    asked = tokens.identifier()
    text = (
        f"GET / HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: {asked}\r\nConnection: close\r\n\r\n"
    )
    with contextlib.suppress(OSError), socket.create_connection(there(at), _ANSWER_SECONDS) as to:
        to.sendall(text.encode())
        head = b""
        while b"\r\n\r\n" not in head and (more := to.recv(4096)):
            head += more
        return f"x-request-id: {asked}".encode() in head
    return False


def _answers_with(at: Address) -> bytes | None:
    """Return the certificate that is presented there, without verifying it: the caller compares
    it with the server's own.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with contextlib.suppress(OSError):
        with socket.create_connection(there(at), _ANSWER_SECONDS) as plain:
            with context.wrap_socket(plain) as answered:
                return answered.getpeercert(binary_form=True)
    return None
