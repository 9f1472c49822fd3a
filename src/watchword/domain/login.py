"""Order of the steps of a login: username and password, then a step for the MFA status.

Interfaces show the step that `next_step` returns and do not decide themselves.
"""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from watchword.domain.mfa import Status


class Factor(StrEnum):
    """Verified factors. Values are `amr` values of RFC 8176; recovery codes have none there."""

    PASSWORD = "pwd"
    CODE = "otp"
    RECOVERY_CODE = "rc"


class Step(StrEnum):
    """The page of the login to show."""

    ASK_PASSWORD = "ask-password"
    ASK_ENROLMENT_CODE = "ask-enrolment-code"
    SHOW_SECRET = "show-secret"
    ASK_CODE = "ask-code"
    DONE = "done"


MOST_FAILURES = 5
"""Wrong codes after which a login attempt ends."""


def next_step(
    proved: frozenset[Factor], status: Status, *, is_enrolment_proved: bool = True
) -> Step:
    """Return the next step of a login with these verified factors.

    `is_enrolment_proved` is false while the setting `enrolment_proof` requires an enrolment code.
    """
    if Factor.PASSWORD not in proved:
        return Step.ASK_PASSWORD
    match status:
        case Status.DISABLED:
            return Step.DONE
        case Status.PENDING:
            if Factor.CODE in proved:
                return Step.DONE
            return Step.SHOW_SECRET if is_enrolment_proved else Step.ASK_ENROLMENT_CODE
        case Status.ACTIVE:
            is_proved = bool(proved & {Factor.CODE, Factor.RECOVERY_CODE})
            return Step.DONE if is_proved else Step.ASK_CODE
        case _:  # pragma: no cover - mypy proves it cannot happen
            assert_never(status)
