"""/api/v1/applications: list, create, read, change, delete.

No credential of the API changes who may enter: the console and the command line do it. With
`api_manages_administrators` off, all writing operations are refused.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response

from watchword.domain.errors import AlreadySo
from watchword.i18n import N_
from watchword.usecases.applications import applications
from watchword.usecases.applications.applications import Managed
from watchword.usecases.applications.descriptions import (
    Changes,
    Described,
    Who,
    described,
    managed_of,
)
from watchword.web.api import bodies
from watchword.web.api import schemas as s
from watchword.web.api.authorization import reader, writer
from watchword.web.api.operations import Api, Body, Group, Parameter, Success
from watchword.web.api.responses import json_response
from watchword.web.http.worker_threads import api as in_thread

PATH: Final = "/api/v1/applications"
ONE: Final = PATH + "/{name}"
NAME: Final = Parameter(
    "name", N_("The name of the application."), {"type": "string"}, "wiki", place="path"
)
_WIKI: Final = Described(
    name="wiki", hosts=["wiki.example.org"], accept_api_passwords=True, who=Who(groups=["staff"])
)
_TAKEN: Final = ("application-taken", "host-taken")
group = Group(N_("Applications"))


@group.operation(
    "GET", PATH,
    summary=N_("List the applications, by name"),
    answers=(Success(200, N_("All applications."), s.ApplicationList, s.ApplicationList([_WIKI])),),
)  # fmt: skip
async def list_applications(api: Api, request: Request) -> Response:
    """Return all applications."""
    rows = await in_thread(applications.every, api.app, reader(request))
    return json_response(s.ApplicationList([described(row.managed) for row in rows]))


@group.operation(
    "POST", PATH,
    summary=N_("Create an application"),
    about=N_("It admits no account: `who` must be omitted. The console and `watchword application "
             "grant` change who may enter."),
    body=Body(Described, Described(name="wiki", hosts=["wiki.example.org"])),
    problems=("writing-switched-off", "person-needed", "too-many-applications", *_TAKEN),
    answers=(Success(201, N_("The new application."), Described, _WIKI,
                     headers={"Location": N_("The address of the application.")}),),
)  # fmt: skip
async def create_application(api: Api, request: Request) -> Response:
    """Create an application."""
    by = writer(api.app, request)
    sent = managed_of(await bodies.read(request, Described))
    made = await in_thread(applications.create, api.app, by, sent)
    location = f"{PATH}/{quote(made.application.name, safe='')}"
    return json_response(described(made), 201, location=location)


@group.operation(
    "GET", ONE,
    summary=N_("Read one application"),
    parameters=(NAME,),
    problems=("no-such-application",),
    answers=(Success(200, N_("The application."), Described, _WIKI),),
)  # fmt: skip
async def get_application(api: Api, request: Request) -> Response:
    """Return one application."""
    return json_response(described(await _read(api, request)))


async def _read(api: Api, request: Request) -> Managed:
    found = await in_thread(applications.by_name, api.app, reader(request), _name(request))
    return found.managed


def _name(request: Request) -> str:
    return unquote(request.path_params["name"])


@group.operation(
    "PATCH", ONE,
    summary=N_("Change an application"),
    about=N_("If one value is invalid, nothing is changed. `who` can only be sent as it is."),
    body=Body(Changes, Changes(accept_api_passwords=True)),
    parameters=(NAME,),
    problems=("writing-switched-off", "person-needed", "no-such-application", *_TAKEN),
    answers=(Success(200, N_("The application after the change."), Described, _WIKI),),
)  # fmt: skip
async def change_application(api: Api, request: Request) -> Response:
    """Change all named values, or none."""
    by = writer(api.app, request)
    sent = await bodies.read(request, Changes)
    try:
        changed = await in_thread(
            applications.change, api.app, by, _name(request), sent.made_to
        )  # fmt: skip
    except AlreadySo:  # success for a script; read the application again, it may have changed
        changed = await _read(api, request)
    return json_response(described(changed))


@group.operation(
    "DELETE", ONE,
    summary=N_("Delete an application"),
    parameters=(NAME,),
    problems=("writing-switched-off", "no-such-application"),
    answers=(Success(204, N_("Done. The answer has no body.")),),
)  # fmt: skip
async def delete_application(api: Api, request: Request) -> Response:
    """Delete an application with its grants and sessions."""
    by = writer(api.app, request)
    await in_thread(applications.delete, api.app, by, _name(request))
    return Response(status_code=204)
