"""Cookies, read byte by byte and refused when one comes twice.

A `__Host-` cookie is bound to this host and HTTPS, but cookies ignore ports, and a sibling
host can add a second one of another path or domain under the same name in an old browser.
Which of the two came first is for nobody to rely on, so a request with two is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from watchword.usecases.context import Watchword

PREFIX: Final = "__Host-ww"
SESSION: Final = "__Host-ww_s"
ATTEMPT: Final = "__Host-ww_t"
BEFORE_LOGIN: Final = "__Host-ww_p"
BROWSER: Final = "__Host-ww_d"
ENROLMENT: Final = "__Host-ww_e"
TOUR: Final = "__Host-ww_tour"
"""The numbers of the accounts that want the three steps no more; it proves nothing."""
THEME: Final = "__Host-ww_theme"
"""Whether the pages are light or dark (themes.py); it proves nothing."""
SAID: Final = "__Host-ww_said"
"""The name of what the login page says once: there is no session that could keep it. No link can
hold it, and of what else it could name the page says nothing.
"""

LONGEST: Final = timedelta(days=400)
"""As long as browsers keep a cookie at most."""
_OURS: Final = frozenset({SESSION, ATTEMPT, BEFORE_LOGIN, BROWSER, ENROLMENT, TOUR, THEME, SAID})
_MOST_CHARACTERS: Final = 512
_HOST_COOKIE: Final = re.compile(rb"(?:\A|;)[ \t]*(__Host-[^=;]+)=([^;]*)")


class DuplicateCookie(Exception):  # noqa: N818 - it is the name of what is the matter
    """One of our cookies came twice."""


@dataclass(frozen=True)
class Names:
    """The cookie names of one installation. Cookies know no ports: two installations under one
    host name must not have the same names, or a login to one ends the session of the other.
    """

    prefix: str = PREFIX
    suffix: str = ""

    def sent(self, name: str) -> str:
        """Return the name, one of the constants above, as it is sent."""
        return self.prefix + name.removeprefix(PREFIX) + self.suffix


def names_of(app: Watchword) -> Names:
    """Return the names of an installation: with its id at the end, unless the setting
    `cookie_prefix` keeps installations apart.
    """
    chosen = app.settings.cookie_prefix
    return Names(chosen) if chosen else Names(suffix=f"_{app.installation_id}")


def parse(headers: Iterable[tuple[bytes, bytes]], names: Names) -> Mapping[str, str]:
    """Return the cookies of this installation, by the constants above. Raises DuplicateCookie.

    Only its own names are read, compared as bytes: no decoding, no quotes, no white space
    inside. Other cookies are ignored and never deleted. One pass in C: a header has room for 30,000
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


def sent_under(names: Names, made: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """Return a Set-Cookie header made here with the name that the installation sends."""
    name, equals, rest = made[1].decode("latin-1").partition("=")
    return made[0], f"{names.sent(name)}{equals}{rest}".encode("latin-1")


def header(
    name: str,
    value: str,
    *,
    life: timedelta | None = None,
    same_site: Literal["Strict", "Lax"] = "Strict",
) -> tuple[bytes, bytes]:
    """Return the Set-Cookie header: Secure, HttpOnly, SameSite=Strict, for the whole host.
    Without a `life` the browser forgets it when it is closed. Lax is for what proves nothing.
    """
    age = "" if life is None else f"; Max-Age={int(life.total_seconds())}"
    text = f"{name}={value}{age}; Path=/; Secure; HttpOnly; SameSite={same_site}"
    return b"set-cookie", text.encode("latin-1")


def removal(name: str, *, same_site: Literal["Strict", "Lax"] = "Strict") -> tuple[bytes, bytes]:
    """Return the Set-Cookie header that makes a browser forget the cookie."""
    return header(name, "", life=timedelta(0), same_site=same_site)
