"""GET /api/v1/server: version, host and database of the server."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from watchword import __version__
from watchword.i18n import N_
from watchword.web.api.operations import Api, Group, Success
from watchword.web.api.responses import json_response
from watchword.web.api.schemas import ServerOut

group = Group(N_("Server"))
_EXAMPLE = ServerOut(version="0.1.0", node="host1", uptime=86400, database="sqlite")


@group.operation(
    "GET", "/api/v1/server",
    summary=N_("Read version, host, uptime and database of the server"),
    answers=(Success(200, N_("The server."), ServerOut, _EXAMPLE),),
)  # fmt: skip
async def get_server(api: Api, _request: Request) -> Response:
    """Return the version, the host's name, the uptime and the kind of database."""
    uptime = api.app.clock.now() - api.started_at
    seconds = max(0, int(uptime.total_seconds()))
    return json_response(ServerOut(__version__, api.app.node, seconds, api.app.database.name))
