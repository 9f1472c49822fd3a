"""Handling of unexpected exceptions: a 500 answer, and a log line with type and place only.

The message of an exception can contain user input or stored data, so it is never logged.
Starlette raises an exception again after it was answered, and the listener would log its message.
The envelope (envelope.py) stops it.
"""

from __future__ import annotations

import logging
import traceback
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.types import Scope

_LOGGED: Final = "crash_logged"
_FRAMES: Final = 4


def log_crash(log: logging.Logger, request: Request, error: Exception) -> None:
    """Log the id of the request, the type of the exception and its innermost frames."""
    state = request.scope["state"]
    log_failure(log, state["request_id"], error)
    state[_LOGGED] = True


def log_failure(log: logging.Logger, id_: str, error: Exception) -> None:
    """Log a request's id, the type of the exception and its innermost frames."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    places = " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames))
    kind = type(error).__name__
    log.error("request %s failed: %s at %s", id_, kind, places, extra={"request_id": id_})


def is_logged(scope: Scope) -> bool:
    """Return whether a crash of this request is in the log."""
    return _LOGGED in scope["state"]
