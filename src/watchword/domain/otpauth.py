"""Key URIs (`otpauth://totp/...`): the content of the QR code for authenticator apps.

The label is `issuer:account`. Many apps percent-decode it and then split it at the first or the
last colon, so neither part may contain a colon, encoded or not.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from watchword.domain.totp import base32

PRODUCT: Final = "Watchword"
MOST_HOST_CHARACTERS: Final = 253
_COLON: Final = "\N{RATIO}"
"""The replacement for a colon. It looks the same and NFKC keeps it. Names with this character are
rare, so two accounts of one server do not get the same label.
"""


def issuer(host: str, chosen: str = "") -> str:
    """Return the name of this server in an authenticator app.

    It is `chosen`, the setting `totp_issuer`, or the product with the host's name, so that the
    entries of two servers differ.
    """
    if chosen.strip():
        return chosen.strip()
    is_usable = 0 < len(host) <= MOST_HOST_CHARACTERS
    return _without_colon(f"{PRODUCT} ({host})" if is_usable else PRODUCT)


def uri(secret: bytes, *, issuer: str, account: str) -> str:
    """Return the Key URI. It omits algorithm, digits and period, which are the defaults (SHA1, 6,
    30), so that the QR code has fewer modules.
    """
    name = _quoted(issuer)
    label = f"{name}:{_quoted(account)}"
    return f"otpauth://totp/{label}?secret={base32(secret)}&issuer={name}"


def _without_colon(text: str) -> str:
    return text.replace(":", _COLON)


def _quoted(text: str) -> str:
    """Percent-encode a text, except for brackets, which RFC 3986, 3.3, allows."""
    return quote(_without_colon(text), safe="()")
