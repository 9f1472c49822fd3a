"""Every problem code of the API with its status and title: what the documents list.

Refusals bring theirs from the table of all doors (web/http/errors.py); what is refused before a
use-case is asked has its code here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from watchword.domain import errors as e
from watchword.domain.errors import Refusal
from watchword.web.api import problems
from watchword.web.http.errors import ANSWERS, N_


@dataclass(frozen=True)
class Failure:
    """One code as it is documented; the title is marked for translation."""

    code: str
    status: int
    title: str


_REFUSALS: Final[tuple[type[Refusal], ...]] = (
    e.Throttled, e.Busy, e.DatabaseUnavailable, e.CannotDecrypt, e.SessionEnded, e.OwnAccount,
    e.WritingSwitchedOff, e.NoSuchAdministrator, e.LastAdministrator, e.UsernameTaken,
    e.NotInThisState, e.NothingToRevoke, e.AlreadySo, e.ChangedMeanwhile, e.Invalid,
)  # fmt: skip
_BODIES: Final = (
    Failure("bad-json", 400, N_("The body is not JSON in UTF-8")),
    Failure("repeated-key", 400, N_("A key of the body comes twice")),
)
_UNAUTHORIZED: Final = Failure(
    "unauthorized", 401, N_("Username and password are needed, or are not right")
)


def _all() -> dict[str, Failure]:
    plain = [Failure(code, status, title) for status, (code, title) in problems.TITLES.items()]
    refused = [Failure(k.code, ANSWERS[k].status, ANSWERS[k].title) for k in _REFUSALS]
    found = [_UNAUTHORIZED, *_BODIES, *plain, *refused]
    return {f.code: f for f in sorted(found, key=lambda f: (f.status, f.code))}


FAILURES: Final[Mapping[str, Failure]] = MappingProxyType(_all())

ALWAYS: Final = ("too-large", "internal-error")
WITH_CREDENTIALS: Final = (
    "unauthorized", "throttled", "busy", "database-unavailable", "cannot-decrypt",
)  # fmt: skip
WITH_UNSAFE_METHOD: Final = ("cross-origin",)
WITH_BODY: Final = ("bad-json", "repeated-key", "unsupported-media-type", "invalid")
WRITING: Final = ("writing-switched-off", "session-ended", "no-such-administrator")
"""What any operation that changes another account may answer."""
