"""Canaries: unique values used as secrets, and a search for them in all written data.

The search covers each encoding: plain, Base32, Base64, percent-encoded, hexadecimal.
"""

from __future__ import annotations

import base64
import functools
import math
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

SHORTEST = 8
"""Bytes. Shorter values occur by chance in a large file."""


def _aligned(value: bytes, bits: int, group: int, encode: object) -> set[bytes]:
    """Return the parts of an encoded value that do not depend on its position in a text."""
    found: set[bytes] = set()
    for offset in range(group):
        encoded = encode(b"\0" * offset + value).rstrip(b"=")  # type: ignore[operator]
        first, last = math.ceil(offset * 8 / bits), (offset + len(value)) * 8 // bits
        found.add(encoded[first:last])
    return found


@functools.cache
def forms(value: str | bytes) -> frozenset[bytes]:
    """Return every encoding of a value that is searched for."""
    raw = value.encode() if isinstance(value, str) else value
    text = value if isinstance(value, str) else value.decode("latin-1")
    every = "".join(f"%{byte:02x}" for byte in raw)
    found = {
        raw,
        raw.hex().encode(),
        raw.hex().upper().encode(),
        quote(text, safe="").encode(),
        quote_plus(text).encode(),
        every.encode(),
        every.upper().encode(),
        repr(raw)[2:-1].encode(),
        *_aligned(raw, 6, 3, base64.b64encode),
        *_aligned(raw, 6, 3, base64.urlsafe_b64encode),
        *_aligned(raw, 5, 5, base64.b32encode),
    }
    lower = {each.lower() for each in _aligned(raw, 5, 5, base64.b32encode)}
    return frozenset(each for each in found | lower if len(each) >= SHORTEST)


@dataclass
class Canaries:
    """The planted values by name."""

    planted: dict[str, str | bytes] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)

    def word(self, name: str, before: str = "", after: str = "") -> str:
        """Plant a new value and return it."""
        value = f"{before}{secrets.token_hex(8)}{after}"
        self.plant(name, value)
        return value

    def plant(self, name: str, value: str | bytes) -> None:
        """Record a secret that was made elsewhere."""
        if value and value not in self.planted.values():
            numbered = name if name not in self.planted else f"{name} {len(self.planted)}"
            self.planted[numbered] = value

    def found_in(self, content: bytes, *, but: Iterable[str] = ()) -> list[str]:
        """Return the names of the values found, except those that begin with one of `but`."""
        spared = tuple(but)
        return sorted(
            name
            for name, value in self.planted.items()
            if not (spared and name.startswith(spared))
            and any(form in content for form in forms(value))
        )

    def codes_in(self, text: str) -> list[str]:
        """Return the six-digit codes that occur as separate words of a text."""
        return [c for c in self.codes if re.search(rf"(?<![0-9A-Za-z]){c}(?![0-9A-Za-z])", text)]
