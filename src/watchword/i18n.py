"""Translation of sentences: `_("sentence")`, with %(name)s for blanks.

English is the source language. Catalogues of other languages belong into watchword/locale.
"""

from __future__ import annotations

import gettext
from pathlib import Path
from typing import Final

_LOCALE: Final = Path(__file__).parent / "locale"
CATALOGUE: Final = gettext.translation("watchword", _LOCALE, languages=["en"], fallback=True)


def _(sentence: str, **blanks: object) -> str:
    """Return the translated sentence with its blanks filled."""
    text = CATALOGUE.gettext(sentence)
    return text % blanks if blanks else text


def N_(sentence: str) -> str:  # noqa: N802 - gettext's name for "marked, translated later"
    """Return the sentence unchanged; extraction tools find it by this call."""
    return sentence


def ngettext(one: str, many: str, count: int, **blanks: object) -> str:
    """Return the translated sentence for a count, with its blanks and %(count)s filled."""
    return CATALOGUE.ngettext(one, many, count) % {"count": count, **blanks}
