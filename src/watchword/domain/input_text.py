"""Cleaning of typed and pasted text: invisible characters that keyboards and documents add.

Passwords are not cleaned: they are hashed as typed.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MOST_CODE_CHARACTERS: Final = 256
"""The longest text that is read as a code. A longer one is not normalised, since the time of NFKC
grows with the text.
"""
INVISIBLE_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
INVISIBLE: Final = frozenset(
    chr(c)
    for first, last in [
        (0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
        (0x2800, 0x2800), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0),
        (0xE0100, 0xE01EF),
    ]
    for c in range(first, last + 1)
)  # fmt: skip
"""Invisible characters whose category is not one of an invisible character."""
_DASHES: Final = frozenset("\u02d7\u2043\u2212\u2500\u2501\u30fc")
"""Dashes that are not in the category Pd; a Japanese keyboard types the last one."""
_LIST_MARK: Final = re.compile(r"\A[\W_]*[0-9A-Za-z]{1,2}[.):\]]")
_ENDS: Final = re.compile(r"\A[\W_]+|[\W_]+\Z")


def is_invisible(character: str) -> bool:
    """Return whether a character is invisible. A space does not count as invisible."""
    return unicodedata.category(character) in INVISIBLE_CATEGORIES or character in INVISIBLE


def visible(text: str) -> str:
    """Return the text without invisible characters and without spaces at its ends."""
    return "".join(c for c in text if not is_invisible(c)).strip()


def trimmed(text: str) -> str:
    """Return the text without spaces and invisible characters at its ends. Those inside stay,
    since joiners are part of real names.
    """
    shown = [i for i, c in enumerate(text) if not (c.isspace() or is_invisible(c))]
    return text[shown[0] : shown[-1] + 1] if shown else ""


def code_characters(typed: str) -> str:
    """Return the letters and digits of a typed code: in their usual width, without dashes, spaces,
    invisible characters, the mark of a list before them and punctuation around them. Anything
    else inside stays and makes the code invalid. Returns "" for a text that is too long.
    """
    typed = typed.strip()
    if len(typed) > MOST_CODE_CHARACTERS:
        return ""
    if typed[:1] and unicodedata.category(typed[0]) == "No":
        typed = typed[1:]  # a circled number before an item of a list
    text = "".join(c for c in unicodedata.normalize("NFKC", typed) if not _is_format(c))
    text = _ENDS.sub("", _LIST_MARK.sub("", text))
    return "".join(c for c in text if not (c.isspace() or _is_dash(c)))


def _is_format(character: str) -> bool:
    return unicodedata.category(character) == "Cf" or character in INVISIBLE


def _is_dash(character: str) -> bool:
    return unicodedata.category(character) == "Pd" or character in _DASHES
