"""Appearance of the pages in one browser: as the system, always light, or always dark.

The choice is stored only in a cookie, which proves nothing. The cookie is SameSite=Lax, so it is
also sent when the browser follows a link on another site. Otherwise the first page would appear in
another theme than the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from watchword.web.http import cookies

SYSTEM: Final = "system"
"""No choice: the browser follows its system."""
THEMES: Final = ("light", "dark")


def chosen(sent: Mapping[str, str]) -> str | None:
    """Return the theme in the cookie, one of THEMES; None for any other value."""
    value = sent.get(cookies.THEME)
    return value if value in THEMES else None


def keeping(choice: str) -> tuple[bytes, bytes] | None:
    """Return the Set-Cookie header that stores a theme, or deletes it (SYSTEM); None for an unknown
    theme.
    """
    if choice == SYSTEM:
        return cookies.removal(cookies.THEME, same_site="Lax")
    if choice in THEMES:
        return cookies.header(cookies.THEME, choice, life=cookies.LONGEST, same_site="Lax")
    return None
