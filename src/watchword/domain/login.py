"""What a login attempt must show next.

The order is the help page's: username and password first, then the second step that the
account's MFA status asks for. An interface asks `next_step` and draws what it answers; it decides
nothing itself.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import assert_never
from urllib.parse import quote, unquote

from watchword.domain.accounts import username_problems
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


_MOST_TARGET = 1200
"""Characters: the longest username, escaped, and its page around it fit in."""
_ESCAPE = r"%(?:[2-689A-Fa-f][0-9A-Fa-f]|7[0-9A-Ea-e])"
_WISH = rf"(?!to=)[a-z_]+=(?:[A-Za-z0-9_.~+-]|{_ESCAPE})*"
_QUERY = rf"(?:\?{_WISH}(?:&{_WISH})*)?"
_PLAIN_PAGE = re.compile(rf"/(?:[A-Za-z0-9_-]+(?:/\.*[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)*{_QUERY})?")
"""A path of plain segments; a query of plain wishes, none of which says where to go next."""
_UNESCAPED = re.compile(r"[:@!$&'()*,;=+]")
"""What RFC 3986, section 3.3, allows in a path besides the plain characters."""
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PAGE_OF_A_NAME = re.compile(rf"/[a-z-]+/((?:[A-Za-z0-9_.~-]|{_ESCAPE})+)/[a-z-]+{_QUERY}")
"""A page about one account. Escaped, its name holds whatever a username can: a slash too, never a
control character, and never only the dots that mean another folder.
"""


def safe_return_target(target: str) -> str:
    """Return the address to go to after a login: one of our own pages, else the first page.

    No scheme, no host, no empty segment, nothing a browser could read as one. What is escaped
    stays as it came: escaped anew it could be another name.
    """
    is_ours = len(target) <= _MOST_TARGET and (
        _PLAIN_PAGE.fullmatch(target) or _is_page_of_a_name(target)
    )
    return target if is_ours else "/"


def return_target(asked: str) -> str:
    """Return the address of a page of ours that was asked for, as a login may lead to it.

    Clients send characters such as "@", ":" and "," without escapes. They are escaped here, which
    leaves the meaning, so `safe_return_target` accepts nothing more than it does otherwise. Where
    the query is none of ours the path is returned without it.
    """
    path, _mark, query = asked.partition("?")
    path = _UNESCAPED.sub(lambda found: f"%{ord(found[0]):02X}", path)
    wishes = "&".join(_escaped(wish) for wish in query.split("&") if wish)
    whole = f"{path}?{wishes}" if wishes else path
    return whole if safe_return_target(whole) == whole else safe_return_target(path)


def _escaped(wish: str) -> str:
    name, _equals, value = _LONE_PERCENT.sub("%25", wish).partition("=")
    return f"{name}={quote(value, safe='%+', errors='replace')}"


def _is_page_of_a_name(target: str) -> bool:
    found = _PAGE_OF_A_NAME.fullmatch(target)
    if found is None:
        return False
    try:
        name = unquote(found.group(1), errors="strict")
    except UnicodeDecodeError:
        return False
    return not username_problems(name)


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
