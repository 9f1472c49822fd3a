"""Every operation of the API, one row each (routes.py says what a row holds)."""

from __future__ import annotations

from functools import partial
from typing import Final

from watchword.domain.audit import AuditEvent, Interface
from watchword.web.api import health, metrics, whoami
from watchword.web.api import schemas as s
from watchword.web.api.administrator_rows import ADMINISTRATORS
from watchword.web.api.description import HTML
from watchword.web.api.endpoints import Row
from watchword.web.api.paging import AFTER, LIMIT
from watchword.web.api.routes import FORM, Body, Parameter, Success
from watchword.web.api.rpc import invoke
from watchword.web.api.rpc.functions import FUNCTIONS
from watchword.web.api.rpc.invoke import FunctionOut, InvokeAnswer, InvokeArguments, TaskArguments
from watchword.web.http.refusal_messages import N_

_SERVER: Final = partial(Row, tag=N_("Server"))
_INVOKE: Final = partial(Row, tag=N_("Calling convention"))
_TIME: Final = {"type": "string", "format": "date-time"}

_YOU: Final = Row(
    name="whoami", method="GET", path="/api/v1/whoami", tag=N_("You"),
    summary=N_("Tell who the credentials belong to"),
    endpoint=lambda _d: whoami.show,
    answers=(Success(200, N_("Who calls, and by what."), whoami.Whoami),),
)  # fmt: skip

_OPERATION: Final[tuple[Row, ...]] = (
    Row(
        name="list_audit_events", method="GET", path="/api/v1/audit-events", tag=N_("Audit Log"),
        summary=N_("List audit events, newest first"),
        endpoint=lambda d: d.operation.audit_events,
        parameters=(
            LIMIT,
            AFTER,
            Parameter("account", N_("Who did it, or whose account it was done to."),
                      {"type": "string"}, "bob"),
            Parameter("event", N_("The kind of event."),
                      {"type": "string", "enum": [e.value for e in AuditEvent]}),
            Parameter("interface", N_("The way in."),
                      {"type": "string", "enum": [d.value for d in Interface]}),
            Parameter("since", N_("From this time on."), _TIME),
            Parameter("until", N_("Before this time."), _TIME),
        ),
        failures=("invalid",),
        answers=(Success(200, N_("A page of events."), s.AuditList),),
    ),
    _SERVER(
        name="get_server", method="GET", path="/api/v1/server",
        summary=N_("Tell which server this is"),
        endpoint=lambda d: d.operation.server,
        answers=(Success(200, N_("The server."), s.ServerOut),),
    ),
    _SERVER(
        name="get_live", method="GET", path="/health/live",
        summary=N_("Tell that the process answers"),
        endpoint=lambda _d: health.live, is_open=True,
        answers=(Success(200, N_("It does."), s.HealthOut),),
    ),
    _SERVER(
        name="get_ready", method="GET", path="/health/ready",
        summary=N_("Tell that the database answers too"),
        endpoint=lambda d: d.ready, failures=("key-outdated",),
        answers=(Success(200, N_("It does."), s.HealthOut),),
    ),
    _SERVER(
        name="get_metrics", method="GET", path=metrics.PATH,
        summary=N_("Figures for Prometheus"),
        about=N_("Needs no credentials when it is asked from the server's own machine, without "
                 "any header that a proxy adds (X-Forwarded-..., Forwarded, X-Real-IP, Via)."),
        endpoint=lambda d: d.metrics.show, is_open_to_loopback=True,
        answers=(Success(200, N_("Prometheus' text format."), str, "text/plain"),),
    ),
    _SERVER(
        name="get_openapi", method="GET", path="/openapi.json",
        summary=N_("This description, as OpenAPI 3.1"),
        endpoint=lambda d: d.description.openapi,
        answers=(Success(200, N_("The document."), dict),),
    ),
    _SERVER(
        name="get_docs", method="GET", path="/docs",
        summary=N_("This description, as a page"),
        endpoint=lambda d: d.description.page,
        answers=(Success(200, N_("The page."), str, HTML),),
    ),
)  # fmt: skip

_EIGHT_KEYS: Final = (Success(200, N_("Done or not: `error` says which."), InvokeAnswer),)
_FUNCTIONS: Final = (Success(200, N_("Every function."), list[FunctionOut]),)
_IN_QUERY: Final = (
    Parameter("token", N_("A task's token; none is ever known."), {"type": "string"}, "abc"),
)
_IN_FORM: Final = Body(TaskArguments, FORM, is_required=False)

_CONVENTION: Final[tuple[Row, ...]] = (
    _INVOKE(
        name="invoke", method="POST", path="/api/invoke/{Function}",
        summary=N_("Call a function"),
        about=N_("For scripts that speak this calling convention: arguments as a form, and eight "
                 "keys in every answer. CreateSystemAdministrator takes config and password, "
                 "SetSystemAdministratorConfiguration takes config, "
                 "SetSystemAdministratorPassword takes userName and password, "
                 "DeleteSystemAdministrator, InitializeSystemAdministratorMFA and "
                 "DeactivateSystemAdministratorMFA take userName, the others take nothing. "
                 "Initializing enables MFA or, where it is active, resets the secret; a reset "
                 "and a deactivation revoke the account's API password."),
        endpoint=lambda d: d.invoke.call,
        body=Body(InvokeArguments, FORM, is_required=False),
        parameters=(
            Parameter("Function", N_("The function's name."),
                      {"type": "string", "enum": list(FUNCTIONS)}, "GetSystemAdministrators",
                      place="path"),
        ),
        answers=_EIGHT_KEYS,
    ),
    *(
        _INVOKE(
            name=f"{method.lower()}_metadata", method=method, path="/api/get-metadata",
            summary=N_("List the functions with their arguments"),
            endpoint=lambda _d: invoke.metadata, answers=_FUNCTIONS,
        )
        for method in ("GET", "POST")
    ),
    *(
        _INVOKE(
            name=f"{method.lower()}_{name}", method=method, path=path,
            summary=N_("Ask for a task that goes on"),
            about=N_("Every function is done when it answers, so there is never such a task."),
            endpoint=lambda _d: invoke.task, answers=_EIGHT_KEYS,
            parameters=_IN_QUERY if method == "GET" else (),
            body=_IN_FORM if method == "POST" else None,
        )
        for name, path in (
            ("status", "/api/get-status"),
            ("status_twice_slashed", "/api//get-status"),
            ("cancel", "/api/cancel-async"),
        )
        for method in ("GET", "POST")
    ),
)  # fmt: skip

TABLE: Final[tuple[Row, ...]] = (_YOU, *ADMINISTRATORS, *_OPERATION, *_CONVENTION)
