"""The one way a sentence for people is marked: `_("sentence")`, with %(name)s for blanks.

English is the source language; catalogues for others go to watchword/locale.
"""

from __future__ import annotations

import gettext
from pathlib import Path
from typing import Final

_LOCALE: Final = Path(__file__).parent / "locale"
CATALOGUE: Final = gettext.translation("watchword", _LOCALE, languages=["en"], fallback=True)


def _(sentence: str, **blanks: object) -> str:
    """Return the sentence in the reader's language, its blanks filled."""
    text = CATALOGUE.gettext(sentence)
    return text % blanks if blanks else text


def N_(sentence: str) -> str:  # noqa: N802 - gettext's name for "marked, translated later"
    """Mark a sentence for translation and return it as it is."""
    return sentence


def ngettext(one: str, many: str, count: int, **blanks: object) -> str:
    """Return the sentence for this count; %(count)s is filled too."""
    return CATALOGUE.ngettext(one, many, count) % {"count": count, **blanks}
