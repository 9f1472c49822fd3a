"""How the pages look in one browser: as its system does, or always light, or always dark.

The choice is kept in a cookie of the browser and nowhere else: nothing is stored for it, and it
proves nothing. It is the one cookie that comes along when somebody follows a link on another site
(SameSite=Lax), so that the first page then is not drawn in another light than the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from watchword.web.http import cookies

SYSTEM: Final = "system"
"""No choice: the browser follows its system."""
THEMES: Final = ("light", "dark")


def chosen(sent: Mapping[str, str]) -> str | None:
    """Return the theme that cookies ask for: one of THEMES. Any other value asks for nothing."""
    value = sent.get(cookies.THEME)
    return value if value in THEMES else None


def alone(headers: Iterable[tuple[bytes, bytes]], names: cookies.Names) -> Mapping[str, str]:
    """Return the cookie of the choice and no other, for a page that is drawn whoever asks; none
    when one of our cookies came twice.
    """
    try:
        sent = cookies.parse(headers, names)
    except cookies.DuplicateCookie:
        return {}
    return {name: value for name, value in sent.items() if name == cookies.THEME}


def keeping(choice: str) -> tuple[bytes, bytes] | None:
    """Return the Set-Cookie header that makes the browser keep a choice, or forget it (SYSTEM);
    None for what is no choice.
    """
    if choice == SYSTEM:
        return cookies.removal(cookies.THEME, same_site="Lax")
    if choice in THEMES:
        return cookies.header(cookies.THEME, choice, life=cookies.LONGEST, same_site="Lax")
    return None
