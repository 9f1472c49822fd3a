"""Audit Log: filter, paging, export."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response, StreamingResponse

from watchword.domain.audit import AuditEvent, Door
from watchword.domain.errors import Invalid, Problem, Refusal
from watchword.storage.listings import AuditFilter, AuditRow
from watchword.usecases import audit_log
from watchword.web.console.rendering import utc
from watchword.web.console.visit import Visit
from watchword.web.http import audit_rows
from watchword.web.http.i18n import _

PATH: Final = "/audit-log"
PAGE: Final = 50
_ASKED: Final = ("account", "event", "door", "since", "until")
_LINES_AT_ONCE: Final = 500
_MOST_DIGITS: Final = 18
"""Of an event's number: beyond it lies what no database counts to."""


def _filter(visit: Visit) -> AuditFilter:
    """Read the filter; what cannot be understood wants everything."""
    asked = visit.form or visit.request.query_params
    before = asked.get("before", "")
    return AuditFilter(
        account=asked.get("account", "")[:64].replace("\0", ""),
        event=asked.get("event", "") if asked.get("event") in list(AuditEvent) else "",
        door=asked.get("door", "") if asked.get("door") in list(Door) else "",
        since=_time(asked.get("since", "")),
        until=_time(asked.get("until", "")),
        before_id=_number(before),
    )


def _number(text: str) -> int | None:
    is_number = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
    return int(text) if is_number else None


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


async def show(visit: Visit, refusal: Refusal | None = None) -> Response:
    """The page. A time that cannot be read is told: it would look as if there were no more."""
    wanted = _filter(visit)
    rows = await visit.hop(audit_log.page, visit.app, wanted, PAGE + 1)
    asked = {n: (visit.form or visit.request.query_params).get(n, "") for n in _ASKED}
    unread = [n for n in ("since", "until") if asked[n] and _time(asked[n]) is None]
    if unread and refusal is None:
        refusal = Invalid(*(Problem(n, "not-a-time") for n in unread))
    newest = f"{PATH}?{urlencode(asked)}" if wanted.before_id is not None else None
    return visit.draw(
        "audit_log.html",
        _("Audit Log"),
        refusal=refusal,
        rows=[_row(row) for row in rows[:PAGE]],
        wanted=asked,
        asked=_in_words(asked),
        newest=newest,
        events=[e.value for e in AuditEvent],
        doors=[d.value for d in Door],
        next_before=rows[PAGE - 1].id if len(rows) > PAGE else None,
    )


def _in_words(asked: Mapping[str, str]) -> list[tuple[str, str]]:
    labels = {
        "account": _("Account"),
        "event": _("Event"),
        "door": _("Door"),
        "since": _("From (UTC)"),
        "until": _("Until (UTC)"),
    }
    return [(label, asked[name]) for name, label in labels.items() if asked[name]]


def _row(row: AuditRow) -> dict[str, object]:
    facts = ", ".join(f"{k}: {v}" for k, v in row.facts.items())
    return {
        "at": utc(row.at),
        "event": row.event,
        "outcome": row.outcome,
        "door": row.door,
        "actor": row.actor,
        "subject": row.subject,
        "address": row.address,
        "facts": facts,
    }


async def export(visit: Visit) -> Response:
    """Export what the filter wants, as JSON lines or CSV, as it is read: there may be millions."""
    wanted = replace(_filter(visit), before_id=None)
    # The first event is read here: a database that does not answer is told on the page.
    rows = await visit.hop(_begun, audit_log.export(visit.app, visit.actor, wanted))
    is_csv = visit.field("format") == "csv"
    ending, media_type = ("csv", "text/csv") if is_csv else ("jsonl", "application/jsonl")
    body = audit_rows.csv_lines(rows) if is_csv else audit_rows.json_lines(rows)
    disposition = f'attachment; filename="watchword-audit.{ending}"'
    headers = {"content-disposition": disposition}
    return StreamingResponse(
        _in_pieces(body), media_type=f"{media_type}; charset=utf-8", headers=headers
    )


def _begun(rows: Iterator[AuditRow]) -> Iterator[AuditRow]:
    first = next(rows, None)
    return itertools.chain([] if first is None else [first], rows)


def _in_pieces(lines: Iterator[str]) -> Iterator[str]:
    """A hop into a thread for each line would take longer than the line."""
    while piece := "".join(itertools.islice(lines, _LINES_AT_ONCE)):
        yield piece
