"""Security headers of all answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

CONSOLE: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # With no-referrer a browser would send "Origin: null" with own forms, which are then refused.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), "
    "publickey-credentials-get=(self), publickey-credentials-create=(self)",
    "cache-control": "no-store",
}

API: Final = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


HSTS: Final = {"strict-transport-security": "max-age=31536000"}
"""Sent only if set: HSTS applies to every port of the host name. Never includeSubDomains."""


Pair = tuple[bytes, bytes]


def with_setting(headers: Mapping[str, str], *, hsts: bool) -> tuple[Pair, ...]:
    """Return the headers as ASGI pairs, with HSTS if the setting is on."""
    whole = {**headers, **HSTS} if hsts else headers
    return tuple((name.encode(), value.encode()) for name, value in whole.items())


def content_security_policy(nonce: str) -> str:
    """Return the console's policy: own style sheets, and own scripts with the nonce."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; "
        "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'"
    )


def completed(sent: Sequence[Pair], own: Sequence[Pair]) -> list[Pair]:
    """Return the headers of an answer with those of our own that it does not have yet."""
    present = {name.lower() for name, _value in sent}
    return [*sent, *[pair for pair in own if pair[0] not in present]]
