"""Health checks: the process (/health/live) and its database (/health/ready)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from watchword.i18n import N_
from watchword.usecases.operations import maintenance
from watchword.web.api.operations import Api, Group, Success
from watchword.web.api.responses import json_response
from watchword.web.api.schemas import HealthOut
from watchword.web.http.worker_threads import api as in_thread

group = Group(N_("Server"))
_READY = HealthOut("ready")


@group.operation(
    "GET", "/health/live",
    summary=N_("Check that the process runs"),
    is_open=True,
    answers=(Success(200, N_("The process runs."), HealthOut, _READY),),
)  # fmt: skip
async def get_live(_api: Api, _request: Request) -> Response:
    """Answer without any check."""
    return json_response(HealthOut("live"))


@group.operation(
    "GET", "/health/ready",
    summary=N_("Check that the database answers"),
    problems=("key-outdated",),
    answers=(Success(200, N_("The database answers."), HealthOut, _READY),),
)  # fmt: skip
async def get_ready(api: Api, _request: Request) -> Response:
    """Check the database and the keyring. Raises DatabaseUnavailable, KeyOutdated."""
    await in_thread(maintenance.demand_ready, api.app)
    return json_response(_READY)
