"""Names of clients by their User-Agent header: browser and system, or program and version.

The header is chosen by the client, so a name is information and never a decision.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from watchword.domain.input_text import visible

MOST_CHARACTERS: Final = 40
"""Of the name of a client that is not in the tables."""
_BROWSERS: Final = (
    ("Edg/", "Edge"), ("EdgA/", "Edge"), ("EdgiOS/", "Edge"), ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"), ("Vivaldi/", "Vivaldi"), ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
    ("PowerShell/", "PowerShell"), ("w3m/", "w3m"), ("ELinks/", "ELinks"), ("Links (", "Links"),
    ("Lynx/", "Lynx"),
)  # fmt: skip
"""The first mark that a header contains counts: most browsers contain those of others as well."""
_SYSTEMS: Final = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"), ("FreeBSD", "FreeBSD"),
    ("OpenBSD", "OpenBSD"),
)  # fmt: skip
_PROGRAM: Final = re.compile(
    r"([A-Za-z][\w.+-]{0,31})(?:/v?(\d{1,4}(?:\.\d{1,4})?)\S*)?(?=\s|\Z)", re.A
)
"""A product and its version (RFC 9110, section 10.1.5), which is shortened to two numbers."""
_WITHOUT_VERSION: Final = frozenset({"Go-http-client"})
"""The number is the version of HTTP."""


class Client(Struct, frozen=True):
    """Browser and operating system, or a program with its version. Unknown parts are empty."""

    name: str
    system: str = ""


def client_of(user_agent: str) -> Client:
    """Return the client of a User-Agent header."""
    browser = _first(_BROWSERS, user_agent)
    if browser or user_agent.startswith("Mozilla/"):
        system = _first(_SYSTEMS, user_agent)
        return Client(browser, system) if browser or system else Client(_shortened(user_agent))
    if found := _PROGRAM.match(user_agent):
        name, version = found.groups()
        return Client(f"{name} {version}" if version and name not in _WITHOUT_VERSION else name)
    return Client(_shortened(user_agent))


def _first(marks: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for mark, name in marks if mark in text), "")


def _shortened(text: str) -> str:
    text = " ".join(visible(text[: 8 * MOST_CHARACTERS]).split())
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"
