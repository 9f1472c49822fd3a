"""What a login attempt must show next.

The order is the help page's: username and password first, then the second step that the
account's MFA status asks for. A door asks `next_step` and draws what it answers; it decides
nothing itself.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import assert_never

from watchword.domain.mfa import Status


class Factor(StrEnum):
    """What has been proved; the values are the `amr` words of RFC 8176 where it has one."""

    PASSWORD = "pwd"
    CODE = "otp"
    RECOVERY_CODE = "rc"


class Step(StrEnum):
    """What the browser is shown."""

    ASK_PASSWORD = "ask-password"
    ASK_ENROLMENT_CODE = "ask-enrolment-code"
    SHOW_SECRET = "show-secret"
    ASK_CODE = "ask-code"
    DONE = "done"


MOST_FAILURES = 5
"""Wrong codes after which an attempt is dead and the password is asked again."""


_ESCAPE = r"%(?:2[1-46-9A-D]|20|3[0-9A-F]|[46][0-9A-F]|5[0-9ABDEF]|7[0-9A-E]|[89A-F][0-9A-F])"
_SEGMENT = rf"\.*(?:[A-Za-z0-9_~-]|{_ESCAPE})(?:[A-Za-z0-9_.~-]|{_ESCAPE})*"
_WISH = rf"[a-z_]+=(?:[A-Za-z0-9_.~+-]|{_ESCAPE})*"
_OWN_PAGE = re.compile(
    rf"/(?:[A-Za-z0-9_-]+(?:/{_SEGMENT})*(?:\?{_WISH}(?:&{_WISH})*)?)?"
)  # fmt: skip
"""A path of plain segments, the later ones also with the escapes of a name; a query of plain
wishes. Never escaped: control characters, dot, slash, backslash and the per cent sign itself,
which somebody on the way could read as something else.
"""


def safe_return_target(target: str) -> str:
    """Return the address to go to after a login: one of our own pages, else the first page.

    No scheme, no host, no empty segment, nothing a browser or proxy could read as one.
    """
    return target if len(target) <= 200 and _OWN_PAGE.fullmatch(target) else "/"


def next_step(
    proved: frozenset[Factor], status: Status, *, is_enrolment_proved: bool = True
) -> Step:
    """Return what a login must show next, given what it has proved so far.

    `is_enrolment_proved` is false while the setting `enrolment_proof` wants a code first.
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
