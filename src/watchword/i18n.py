"""Translation of sentences: `_("sentence")`, with %(name)s for blanks.

English is the source language; catalogues of other languages are in watchword/locale. The language
is a context variable: each request and each command chooses its own, and worker threads of
web/http/worker_threads.py inherit it. So a sentence is never translated at import, nor cached.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

DOMAIN: Final = "watchword"
LOCALE: Final = Path(__file__).parent / "locale"
SOURCE: Final = "en"
LANGUAGES: Final[Mapping[str, str]] = MappingProxyType({"en": "English", "de": "Deutsch"})
"""The languages by code, each with its own name for itself."""
_THOUSANDS: Final = {"de": "."}
_MOST_ACCEPTED: Final = 20
_ACCEPTED: Final = re.compile(r"\s*([A-Za-z*-]+)\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?")
_current: ContextVar[str] = ContextVar("language", default=SOURCE)


def current() -> str:
    """Return the code of the language of this request or command."""
    return _current.get()


def choose(language: str) -> None:
    """Set the language for the rest of the surrounding `using`, or until `end`."""
    _current.set(language)


def begin(language: str) -> Token[str]:
    """Set the language until `end`."""
    return _current.set(language)


def end(begun: Token[str]) -> None:
    """Set the language that was set before `begin`."""
    _current.reset(begun)


@contextmanager
def using(language: str) -> Iterator[None]:
    """Set the language for a block."""
    begun = begin(language)
    try:
        yield
    finally:
        end(begun)


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == SOURCE:
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, LOCALE, languages=[language])


def _(sentence: str, **blanks: object) -> str:
    """Return the translated sentence with its blanks filled."""
    text = _catalogue(_current.get()).gettext(sentence)
    return text % blanks if blanks else text


def N_(sentence: str) -> str:  # noqa: N802 - gettext's name for "marked, translated later"
    """Return the sentence unchanged; extraction tools find it by this call."""
    return sentence


def ngettext(one: str, many: str, count: int, **blanks: object) -> str:
    """Return the translated sentence for a count, with its blanks and %(count)s filled."""
    text = _catalogue(_current.get()).ngettext(one, many, count)
    return text % {"count": number(count), **blanks}


def number(value: int) -> str:
    """Return a whole number with the separators of the language; English: 1,234."""
    return f"{value:,}".replace(",", _THOUSANDS.get(_current.get(), ","))


def accepted(header: str) -> str:
    """Return the best language for an Accept-Language header (RFC 9110, section 12.5.4)."""
    found: dict[str, float] = {}
    for item in header.split(",", _MOST_ACCEPTED)[:_MOST_ACCEPTED]:
        if (match := _ACCEPTED.fullmatch(item)) is not None:
            language = _known(match[1]) or (SOURCE if match[1] == "*" else "")
            found.setdefault(language, float(match[2] or 1))
    found.pop("", None)
    best = max(found, key=lambda language: found[language], default=SOURCE)
    return best if found.get(best) else SOURCE


def of_environment(environ: Mapping[str, str]) -> str:
    """Return the language of a command: LC_ALL, LC_MESSAGES or LANG. In any locale but C, the list
    of LANGUAGE comes first, as in GNU gettext.
    """
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((environ[name] for name in names if environ.get(name)), "C")
    if locale.partition(".")[0] in {"C", "POSIX"}:
        return SOURCE
    listed = environ.get("LANGUAGE", "").split(":")
    return _first_known([*listed, locale])


def _first_known(tags: Iterable[str]) -> str:
    return next(filter(None, map(_known, tags)), SOURCE)


def _known(tag: str) -> str:
    """Return the code of a language tag or locale, such as de-AT or de_DE.UTF-8; "" if unknown."""
    code = re.split(r"[-_.@]", tag, maxsplit=1)[0].lower()
    return code if code in LANGUAGES else ""
