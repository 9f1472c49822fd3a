"""Applications: the tools behind the gateway, with their grants.

A new application admits no account. Its name is part of addresses and of proxy configurations, so it
consists of few characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from watchword.domain import application_hosts, public_paths
from watchword.domain.errors import Invalid, Problem
from watchword.domain.roles import groups_problems

MOST_NAME_CHARACTERS: Final = 64
MOST_HOSTS: Final = 50
MOST_PUBLIC_PATHS: Final = 100
SHORTEST_SECONDS: Final = 60
LONGEST_SECONDS: Final = 30 * 24 * 3600
IDLE_SECONDS: Final = 8 * 3600
ABSOLUTE_SECONDS: Final = 12 * 3600
_MOST_SHOWN: Final = 80
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)


class Level(StrEnum):
    """The proof that a login must contain."""

    PASSWORD = "password"
    MFA = "mfa"


class Admission(Struct, frozen=True):
    """Which accounts may enter: all, those in one of the groups, and single ones by their ids."""

    everyone: bool = False
    groups: frozenset[str] = frozenset()
    accounts: frozenset[int] = frozenset()

    def permits(self, account_id: int, groups: Iterable[str]) -> bool:
        """Return whether an account with these groups may enter."""
        return self.everyone or account_id in self.accounts or not self.groups.isdisjoint(groups)


class Application(Struct, frozen=True):
    """A tool behind the gateway. The id never changes; the name may.

    `max_login_age` is the longest time in seconds since the login, None for no limit. Every request
    extends a session of the gateway by `idle_seconds`, until it is `absolute_seconds` old.
    """

    name: str
    hosts: tuple[str, ...]
    id: int = 0
    is_enabled: bool = True
    level: Level = Level.MFA
    accept_api_passwords: bool = False
    accept_administrators_api_passwords: bool = False
    max_login_age: int | None = None
    idle_seconds: int = IDLE_SECONDS
    absolute_seconds: int = ABSOLUTE_SECONDS
    public_paths: tuple[str, ...] = ()
    who: Admission = field(default_factory=Admission)

    def accepts_api_password(self, *, of_administrator: bool) -> bool:
        """Return whether the API password of an administrator or of a member opens it."""
        is_opened = self.accept_administrators_api_passwords or not of_administrator
        return self.accept_api_passwords and is_opened


def name_key(name: str) -> str:
    """Return the form in which names are compared."""
    return name.lower()


def checked(entered: Application) -> Application:
    """Return the application as it is stored, with each host and path once and in one spelling.

    Raises Invalid with all problems of the entered values.
    """
    problems = [
        *_name_problems(entered.name),
        *_list_problems("hosts", entered.hosts, MOST_HOSTS, _host_problem),
        *_list_problems(
            "public_paths", entered.public_paths, MOST_PUBLIC_PATHS, public_paths.rule_problem
        ),
        *_time_problems(entered),
        *_group_problems(entered.who.groups),
    ]
    if not entered.hosts:
        problems.append(Problem("hosts", "required"))
    if problems:
        raise Invalid(*problems)
    hosts = (application_hosts.of_input(each) for each in entered.hosts)
    paths = (each.strip() for each in entered.public_paths)
    return replace(
        entered,
        hosts=tuple(dict.fromkeys(host for host in hosts if host is not None)),
        public_paths=tuple(dict.fromkeys(paths)),
    )


def _name_problems(name: str) -> list[Problem]:
    rules = {
        "required": not name,
        "too-long": len(name) > MOST_NAME_CHARACTERS,
        "name-characters": _NAME.fullmatch(name) is None,
    }
    rule = next((rule for rule, is_broken in rules.items() if is_broken), None)
    return [Problem("name", rule, {"most": MOST_NAME_CHARACTERS})] if rule else []


def _list_problems(
    field_name: str, values: tuple[str, ...], most: int, problem_of: Callable[[str], str | None]
) -> Iterator[Problem]:
    """Yield a problem for too many values, or the first problem of each kind."""
    if len(values) > most:
        yield Problem(field_name, "too-many", {"most": most})
        return
    seen: set[str] = set()
    for value in values:
        rule = problem_of(value.strip())
        if rule is not None and rule not in seen:
            seen.add(rule)
            yield Problem(field_name, rule, {"value": _shown(value)})


def _host_problem(host: str) -> str | None:
    if application_hosts.of_input(host) is not None:
        return None
    if "*" in host:
        return "host-with-star"
    return "host-with-path" if "/" in host else "not-a-host"


def _group_problems(groups: Iterable[str]) -> list[Problem]:
    """Return the problem of the first group that no account can have."""
    each = (groups_problems((name,)) for name in sorted(groups))
    return next((problems for problems in each if problems), [])


def _time_problems(entered: Application) -> Iterator[Problem]:
    times = {
        "max_login_age": entered.max_login_age,
        "idle_seconds": entered.idle_seconds,
        "absolute_seconds": entered.absolute_seconds,
    }
    limits = {"shortest": SHORTEST_SECONDS, "longest": LONGEST_SECONDS}
    for name, seconds in times.items():
        if seconds is not None and not SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS:
            yield Problem(name, "seconds-out-of-range", limits)
    if entered.idle_seconds > entered.absolute_seconds:
        yield Problem("idle_seconds", "longer-than-session")


def _shown(value: str) -> str:
    """Return the value as a message may show it."""
    return "".join(c if c.isprintable() else "?" for c in value[:_MOST_SHOWN])
