"""Log format: one line for each event, for any input.

    plain   2026-11-24T14:32:53.120Z INFO watchword.server: the certificate was reloaded
    json    {"time": "2026-11-24T14:32:53.120Z", "level": "info", "logger": ..., "message": ...}

Control characters (C0, C1, DEL), the line and paragraph separators and the characters that change
the direction of writing are escaped, so input cannot forge or reverse a line (CWE-117). Of an
exception the types and places are logged, never its message, which may quote input.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, Final, TextIO

from watchword.config import Settings

# The "info" messages of these libraries do not help an operator.
_QUIET: Final = ("alembic", "uvicorn", "asyncio")
_BIDI: Final = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_CONTROL: Final = (*range(0x20), *range(0x7F, 0xA0))
_ESCAPES: Final = {
    **{code: f"\\x{code:02x}" for code in _CONTROL},
    **{code: f"\\u{code:04x}" for code in (0x2028, 0x2029, 0xFEFF, *_BIDI)},
}


class _ToStandardError(logging.StreamHandler[TextIO]):
    """The handler of this module; the type distinguishes it from others."""


def set_up(settings: Settings) -> None:
    """Log to standard error as the settings say; a second call changes level and format.

    The second call changes the existing handler: with a new one, a line of another thread could be
    lost between the two.
    """
    root = logging.getLogger()
    ours = [each for each in root.handlers if isinstance(each, _ToStandardError)]
    handler = ours[0] if ours else _ToStandardError(sys.stderr)
    handler.setFormatter(_FORMATTERS[settings.log_format]())
    root.setLevel(settings.log_level.upper())
    if not ours:
        root.addHandler(handler)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def number_lines(worker: int) -> None:
    """Mark the lines of this process as those of a worker."""

    def mark(record: logging.LogRecord) -> bool:
        record.worker = worker
        return True

    for handler in logging.getLogger().handlers:
        handler.addFilter(mark)


def time_of(record: logging.LogRecord) -> str:
    """Return the time of the event by RFC 3339, in UTC with milliseconds."""
    at = datetime.fromtimestamp(record.created, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Plain(logging.Formatter):
    """One line of text."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        request_id = getattr(record, "request_id", "")
        worker = getattr(record, "worker", None)
        parts = [f"worker {worker}:"] if worker else []
        parts += [record.getMessage(), *_failure(record)]
        parts += [f"[{request_id}]"] if request_id else []
        head = f"{time_of(record)} {record.levelname} {record.name}: "
        return (head + " ".join(parts)).translate(_ESCAPES)


class Json(logging.Formatter):
    """One JSON object in one line, in ASCII: every other character is escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": time_of(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name in ("request_id", "worker", "audit", "access"):
            if found := getattr(record, name, None):
                line[name] = found
        if failure := _failure(record):
            line["failure"] = failure
        return json.dumps(line, ensure_ascii=True, default=str).replace("\x7f", "\\u007f")


_FORMATTERS: Final = {"plain": Plain, "json": Json}


def _failure(record: logging.LogRecord) -> list[str]:
    """Return the types of the exception and its causes, each with the places it passed."""
    error = record.exc_info[1] if record.exc_info else None
    found = []
    while error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        places = " < ".join(f"{f.filename}:{f.lineno} {f.name}" for f in reversed(frames))
        found.append(f"{type(error).__name__} at {places}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found
