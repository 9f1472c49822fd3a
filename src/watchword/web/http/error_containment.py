"""Handling of unexpected exceptions: a 500 answer, and a log line with type and place only.

The message of an exception can contain user input or stored data, so it is never logged.
Starlette raises an exception again after it was answered, and the listener would log its message.
Exceptions outside the framework would be answered without the security headers. `Contained` stops
both.

It also answers requests that are cancelled at shutdown with "busy". Otherwise the listener would
answer 500 and log a traceback for each.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Crash = Callable[[Request, Exception], Awaitable[Response]]
CutOff = Callable[[Request], Response]
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


class Contained:
    """ASGI: stops unexpected exceptions. `crash` answers and logs those that were not yet
    answered; `cut_off` answers requests that are cancelled at shutdown.
    """

    def __init__(self, app: ASGIApp, crash: Crash, cut_off: CutOff) -> None:
        self._app = app
        self._crash = crash
        self._cut_off = cut_off

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        is_started = False

        async def noticed(message: Message) -> None:
            nonlocal is_started
            is_started = True
            await send(message)

        try:
            await self._app(scope, receive, noticed)
        except Exception as error:
            if scope["type"] != "http":
                raise
            if not is_started:
                response = await self._crash(Request(scope), error)
                await response(scope, receive, send)
            elif _LOGGED not in scope["state"]:
                raise
        except asyncio.CancelledError:
            # Only the shutdown of the listener cancels a request, not a client that disconnects.
            if scope["type"] != "http" or is_started:
                raise
            await self._cut_off(Request(scope))(scope, receive, send)
