"""Cookies: names, strict parsing and Set-Cookie headers.

A `__Host-` cookie is bound to this host and HTTPS, but not to a port. In an old browser a sibling
host can set a second cookie of the same name for another path or domain. The order of two such
cookies is not reliable, so a request with a repeated cookie is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final, Literal

from msgspec import Struct

from watchword.usecases.context import Watchword

PREFIX: Final = "__Host-ww"
SESSION: Final = "__Host-ww_s"
ATTEMPT: Final = "__Host-ww_t"
BEFORE_LOGIN: Final = "__Host-ww_p"
BROWSER: Final = "__Host-ww_d"
ENROLMENT: Final = "__Host-ww_e"
TOUR: Final = "__Host-ww_tour"
"""Numbers of the accounts that have hidden the three steps. It proves nothing."""
THEME: Final = "__Host-ww_theme"
"""Light or dark pages (themes.py). It proves nothing."""
LANGUAGE: Final = "__Host-ww_lang"
"""Language before a login (languages.py). It proves nothing."""
SAID: Final = "__Host-ww_said"
"""Name of a message that the login page shows once; there is no session that could store it.

A link cannot contain it, and the page ignores unknown names.
"""

LONGEST: Final = timedelta(days=400)
"""The longest time for which browsers keep a cookie."""
_OURS: Final = frozenset(
    {SESSION, ATTEMPT, BEFORE_LOGIN, BROWSER, ENROLMENT, TOUR, THEME, LANGUAGE, SAID}
)
_PUBLIC: Final = frozenset({THEME, LANGUAGE})
_MOST_CHARACTERS: Final = 512
_HOST_COOKIE: Final = re.compile(rb"(?:\A|;)[ \t]*(__Host-[^=;]+)=([^;]*)")


class DuplicateCookie(Exception):  # noqa: N818 - the name states the problem
    """The request contains a cookie of this server twice."""


class Names(Struct, frozen=True):
    """The cookie names of one installation.

    Cookies are not bound to a port. If two installations on one host had the same names, a login
    to one would end the session of the other.
    """

    prefix: str = PREFIX
    suffix: str = ""

    def sent(self, name: str) -> str:
        """Return the name to send for one of the constants above."""
        return self.prefix + name.removeprefix(PREFIX) + self.suffix


def names_of(app: Watchword) -> Names:
    """Return the names of an installation: with its id as suffix, or with the setting
    `cookie_prefix` as prefix.
    """
    chosen = app.settings.cookie_prefix
    return Names(chosen) if chosen else Names(suffix=f"_{app.installation_id}")


def parse(headers: Iterable[tuple[bytes, bytes]], names: Names) -> Mapping[str, str]:
    """Return the cookies of this installation, by the constants above. Raises DuplicateCookie.

    Names are compared as bytes, without decoding, quotes or inner white space. Other cookies are
    ignored and never deleted. The pattern is applied in C, because a header can contain 30,000
    cookies.
    """
    ours = {names.sent(name).encode(): name for name in _OURS}
    found: dict[str, str] = {}
    for header_name, value in headers:
        if header_name != b"cookie":
            continue
        for key, content in _HOST_COOKIE.findall(value):
            name = ours.get(key)
            if name in found:
                raise DuplicateCookie
            if name is not None:
                found[name] = content.rstrip(b" \t").decode("latin-1")[:_MOST_CHARACTERS]
    return found


def public(headers: Iterable[tuple[bytes, bytes]], names: Names) -> Mapping[str, str]:
    """Return only the cookies of theme and language, for a page without authentication; none if a
    cookie of this server is repeated.
    """
    try:
        sent = parse(headers, names)
    except DuplicateCookie:
        return {}
    return {name: value for name, value in sent.items() if name in _PUBLIC}


def sent_under(names: Names, made: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """Return a Set-Cookie header of this module with the name that the installation sends."""
    name, equals, rest = made[1].decode("latin-1").partition("=")
    return made[0], f"{names.sent(name)}{equals}{rest}".encode("latin-1")


def header(
    name: str,
    value: str,
    *,
    life: timedelta | None = None,
    same_site: Literal["Strict", "Lax"] = "Strict",
) -> tuple[bytes, bytes]:
    """Return a Set-Cookie header: Secure, HttpOnly, SameSite=Strict, for the whole host.

    Without `life` the cookie ends with the browser. Use Lax only for a cookie that proves nothing.
    """
    age = "" if life is None else f"; Max-Age={int(life.total_seconds())}"
    text = f"{name}={value}{age}; Path=/; Secure; HttpOnly; SameSite={same_site}"
    return b"set-cookie", text.encode("latin-1")


def removal(name: str, *, same_site: Literal["Strict", "Lax"] = "Strict") -> tuple[bytes, bytes]:
    """Return the Set-Cookie header that deletes the cookie."""
    return header(name, "", life=timedelta(0), same_site=same_site)
