"""Validation of request heads.

A request that a proxy and this server could read differently may contain a second, hidden request
(request smuggling, RFC 9112, 11.2). The parser (llhttp, strict) refuses most of these: two lengths,
a length together with chunks, folded lines, bare LF or CR, spaces before a colon, chunk sizes that
are not plain hexadecimal numbers. This module and the protocol refuse the others: versions other
than 1.0 and 1.1, transfer codings other than "chunked", chunks in HTTP/1.0, trailers, targets that
are not a path, and zero or two Host fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

_VERSIONS: Final = frozenset({"1.0", "1.1"})


class Rejected(Exception):  # noqa: N818 - describes the request
    """The request is refused with this status."""

    def __init__(self, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(status)
        self.status = status


def demand_valid(
    method: bytes,
    target: bytes,
    version: str,
    fields: Sequence[tuple[bytes, bytes]],
) -> None:
    """Validate a complete head. The names of `fields` are in lower case. Raises Rejected."""
    if version not in _VERSIONS:
        raise Rejected(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED)
    sent: dict[bytes, list[bytes]] = {}
    for name, value in fields:
        sent.setdefault(name, []).append(value)
    codings = sent.get(b"transfer-encoding", [])
    is_chunked = len(codings) == 1 and codings[0].lower() == b"chunked" and version == "1.1"
    hosts = len(sent.get(b"host", []))
    is_valid = (
        _is_path(method, target)
        and (not codings or is_chunked)
        and (hosts == 1 or (hosts == 0 and version == "1.0"))
    )
    if not is_valid:
        raise Rejected


def _is_path(method: bytes, target: bytes) -> bool:
    """Refuse the forms for proxies (RFC 9112, 3.2.2, 3.2.3), "*" and fragments."""
    return target.startswith(b"/") and b"#" not in target and method != b"CONNECT"
