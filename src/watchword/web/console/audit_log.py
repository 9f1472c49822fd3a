"""Audit Log: filter, paging, export."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response, StreamingResponse

from watchword.domain import times
from watchword.domain.audit import AuditEvent, Interface
from watchword.domain.errors import Invalid, Problem, Refusal
from watchword.domain.times import is_reversed
from watchword.i18n import _
from watchword.storage.audit_query import AuditFilter, AuditRow
from watchword.usecases.audit import audit_log
from watchword.web import audit_export
from watchword.web.console.frame.flash import Message
from watchword.web.console.frame.request_context import RequestContext
from watchword.web.http.file_names import file_name

PATH: Final = "/audit-log"
PAGE: Final = 50
_TIMES: Final = ("since", "until")
_CHOICES: Final = {
    "event": [e.value for e in AuditEvent],
    "interface": [d.value for d in Interface],
}
_FIELDS: Final = ("account", *_CHOICES, *_TIMES)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DAY: Final = timedelta(days=1)
_LINES_AT_ONCE: Final = 500
_BYTE_ORDER_MARK: Final = "\ufeff"
"""Byte order mark before CSV. Without it, spreadsheets decode the file with the code page of the
computer and damage names with other letters than English ones. JSON lines need none.
"""
_MOST_DIGITS: Final = 18
"""Of an event's number. A longer number would not fit into the 64-bit column."""


@dataclass(frozen=True)
class _Query:
    """A filter from an address or a form: its fields for the page, the filter, and its problems.

    The filter leaves out an invalid field, and the page reports it. Otherwise the list would look
    like the answer to the whole query.
    """

    fields: Mapping[str, str]
    filter: AuditFilter
    invalid: tuple[Problem, ...]

    def in_words(self) -> list[tuple[str, str]]:
        """Return labels and values of the valid fields, for the printed page."""
        labels = {
            "account": _("Account"),
            "event": _("Event"),
            "interface": _("Interface"),
            "since": _("From (UTC)"),
            "until": _("Until (UTC)"),
        }
        out = {problem.field for problem in self.invalid}
        return [(label, self.fields[name])
                for name, label in labels.items() if self.fields[name] and name not in out]  # fmt: skip


def _query(context: RequestContext) -> _Query:
    given = context.form or context.request.query_params
    fields = {name: given.get(name, "") for name in _FIELDS}
    times = {name: _time(fields[name], is_end=name == "until") for name in _TIMES}
    chosen = {n: fields[n] if fields[n] in known else "" for n, known in _CHOICES.items()}
    invalid = [
        *(Problem(n, "not-a-choice") for n in _CHOICES if fields[n] and not chosen[n]),
        *(Problem(n, "not-a-time") for n in _TIMES if fields[n] and times[n] is None),
    ]
    if is_reversed(times["since"], times["until"]):
        invalid.append(Problem("until", "before-since"))
        times["until"] = None
    before = given.get("before", "")
    before_id = _number(before)
    if before and before_id is None:
        invalid.append(Problem("", "not-a-place"))  # only a link contains it, no field of the page
    wanted = AuditFilter(
        fields["account"], chosen["event"], chosen["interface"],
        times["since"], times["until"], before_id,
    )  # fmt: skip
    # Dates and invalid values are shown as they were typed.
    fields |= {
        name: _formatted(time) for name, time in times.items()
        if time and not _DATE.fullmatch(fields[name].strip())
    }  # fmt: skip
    return _Query(fields, wanted, tuple(invalid))


def _number(text: str) -> int | None:
    is_number = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
    return int(text) if is_number else None


def _time(text: str, *, is_end: bool) -> datetime | None:
    """Return the time, or None. A date becomes its beginning, or its end if `is_end`."""
    try:
        time = times.parse(text)
        return time + _DAY if is_end and _DATE.fullmatch(text.strip()) else time
    except (ValueError, OverflowError):
        return None


def _formatted(time: datetime) -> str:
    precision = "seconds" if time.second else "minutes"
    return time.replace(tzinfo=None).isoformat(" ", timespec=precision)


async def show(context: RequestContext, refusal: Refusal | None = None) -> Response:
    """Return the page."""
    query = _query(context)
    rows = await context.in_thread(
        audit_log.page, context.app, context.actor, query.filter, PAGE + 1
    )
    newest = f"{PATH}?{urlencode(query.fields)}" if query.filter.before_id is not None else None
    nothing = Message(_("Nothing was exported.")) if isinstance(refusal, Invalid) else None
    if refusal is None and query.invalid:
        refusal = Invalid(*query.invalid)
    return context.draw(
        "audit_log.html",
        _("Audit Log"),
        refusal=refusal,
        errors_about=nothing,
        rows=[_row(row) for row in rows[:PAGE]],
        wanted=query.fields,
        query=query.in_words(),
        newest=newest,
        choices=_CHOICES,
        kept_days=context.app.settings.audit_retention_days,
        next_before=rows[PAGE - 1].id if len(rows) > PAGE else None,
    )


def _row(row: AuditRow) -> dict[str, object]:
    facts = ", ".join(f"{k}: {v}" for k, v in row.facts.items())
    return {
        "at": row.at,
        "event": row.event,
        "outcome": row.outcome,
        "interface": row.interface,
        "actor": row.actor,
        "subject": row.subject,
        "address": row.address,
        "facts": facts,
    }


async def export(context: RequestContext) -> Response:
    """Export the filtered events as JSON lines or CSV, streamed: there may be millions.

    Raises Invalid for an invalid filter. A file that contains more than was asked for would not be
    noticed.
    """
    query = _query(context)
    if query.invalid:
        raise Invalid(*query.invalid)
    wanted = replace(query.filter, before_id=None)
    # The first event is read before the response starts, so that a page can report an outage.
    exported = audit_log.export(context.app, context.actor, wanted, context.me)
    rows = await context.in_thread(_with_first_read, exported)
    is_csv = context.field("format") == "csv"
    ending, media_type = ("csv", "text/csv") if is_csv else ("jsonl", "application/jsonl")
    lines = audit_export.csv_lines(rows) if is_csv else audit_export.json_lines(rows)
    body = itertools.chain([_BYTE_ORDER_MARK], lines) if is_csv else lines
    name = file_name("watchword-audit", context.host, ending=ending)
    disposition = f'attachment; filename="{name}"'
    headers = {"content-disposition": disposition}
    return StreamingResponse(
        _chunks(body), media_type=f"{media_type}; charset=utf-8", headers=headers
    )


def _with_first_read(rows: Iterator[AuditRow]) -> Iterator[AuditRow]:
    first = next(rows, None)
    return itertools.chain([] if first is None else [first], rows)


def _chunks(lines: Iterator[str]) -> Iterator[str]:
    """Join lines: a switch to a worker thread for each line takes longer than the line."""
    while piece := "".join(itertools.islice(lines, _LINES_AT_ONCE)):
        yield piece
