"""Enrolment codes: the proof that who sets a phone up is who enabled MFA, or was told by them.

While MFA is pending, whoever knows the password could set up their own phone at the next login.
With the setting `enrolment_proof` the login asks for this code first. It is handed over by
phone or in person: 12 characters of Crockford's Base32 (60 bits), in three groups of four, good
for three days, used up by the login that gives it.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

from watchword.domain import recovery_codes as recovery_code_rules

LENGTH: Final = 12
LIFE: Final = timedelta(hours=72)
BROWSER_LIFE: Final = timedelta(days=14)
"""How long the browser that pressed the button needs no code."""
MOST_FAILURES: Final = 20
"""Wrong ones, over all logins, after which the code is void."""
ASKED_OFTEN: Final = 3
"""Logins that did not get past the question, after which the others are told."""
DORMANT: Final = timedelta(days=90)
"""After so long without a login a browser is no proof; the code is asked for."""
PENDING_LONG: Final = timedelta(days=14)
"""Pending for so long is told to everybody; it never goes back to Disabled by itself."""


class EnrolmentProof(StrEnum):
    """The setting."""

    OFF = "off"
    OTHER_BROWSER = "other_browser"
    ALWAYS = "always"


def written(code: str) -> str:
    """Return the code as it is shown: in groups of four, joined by hyphens."""
    return "-".join(code[i : i + 4] for i in range(0, LENGTH, 4))


def normalise(typed: str) -> str | None:
    """Return the 12 characters a person meant, or None; read like a recovery code."""
    return recovery_code_rules.normalise(typed, LENGTH)
