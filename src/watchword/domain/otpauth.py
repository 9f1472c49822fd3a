"""Key URIs (`otpauth://totp/...`): the text of the QR code that authenticator apps read.

The label is `issuer:account`. Many apps percent-decode it before they split it, some at the first
colon and some at the last, so neither part may contain one, encoded or not.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from watchword.domain.totp import base32

PRODUCT: Final = "Watchword"
MOST_HOST_CHARACTERS: Final = 253
_COLON: Final = "\N{RATIO}"
"""Written instead of a colon. It looks the same and NFKC keeps it; a name with it is so rare that
two accounts of one server do not end up with the same label.
"""


def issuer(host: str, chosen: str = "") -> str:
    """Return the name of this server in an authenticator app: `chosen`, the setting `totp_issuer`,
    or the product with the host's name, which keeps the entries of two servers apart.
    """
    if chosen.strip():
        return chosen.strip()
    is_usable = 0 < len(host) <= MOST_HOST_CHARACTERS
    return _without_colon(f"{PRODUCT} ({host})" if is_usable else PRODUCT)


def uri(secret: bytes, *, issuer: str, account: str) -> str:
    """Return the Key URI. Algorithm, digits and period are the defaults (SHA1, 6, 30) and left out:
    the QR code has fewer modules.
    """
    name = _quoted(issuer)
    label = f"{name}:{_quoted(account)}"
    return f"otpauth://totp/{label}?secret={base32(secret)}&issuer={name}"


def _without_colon(text: str) -> str:
    return text.replace(":", _COLON)


def _quoted(text: str) -> str:
    """Percent-encode; brackets are plain characters in a path and a query (RFC 3986, 3.3)."""
    return quote(_without_colon(text), safe="()")
