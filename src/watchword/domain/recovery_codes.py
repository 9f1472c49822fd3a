"""Recovery codes: look-up secrets for the day the phone is gone (NIST SP 800-63B-4, 3.1.2).

A code is 24 characters of Crockford's Base32 (120 bits), written in six groups of four. 120
bits need no slow hash and no waiting time between tries; each works once.
"""

from __future__ import annotations

from typing import Final

from watchword.domain.input_text import code_characters

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 24
COUNT: Final = 8
FEW: Final = 2
"""With so many or fewer left, the console says that it is time for new ones."""

_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def written(code: str) -> str:
    """Return the code as it is shown: in groups of four, joined by hyphens."""
    return "-".join(code[i : i + 4] for i in range(0, LENGTH, 4))


def normalise(typed: str, length: int = LENGTH) -> str | None:
    """Return the characters of a typed code, or None when it cannot be such a code.

    Upper and lower case are one; O is read as 0, I and L as 1. Dashes, spaces, invisible
    characters and the mark of a list are dropped (input_text.code_characters).
    """
    typed = code_characters(typed)
    # Only ASCII is read: "ß" in upper case is two letters that the person did not type.
    text = typed.upper().translate(_READ_AS) if typed.isascii() else ""
    if len(text) != length or any(c not in ALPHABET for c in text):
        return None
    return text
