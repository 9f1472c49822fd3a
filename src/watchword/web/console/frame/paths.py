"""Paths that more than one part of the console links to."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

ADMINISTRATORS: Final = "/administrators"
AFTER_RECOVERY: Final = "/after-recovery"
NEW_PASSWORD: Final = "/new-password"
PREFERENCES: Final = "/preferences"
HELP: Final = "/help"


def of_account(username: str, action: str) -> str:
    """Return the path of an action on an account."""
    return f"{ADMINISTRATORS}/{quote(username, safe='')}/{action}"
