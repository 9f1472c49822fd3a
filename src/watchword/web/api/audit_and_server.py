"""GET /api/v1/audit-events and GET /api/v1/server."""

from __future__ import annotations

from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from watchword import __version__
from watchword.domain import times
from watchword.i18n import _
from watchword.storage.audit_query import AuditFilter
from watchword.usecases.audit import audit_log
from watchword.usecases.context import Watchword
from watchword.web.api import schemas
from watchword.web.api.administrators import json_response
from watchword.web.api.authorization import reader
from watchword.web.api.bodies import BadBody
from watchword.web.api.paging import limit_of
from watchword.web.http.worker_threads import scripts as hop


def _time(request: Request, name: str) -> datetime | None:
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        return times.parse(text)
    except ValueError:
        detail = _("%(name)s must be a time such as 2026-03-14T15:09:26Z, or a date.", name=name)
        raise BadBody(422, "invalid", detail) from None


def _after(request: Request) -> int | None:
    text = request.query_params.get("after")
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise BadBody(422, "invalid", "after must be the `next` of an earlier answer.")
    return int(text)


class Operation:
    """The endpoints, for one installation."""

    def __init__(self, app: Watchword) -> None:
        self._app = app
        self._started_at = app.clock.now()

    async def audit_events(self, request: Request) -> Response:
        """GET: events, newest first; filters `account`, `event`, `interface`, `since`, `until`."""
        asked, limit = request.query_params, limit_of(request)
        wanted = AuditFilter(
            account=asked.get("account", "").replace("\0", ""),
            event=asked.get("event", "").replace("\0", ""),
            interface=asked.get("interface", "").replace("\0", ""),
            since=_time(request, "since"),
            until=_time(request, "until"),
            before_id=_after(request),
        )
        rows = await hop(audit_log.page, self._app, reader(request), wanted, limit + 1)
        following = str(rows[limit - 1].id) if len(rows) > limit else None
        items = [schemas.audit_of(row) for row in rows[:limit]]
        return json_response(schemas.AuditList(items, following))

    async def server(self, _request: Request) -> Response:
        """GET: which server this is."""
        uptime = self._app.clock.now() - self._started_at
        return json_response(
            schemas.ServerOut(
                version=__version__,
                node=self._app.node,
                uptime=max(0, int(uptime.total_seconds())),
                database=self._app.database.name,
            )
        )
