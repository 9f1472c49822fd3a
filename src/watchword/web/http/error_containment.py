"""A crash is answered like everything else, and logged by its kind and place alone.

An exception's message can quote what somebody typed or what is stored, so it is never written.
Starlette raises a crash once more after it was answered, and the listener would log it with its
message; what stands outside the framework would be answered without our headers. Both end here.

So does a request that the server's end cuts off, when its time to drain is over: it is answered
that the server is busy, instead of by the listener's own 500 and a traceback for each.
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
_TOLD: Final = "crash_told"
_FRAMES: Final = 4


def tell(log: logging.Logger, request: Request, error: Exception) -> None:
    """Log the request's id, the kind of the crash, and the innermost places it came through."""
    state = request.scope["state"]
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    places = " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames))
    id_, kind = state["request_id"], type(error).__name__
    log.error("request %s failed: %s at %s", id_, kind, places, extra={"request_id": id_})
    state[_TOLD] = True


class Contained:
    """ASGI: no crash goes further; `crash` answers (and tells) those that nobody has yet, and
    `cut_off` who was not through at the server's end.
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
            elif _TOLD not in scope["state"]:
                raise
        except asyncio.CancelledError:
            # Only the listener's end cancels a request; a client that leaves does not.
            if scope["type"] != "http" or is_started:
                raise
            await self._cut_off(Request(scope))(scope, receive, send)
