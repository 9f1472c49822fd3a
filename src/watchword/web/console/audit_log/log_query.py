"""The filter of the Audit Log, from an address or a form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from datetime import time as clock_time
from typing import Final
from urllib.parse import urlencode

from msgspec import Struct

from watchword.domain import times
from watchword.domain.audit import AuditEvent, Interface
from watchword.domain.audit_categories import Category, events_of
from watchword.domain.errors import Problem
from watchword.domain.times import is_reversed
from watchword.storage.audit_query import AuditFilter
from watchword.web.console.frame.request_context import RequestContext

PATH: Final = "/audit-log"
YES: Final = "yes"
"""The value of the fields `changes` and `failures`."""
CHOICES: Final = {
    "category": [c.value for c in Category],
    "event": [e.value for e in AuditEvent],
    "interface": [i.value for i in Interface],
    "changes": [YES],
    "failures": [YES],
}
TIMES: Final = ("since", "until")
FIELDS: Final = (
    "category", "changes", "failures", "event", "account", "interface", "address", *TIMES,
)  # fmt: skip
_NO_EVENT: Final = frozenset({""})
"""Matches no event. An empty set would match all."""
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DOTTED: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_MICROSECOND: Final = timedelta(microseconds=1)
_MOST_DIGITS: Final = 18
"""Of an event's number. A longer number would not fit into the 64-bit column."""


class Query(Struct, frozen=True):
    """The fields for the page, the filter, and the problems.

    The filter leaves out an invalid field, and the page reports it. Otherwise the list would look
    like the answer to the whole query.
    """

    fields: Mapping[str, str]
    filter: AuditFilter
    invalid: tuple[Problem, ...]

    @property
    def valid(self) -> dict[str, str]:
        """The valid fields that are filled in."""
        out = {problem.field for problem in self.invalid}
        return {name: v for name, v in self.fields.items() if v and name not in out}

    def href(self, **changed: str) -> str:
        """Return the address of the page with changed fields; an empty one is left out."""
        fields = {name: value for name, value in {**self.fields, **changed}.items() if value}
        return f"{PATH}?{urlencode(fields)}" if fields else PATH


def query(context: RequestContext) -> Query:
    """Return the query of a request."""
    given, zone = context.form or context.request.query_params, context.times.zone
    fields = {name: given.get(name, "") for name in FIELDS}
    fields |= {name: _with_hyphens(fields[name]) for name in TIMES}
    limits = {name: _time(fields[name], zone, is_end=name == "until") for name in TIMES}
    chosen = {n: fields[n] if fields[n] in known else "" for n, known in CHOICES.items()}
    invalid = [
        *(Problem(n, "not-a-choice") for n in CHOICES if fields[n] and not chosen[n]),
        *(Problem(n, "not-a-time") for n in TIMES if fields[n] and limits[n] is None),
    ]
    if is_reversed(limits["since"], _last(limits["until"], fields["until"])):
        invalid.append(Problem("until", "before-since"))
        limits["until"] = None
    before = given.get("before", "")
    before_id = _number(before)
    if before and before_id is None:
        invalid.append(Problem("", "not-a-place"))  # only a link contains it, no field of the page
    wanted = AuditFilter(
        account=fields["account"], event=chosen["event"], interface=chosen["interface"],
        since=limits["since"], until=limits["until"], before_id=before_id,
        address=fields["address"].strip(), events=_events(chosen),
    )  # fmt: skip
    # Dates and invalid values are shown as they were typed.
    fields |= {
        name: _formatted(time.astimezone(zone)) for name, time in limits.items()
        if time and not is_date(fields[name])
    }  # fmt: skip
    return Query(fields, wanted, tuple(invalid))


def is_date(text: str) -> bool:
    """Return whether a valid time of the filter is a date alone."""
    return _DATE.fullmatch(text.strip()) is not None


def _with_hyphens(text: str) -> str:
    """Return a date as YYYY-MM-DD if it is written as DD.MM.YYYY, as in German. Dates with slashes
    are not accepted: their order differs by country.
    """
    found = _DOTTED.fullmatch(text.strip())
    return f"{found[3]}-{found[2]:0>2}-{found[1]:0>2}" if found else text


def _events(chosen: Mapping[str, str]) -> frozenset[str]:
    category, changes, failures = (chosen[name] for name in ("category", "changes", "failures"))
    if not (category or changes or failures):
        return frozenset()
    wanted = Category(category) if category else None
    found = events_of(wanted, changes_only=bool(changes), failures_only=bool(failures))
    return frozenset(e.value for e in found) or _NO_EVENT


def _number(text: str) -> int | None:
    is_number = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
    return int(text) if is_number else None


def _time(text: str, zone: tzinfo, *, is_end: bool) -> datetime | None:
    """Return the time, or None, also for one that cannot be shown in the zone. A date becomes its
    beginning, or its end if `is_end`.
    """
    try:
        if is_date(text):
            day = date.fromisoformat(text.strip()) + timedelta(days=is_end)
            found = datetime.combine(day, clock_time(), zone)
        else:
            found = times.parse(text, zone).astimezone(zone)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _last(until: datetime | None, text: str) -> datetime | None:
    """Return a time on the last day if `until` was a date: the end of that day is on the next one."""
    return until - _MICROSECOND if until and is_date(text) else until


def _formatted(time: datetime) -> str:
    """Return the time for the form. An hour that occurs twice has its offset, the second time."""
    precision = "seconds" if time.second else "minutes"
    shown = time if time.fold else time.replace(tzinfo=None)
    return shown.isoformat(" ", timespec=precision)
