"""Language of the console's pages: the account's, else the cookie's, else the browser's.

The cookie proves nothing. It is SameSite=Lax, as the cookie of the theme (themes.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from starlette.types import Scope

from watchword import i18n
from watchword.usecases.context import Watchword
from watchword.web.http import cookies

_PAGE: Final = b"text/html"


def of_page(headers: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[bytes, bytes], ...]:
    """Return the headers that name the language of a page; none for another answer."""
    for name, value in headers:
        if name.lower() == b"content-type" and value.startswith(_PAGE):
            own = i18n.current().encode()
            return (b"content-language", own), (b"vary", b"Accept-Language, Cookie")
    return ()


def english(_scope: Scope) -> str:
    """Return English, for the interface of scripts, which compare texts."""
    return i18n.SOURCE


def of_browser(app: Watchword) -> Callable[[Scope], str]:
    """Return the choice of a language before a session is known: cookie, then Accept-Language."""

    def language_of(scope: Scope) -> str:
        sent = cookies.public(scope["headers"], cookies.names_of(app))
        chosen = sent.get(cookies.LANGUAGE, "")
        if chosen in i18n.LANGUAGES:
            return chosen
        accepted = (v for name, v in scope["headers"] if name == b"accept-language")
        return i18n.accepted(b",".join(accepted).decode("latin-1"))

    return language_of


def keeping(choice: str) -> tuple[bytes, bytes] | None:
    """Return the Set-Cookie header that stores a language, or deletes it (""); None for an unknown
    language.
    """
    if not choice:
        return cookies.removal(cookies.LANGUAGE, same_site="Lax")
    if choice in i18n.LANGUAGES:
        return cookies.header(cookies.LANGUAGE, choice, life=cookies.LONGEST, same_site="Lax")
    return None
