"""Export of audit events as CSV and JSON Lines, for the console and the command line."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from msgspec.structs import asdict

from watchword.storage.audit_query import AuditRow

# At the start of a cell, or after a character that a spreadsheet may use as its separator.
_FORMULA: Final = re.compile(r"(^|[,;\t\r\n])(?=[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])")


def rfc3339(time: datetime) -> str:
    """Return a time as RFC 3339 in UTC, with milliseconds."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def flat(row: AuditRow) -> dict[str, object]:
    """Return an event as a flat dictionary, with its time in RFC 3339."""
    return {**asdict(row), "at": rfc3339(row.at), "facts": dict(row.facts)}


def json_lines(rows: Iterable[AuditRow]) -> Iterator[str]:
    """Yield one line of JSON for each event."""
    for row in rows:
        yield json.dumps(flat(row), ensure_ascii=False) + "\n"


def csv_lines(rows: Iterable[AuditRow]) -> Iterator[str]:
    """Yield CSV (RFC 4180). Text that a spreadsheet would run as a formula gets a leading quote."""
    yield _csv(AuditRow.__struct_fields__)
    for row in rows:
        cells = {**flat(row), "facts": json.dumps(dict(row.facts), ensure_ascii=False)}
        yield _csv(_cell(value) for value in cells.values())


def _cell(value: object) -> str:
    return "" if value is None else _FORMULA.sub(r"\1'", str(value))


def _csv(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
