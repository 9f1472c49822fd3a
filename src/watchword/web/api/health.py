"""GET /health/live: the process answers. GET /health/ready: so does its database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from watchword.usecases.context import Watchword
from watchword.usecases.operations import maintenance
from watchword.web.api.schemas import HealthOut
from watchword.web.http.worker_threads import scripts as hop


def _json(status: str) -> Response:
    return Response(msgspec.json.encode(HealthOut(status)), media_type="application/json")


async def live(_request: Request) -> Response:
    """Answer without looking at anything."""
    return _json("live")


def ready(app: Watchword) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint that asks the database first; DatabaseUnavailable becomes a 503."""

    async def answer(_request: Request) -> Response:
        await hop(maintenance.demand_ready, app)
        return _json("ready")

    return answer
