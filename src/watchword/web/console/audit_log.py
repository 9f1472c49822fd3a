"""Audit Log: filter, paging, export."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from starlette.responses import Response

from watchword.domain.audit import AuditEvent, Door
from watchword.domain.errors import Refusal
from watchword.storage.listings import AuditFilter, AuditRow
from watchword.usecases import audit_log
from watchword.web.console.rendering import utc
from watchword.web.console.visit import Visit
from watchword.web.http.i18n import _

PATH: Final = "/audit-log"
PAGE: Final = 50
# At the start of a cell, or of what a spreadsheet with another separator takes for one.
_FORMULA: Final = re.compile(r"(^|[,;\t\r\n])(?=[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])")
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
    """The page."""
    wanted = _filter(visit)
    rows = await visit.hop(audit_log.page, visit.app, wanted, PAGE + 1)
    asked = visit.request.query_params
    return visit.draw(
        "audit_log.html",
        _("Audit Log"),
        refusal=refusal,
        rows=[_row(row) for row in rows[:PAGE]],
        wanted={n: asked.get(n, "") for n in ("account", "event", "door", "since", "until")},
        events=[e.value for e in AuditEvent],
        doors=[d.value for d in Door],
        next_before=rows[PAGE - 1].id if len(rows) > PAGE else None,
    )


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


def flat(row: AuditRow) -> dict[str, object]:
    """Return an event as it is exported: times in RFC 3339, facts as they are."""
    at = row.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {**vars(row), "at": at, "facts": dict(row.facts)}


def as_json_lines(rows: list[AuditRow]) -> str:
    """Return one JSON document for each line."""
    return "".join(json.dumps(flat(row), ensure_ascii=False) + "\n" for row in rows)


def as_csv(rows: list[AuditRow]) -> str:
    """Return CSV (RFC 4180). What a spreadsheet would take for a formula gets a quote."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(AuditRow.__dataclass_fields__)
    for row in rows:
        cells = {**flat(row), "facts": json.dumps(dict(row.facts), ensure_ascii=False)}
        writer.writerow([_harmless(str(cell)) for cell in cells.values()])
    return text.getvalue()


def _harmless(cell: str) -> str:
    return _FORMULA.sub(r"\1'", cell)


async def export(visit: Visit) -> Response:
    """Export what the filter wants, as JSON lines or CSV."""
    wanted = replace(_filter(visit), before_id=None)
    rows = await visit.hop(lambda: list(audit_log.export(visit.app, visit.actor, wanted)))
    is_csv = visit.field("format") == "csv"
    ending, media_type = ("csv", "text/csv") if is_csv else ("jsonl", "application/jsonl")
    body = as_csv(rows) if is_csv else as_json_lines(rows)
    disposition = f'attachment; filename="watchword-audit.{ending}"'
    headers = {"content-disposition": disposition}
    return Response(body, media_type=f"{media_type}; charset=utf-8", headers=headers)
