"""Enrolment codes: proof that the right person sets up the phone.

While MFA is pending, an attacker with the password could set up their own phone at the next login.
With the setting `enrolment_proof` the login asks for this code first. The administrator who
enabled MFA passes it on by phone or in person. It has 12 characters of Crockford's Base32 (60
bits) in three groups of four, expires after three days, and works once.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

from watchword.domain import recovery_codes as recovery_code_rules

LENGTH: Final = 12
LIFE: Final = timedelta(hours=72)
BROWSER_LIFE: Final = timedelta(days=14)
"""How long the browser that enabled MFA needs no code."""
MOST_FAILURES: Final = 20
"""Wrong codes, over all logins, after which the code is void."""
ASKED_OFTEN: Final = 3
"""Logins without a correct code after which the other administrators see a banner."""
DORMANT: Final = timedelta(days=90)
"""After this time without a login the browser is no proof, and the code is required."""
PENDING_LONG: Final = timedelta(days=14)
"""After this time in Pending all administrators see a banner; the status stays Pending."""


class EnrolmentProof(StrEnum):
    """The setting."""

    OFF = "off"
    OTHER_BROWSER = "other_browser"
    ALWAYS = "always"


def written(code: str) -> str:
    """Return the code in its displayed form: groups of four, joined by hyphens."""
    return "-".join(code[i : i + 4] for i in range(0, LENGTH, 4))


def normalise(typed: str) -> str | None:
    """Return the 12 characters of a typed code, or None; the same rules as for recovery codes."""
    return recovery_code_rules.normalise(typed, LENGTH)
