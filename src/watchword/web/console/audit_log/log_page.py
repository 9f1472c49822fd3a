"""The page Audit Log, and its export."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace
from starlette.responses import Response, StreamingResponse

from watchword import formats
from watchword.domain.errors import Invalid, Refusal
from watchword.i18n import _
from watchword.storage.audit_query import AuditRow
from watchword.usecases.audit import audit_log
from watchword.web import audit_export
from watchword.web.console.audit_log import log_view
from watchword.web.console.audit_log.log_query import YES, query
from watchword.web.console.frame.flash import Message
from watchword.web.console.frame.request_context import RequestContext
from watchword.web.http.file_names import file_name

PAGE: Final = 50
_COUNTED: Final = 500
"""Failed attempts whose addresses are counted."""
_LINES_AT_ONCE: Final = 500
_BYTE_ORDER_MARK: Final = "\ufeff"
"""Byte order mark before CSV. Without it, spreadsheets decode the file with the code page of the
computer and damage names with other letters than English ones. JSON lines need none.
"""


async def show(context: RequestContext, refusal: Refusal | None = None) -> Response:
    """Return the page."""
    asked = query(context)
    counts_addresses = asked.valid.get("failures") == YES
    most = _COUNTED if counts_addresses else PAGE + 1
    found = await context.in_thread(
        audit_log.search, context.app, context.actor, asked.filter, most
    )
    rows = found.rows
    nothing = Message(_("Nothing was exported.")) if isinstance(refusal, Invalid) else None
    if refusal is None and asked.invalid:
        refusal = Invalid(*asked.invalid)
    following = str(rows[PAGE - 1].id) if len(rows) > PAGE else ""
    return context.draw(
        "audit_log.html",
        _("Audit Log"),
        refusal=refusal,
        errors_about=nothing,
        days=log_view.days(rows[:PAGE], asked, context.times),
        zone=formats.zone(context.times.now.astimezone(context.times.zone)),
        wanted=asked.fields,
        sent={name: value for name, value in asked.fields.items() if value},
        in_words=log_view.in_words(asked),
        ranges=log_view.ranges(asked, context.times),
        categories=log_view.categories(asked),
        events=log_view.events_by_category(),
        addresses=log_view.addresses(rows, asked) if counts_addresses else [],
        counted=len(rows),
        interfaces=log_view.interfaces(),
        newest=asked.href() if asked.filter.before_id is not None else "",
        older=asked.href(before=following) if following else "",
        stop=None if following else found.stop,
        further=asked.href(before=str(found.stop.id)) if found.stop else "",
        kept_days=context.app.settings.audit_retention_days,
    )


async def export(context: RequestContext) -> Response:
    """Export the filtered events as JSON lines or CSV, streamed: there may be millions.

    Raises Invalid for an invalid filter. A file that contains more than was asked for would not be
    noticed.
    """
    asked = query(context)
    if asked.invalid:
        raise Invalid(*asked.invalid)
    wanted = replace(asked.filter, before_id=None)
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
