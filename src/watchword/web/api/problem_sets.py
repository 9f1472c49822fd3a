"""Problem codes that operations have in common, for the documents.

The codes are explained in web/http/problem_kinds.py.
"""

from __future__ import annotations

from typing import Final

from watchword.domain.errors import NotAnAdministrator

ALWAYS: Final = ("too-large", "internal-error")
WITH_CREDENTIALS: Final = (
    "unauthorized", "throttled", "login-in-progress", "too-many-requests", "busy", "database-unavailable",
    "cannot-decrypt",
)  # fmt: skip
FOR_ADMINISTRATORS: Final = (NotAnAdministrator.code,)
"""Codes of each operation that is closed to members."""
WITH_UNSAFE_METHOD: Final = ("cross-origin",)
WITH_BODY: Final = ("bad-json", "repeated-key", "unsupported-media-type", "invalid")
WITH_QUERY: Final = ("invalid",)
CHANGING_ANOTHER: Final = (
    "writing-switched-off", "no-such-administrator", "own-account", "precondition-failed",
)  # fmt: skip
"""Codes of each operation that changes another account."""
CHANGING_A_MEMBER: Final = ("writing-switched-off", "no-such-member", "precondition-failed")
"""Codes of each operation that changes a member."""
