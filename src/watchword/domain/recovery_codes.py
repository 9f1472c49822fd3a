"""Recovery codes: look-up secrets for a lost phone (NIST SP 800-63B-4, 3.1.2).

A code has 24 characters of Crockford's Base32 (120 bits) in six groups of four and works once. 120
bits need no slow hash and no throttling.
"""

from __future__ import annotations

from typing import Final

from watchword.domain.input_text import code_characters

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 24
COUNT: Final = 8
FEW: Final = 2
"""With this number or fewer left, the console recommends new codes."""

_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def written(code: str) -> str:
    """Return the code in its displayed form: groups of four, joined by hyphens."""
    return "-".join(code[i : i + 4] for i in range(0, LENGTH, 4))


def normalise(typed: str, length: int = LENGTH) -> str | None:
    """Return the characters of a typed code, or None when it is not a possible code.

    Case does not matter; O is read as 0, I and L as 1. Dashes, spaces, invisible characters and
    list marks are dropped (input_text.code_characters).
    """
    typed = code_characters(typed)
    # Only ASCII is read: "ß" would become two letters in upper case.
    text = typed.upper().translate(_READ_AS) if typed.isascii() else ""
    if len(text) != length or any(c not in ALPHABET for c in text):
        return None
    return text
