"""The original request: the one that a reverse proxy asks the gateway about.

Each endpoint reads exactly one family of header fields, those that its proxies overwrite. Any other
field may come from the client. `Forwarded`, `X-Forwarded-Prefix`, `X-Forwarded-Port`,
`X-Forwarded-Server` and `X-Real-IP` are never read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from msgspec import Struct

from watchword.domain import application_hosts

Fields = Sequence[tuple[bytes, bytes]]
"""Header fields in the order of arrival, with names in lower case."""

MOST_TARGET_BYTES: Final = 16 * 1024
_METHOD: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
_URL: Final = re.compile(r"([^:/]*)://([^/?#]*)(.*)", re.DOTALL)
_UNWANTED: Final = re.compile(r"[\x00-\x20\x7f-\xa0]")


class Flaw(StrEnum):
    """Why the original request cannot be read."""

    INCOMPLETE = "incomplete"
    """A header field is missing, empty or repeated."""
    METHOD = "method"
    SCHEME = "scheme"
    HOST = "host"
    TARGET = "target"
    """The path and query are too long or malformed, or do not begin with a slash."""


class OriginalRequest(Struct, frozen=True):
    """Method, host in the spelling of applications, and path with query as the client sent them."""

    method: str
    host: str
    target: str

    @property
    def path(self) -> str:
        """Return the raw path, without the query."""
        return self.target.partition("?")[0]

    @property
    def is_reading(self) -> bool:
        """Return whether the method is GET or HEAD."""
        return self.method in {"GET", "HEAD"}


def of_nginx(fields: Fields) -> OriginalRequest | Flaw:
    """Return the request in `X-Original-Method` and `X-Original-URL`."""
    method, url = _texts(fields, b"x-original-method", b"x-original-url")
    if not url:
        return Flaw.INCOMPLETE
    found = _URL.fullmatch(url)
    return _request(method, *found.groups()) if found else Flaw.TARGET


def of_forward(fields: Fields) -> OriginalRequest | Flaw:
    """Return the request in `X-Forwarded-Method`, `-Proto`, `-Host` and `-Uri`."""
    names = (b"x-forwarded-method", b"x-forwarded-proto", b"x-forwarded-host", b"x-forwarded-uri")
    return _request(*_texts(fields, *names))


def of_envoy(method: str, fields: Fields, target: bytes) -> OriginalRequest | Flaw:
    """Return the request whose method and `Host` Envoy keeps. `target` is the target of the check
    without the prefix in Envoy's configuration.
    """
    (host,) = _texts(fields, b"host")
    return _request(method, "https", host, _text(target))


def _request(method: str, scheme: str, sent_host: str, target: str) -> OriginalRequest | Flaw:
    if not (method and scheme and sent_host and target):
        return Flaw.INCOMPLETE
    host = application_hosts.of_request(sent_host)
    is_long = len(target) > MOST_TARGET_BYTES or len(target.encode()) > MOST_TARGET_BYTES
    broken = {
        Flaw.METHOD: _METHOD.fullmatch(method) is None,
        Flaw.SCHEME: scheme != "https",
        Flaw.HOST: host is None,
        Flaw.TARGET: is_long or not target.startswith("/") or _UNWANTED.search(target) is not None,
    }
    flaw = next((flaw for flaw, is_broken in broken.items() if is_broken), None)
    return flaw or OriginalRequest(method, str(host), target)


def _texts(fields: Fields, *names: bytes) -> list[str]:
    """Return the value of each field, "" for one that is missing, repeated or not UTF-8."""
    found: dict[bytes, list[bytes]] = {name: [] for name in names}
    for name, value in fields:
        if name in found:
            found[name].append(value)
    return [_text(values[0]) if len(values) == 1 else "" for values in found.values()]


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return ""
