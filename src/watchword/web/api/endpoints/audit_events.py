"""GET /api/v1/audit-events: the audit log, newest event first."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from watchword.domain import times
from watchword.domain.audit import AuditEvent, Interface
from watchword.i18n import N_, _
from watchword.storage.audit_query import AuditFilter
from watchword.usecases.audit import audit_log
from watchword.web.api import schemas
from watchword.web.api.authorization import reader
from watchword.web.api.bodies import BadBody
from watchword.web.api.operations import Api, Group, Parameter, Success
from watchword.web.api.paging import AFTER, LIMIT, limit_of
from watchword.web.api.responses import json_response
from watchword.web.http.worker_threads import api as in_thread

group = Group(N_("Audit Log"))
_TIME: Final = {"type": "string", "format": "date-time"}
_EVENT: Final = schemas.AuditOut(
    id=42,
    at=schemas.EXAMPLE_TIME,
    event="mfa.reset",
    outcome="done",
    interface="console",
    actor="alice",
    subject="bob",
    address="192.0.2.7",
    user_agent="Mozilla/5.0 ...",
    request_id="3lGZcQ",
    session="9f86d081",
    facts={},
    node="host1",
    actor_id=1,
    subject_id=2,
)


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
        raise BadBody(422, "invalid", "after must be the `next` value of an earlier answer.")
    return int(text)


@group.operation(
    "GET", "/api/v1/audit-events",
    summary=N_("List audit events, newest first"),
    parameters=(
        LIMIT,
        AFTER,
        Parameter("account", N_("The actor or the subject of the event."),
                  {"type": "string"}, "bob"),
        Parameter("event", N_("The kind of event."),
                  {"type": "string", "enum": [e.value for e in AuditEvent]}),
        Parameter("interface", N_("The interface that was used."),
                  {"type": "string", "enum": [d.value for d in Interface]}),
        Parameter("since", N_("Events at or after this time."), _TIME),
        Parameter("until", N_("Events before this time."), _TIME),
    ),
    problems=("invalid",),
    answers=(Success(200, N_("A page of events."), schemas.AuditList,
                     schemas.AuditList([_EVENT], "42")),),
)  # fmt: skip
async def list_audit_events(api: Api, request: Request) -> Response:
    """Return a page of events that match the filters."""
    asked, limit = request.query_params, limit_of(request)
    since, until = _time(request, "since"), _time(request, "until")
    if times.is_reversed(since, until):
        raise BadBody(422, "invalid", _("until must not be before since."))
    wanted = AuditFilter(
        account=asked.get("account", "").replace("\0", ""),
        event=asked.get("event", "").replace("\0", ""),
        interface=asked.get("interface", "").replace("\0", ""),
        since=since,
        until=until,
        before_id=_after(request),
    )
    rows = await in_thread(audit_log.page, api.app, reader(request), wanted, limit + 1)
    following = str(rows[limit - 1].id) if len(rows) > limit else None
    items = [schemas.audit_of(row) for row in rows[:limit]]
    return json_response(schemas.AuditList(items, following))
