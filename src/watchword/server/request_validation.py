"""Requests that are not clear.

What two readers could understand differently lets a request hide in another one behind a proxy
(request smuggling, RFC 9112, 11.2). The parser (llhttp, strict) refuses most of it by itself:
two lengths, a length beside chunks, folded lines, bare LF or CR, spaces before a colon, chunk
sizes that are no plain hexadecimal number. Refused here is what it lets through: other versions
than 1.0 and 1.1, transfer codings other than "chunked", chunks in HTTP/1.0, trailers, targets
that are not a path, no Host or two.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

_VERSIONS: Final = frozenset({"1.0", "1.1"})


class Unclear(Exception):  # noqa: N818 - it is what the request is
    """The request is refused with this status."""

    def __init__(self, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(status)
        self.status = status


def demand_clear(
    method: bytes,
    target: bytes,
    version: str,
    fields: Sequence[tuple[bytes, bytes]],
) -> None:
    """Look at a whole head, its fields' names in small letters. Raises Unclear."""
    if version not in _VERSIONS:
        raise Unclear(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED)
    sent: dict[bytes, list[bytes]] = {}
    for name, value in fields:
        sent.setdefault(name, []).append(value)
    codings = sent.get(b"transfer-encoding", [])
    is_chunked = [c.lower() for c in codings] == [b"chunked"] and version == "1.1"
    hosts = len(sent.get(b"host", []))
    is_clear = (
        _is_path(method, target)
        and (not codings or is_chunked)
        and (hosts == 1 or (hosts == 0 and version == "1.0"))
    )
    if not is_clear:
        raise Unclear


def _is_path(method: bytes, target: bytes) -> bool:
    """Not a proxy's forms (RFC 9112, 3.2.2, 3.2.3), not "*", and no fragment."""
    return target.startswith(b"/") and b"#" not in target and method != b"CONNECT"
