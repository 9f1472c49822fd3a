"""The form of an application: its fields, read and filled.

No name of a field contains "password": "Confirm it is you" does not repeat such fields.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from watchword.domain.applications import (
    LONGEST_SECONDS,
    SHORTEST_SECONDS,
    Admission,
    Application,
    Level,
)
from watchword.domain.errors import Invalid, Problem
from watchword.domain.roles import groups_of
from watchword.usecases.applications.applications import Managed
from watchword.usecases.applications.descriptions import described
from watchword.web.console.frame.request_context import RequestContext

VERSION: Final = "version"
"""The field with the state of the application that the page shows."""
_MINUTE: Final = 60
_TIMES: Final = ("max_login_age", "idle_seconds", "absolute_seconds")
_BETWEEN: Final = re.compile(r"[\s,]+")


def version_of(managed: Managed) -> str:
    """Return a text that changes with the application."""
    return hashlib.sha256(msgspec.json.encode(described(managed))).hexdigest()[:16]


def values_of(managed: Managed) -> dict[str, Any]:
    """Return the values of the fields for a stored application."""
    one = managed.application
    return {
        "name": one.name,
        "hosts": "\n".join(one.hosts),
        "level": one.level.value,
        "scripts": one.accept_api_passwords,
        "administrators_scripts": one.accept_administrators_api_passwords,
        "everyone": one.who.everyone,
        "groups": ", ".join(sorted(one.who.groups)),
        "accounts": "\n".join(managed.usernames),
        "public_paths": "\n".join(one.public_paths),
        **{name: _minutes(getattr(one, name)) for name in _TIMES},
    }


def _minutes(seconds: int | None) -> str:
    return "" if seconds is None else f"{seconds / _MINUTE:g}"


def typed(context: RequestContext) -> dict[str, Any]:
    """Return the values of the fields as they were sent."""
    texts = ("name", "hosts", "level", "groups", "accounts", "public_paths", *_TIMES)
    boxes = ("scripts", "administrators_scripts", "everyone")
    return {
        **{name: context.field(name) for name in texts},
        **{name: name in context.form for name in boxes},
    }


def read(context: RequestContext, before: Application) -> Managed:
    """Return the application that the form describes. Raises Invalid for a time that is none."""
    sent = typed(context)
    who = Admission(everyone=sent["everyone"], groups=frozenset(groups_of(sent["groups"])))
    application = replace(
        before,
        name=sent["name"].strip(),
        hosts=_several(sent["hosts"]),
        level=Level.PASSWORD if sent["level"] == Level.PASSWORD else Level.MFA,
        accept_api_passwords=sent["scripts"],
        accept_administrators_api_passwords=sent["administrators_scripts"],
        public_paths=_several(sent["public_paths"]),
        who=who,
        **_times(sent, before),
    )
    return Managed(application, tuple(_lines(sent["accounts"])))


def _several(text: str) -> tuple[str, ...]:
    return tuple(each for each in _BETWEEN.split(text) if each)


def _lines(text: str) -> Iterable[str]:
    """Yield the usernames of a text, one per line: a username may contain spaces and commas."""
    return (line.strip() for line in text.splitlines() if line.strip())


def _times(sent: dict[str, Any], before: Application) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    problems = []
    for name in _TIMES:
        text = sent[name].strip().replace(",", ".")
        if text == _minutes(getattr(before, name)):
            found[name] = getattr(before, name)
        elif re.fullmatch(r"[0-9]{1,7}(\.[0-9]{1,4})?", text):
            found[name] = round(float(text) * _MINUTE)
        elif not text and name == "max_login_age":
            found[name] = None
        else:
            limits = {"shortest": SHORTEST_SECONDS // 60, "longest": LONGEST_SECONDS // 60}
            problems.append(Problem(name, "not-minutes", limits))
    if problems:
        raise Invalid(*problems)
    return found
