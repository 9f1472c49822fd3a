"""The roles of accounts, and their groups.

An administrator may do everything at every interface. A member enters applications behind the
gateway: at the console it manages its own credentials, and on the Management API it only reads who
it is. Groups are plain labels of an account. Applications name groups in their rules, and
`Remote-Groups` lists them, separated by commas.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from watchword.domain.errors import Problem

MOST_GROUPS: Final = 20
MOST_GROUP_CHARACTERS: Final = 64
_GROUP: Final = re.compile(r"[a-z0-9][a-z0-9._-]*")
_BETWEEN: Final = re.compile(r"[\s,]+")


class Role(StrEnum):
    """The roles, as they are stored."""

    ADMINISTRATOR = "administrator"
    MEMBER = "member"


def may_manage(role: Role | None) -> bool:
    """Return whether accounts of the role read and change other accounts and the installation."""
    return role is Role.ADMINISTRATOR


def groups_of(text: str) -> tuple[str, ...]:
    """Return the groups of a text that separates them by commas, spaces or lines."""
    return normal_groups(_BETWEEN.split(text))


def normal_groups(names: Iterable[str]) -> tuple[str, ...]:
    """Return the groups as they are stored: in lower case, each once, sorted."""
    stripped = (name.strip().lower() for name in names)
    return tuple(sorted({name for name in stripped if name}))


def groups_problems(groups: tuple[str, ...]) -> list[Problem]:
    """Return no problem or one problem of an account's groups.

    The names are part of a header, so they are ASCII without a comma.
    """
    if len(groups) > MOST_GROUPS:
        return [Problem("groups", "too-many-groups", {"most": MOST_GROUPS})]
    if any(len(name) > MOST_GROUP_CHARACTERS for name in groups):
        return [Problem("groups", "long-group", {"most": MOST_GROUP_CHARACTERS})]
    if not all(_GROUP.fullmatch(name) for name in groups):
        return [Problem("groups", "not-a-group")]
    return []
