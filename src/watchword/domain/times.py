"""Parsing of times that people and scripts write."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from typing import Final

_WRITTEN: Final = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})"
    r"(?:[Tt ](?P<time>(?:[01]\d|2[0-3]):\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(?P<zone>[Zz]|[-+ ]\d{2}:?\d{2})?)?",
    re.ASCII,
)


def parse(text: str, zone: tzinfo = UTC) -> datetime:
    """Return a time of RFC 3339, section 5.6, in UTC. Without an offset it is a time in `zone`,
    without a time it is midnight.

    A space before the offset stands for a plus sign, because URL queries decode an unescaped plus
    sign as a space. Raises ValueError for other notations, such as week dates of ISO 8601.
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise ValueError("not a time of RFC 3339")
    offset = (found["zone"] or "").upper().replace(" ", "+")
    time = datetime.fromisoformat(f"{found['date']}T{found['time'] or '00:00'}{offset}")
    if not offset:
        time = time.replace(tzinfo=zone)
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise ValueError("in UTC before the year 1 or after 9999") from None


def is_reversed(since: datetime | None, until: datetime | None) -> bool:
    """Return whether a span of time would end before it begins."""
    return since is not None and until is not None and until < since
