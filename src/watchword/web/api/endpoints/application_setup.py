"""/api/v1/applications/NAME/try and /recipe/PROXY: a decision of the gateway, and the file of a proxy."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import unquote

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from watchword.i18n import N_
from watchword.usecases.applications import trial
from watchword.usecases.gateway import recipes
from watchword.usecases.gateway.recipes import Place, Proxy
from watchword.web.api import bodies
from watchword.web.api.authorization import reader
from watchword.web.api.endpoints.applications import NAME, ONE
from watchword.web.api.operations import Api, Body, Group, Parameter, Success
from watchword.web.api.responses import json_response
from watchword.web.http.worker_threads import api as in_thread

_TEXT: Final = "text/plain"
group = Group(N_("Applications"))


class Try(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request that is not made."""

    path: Annotated[str, Meta(max_length=4096)]
    method: Annotated[str, Meta(max_length=64)] = "GET"
    username: Annotated[
        str, Meta(max_length=4096, description="As if just logged in; empty: not logged in.")
    ] = ""


class Tried(msgspec.Struct, frozen=True):
    """The decision of the gateway about it, and the rule that decided."""

    decision: str
    rule: str


@group.operation(
    "POST", f"{ONE}/try",
    summary=N_("Ask what the gateway decides about a request"),
    about=N_("The gateway uses the same rules. Nothing is sent to the application."),
    body=Body(Try, Try(path="/page", username="bob")),
    parameters=(NAME,),
    problems=("no-such-application", "no-such-administrator"),
    answers=(Success(200, N_("The decision."), Tried, Tried("allow", "permitted")),),
)  # fmt: skip
async def try_request(api: Api, request: Request) -> Response:
    """Return the decision about a request of a browser."""
    sent = await bodies.read(request, Try)
    name = unquote(request.path_params["name"])
    decision = await in_thread(
        trial.decide, api.app, reader(request), name, sent.username, sent.method, sent.path
    )
    return json_response(Tried(decision.outcome.value, decision.rule.value))


@group.operation(
    "GET", f"{ONE}/recipe/{{proxy}}",
    summary=N_("Read the configuration of a reverse proxy for an application"),
    parameters=(
        NAME,
        Parameter("proxy", N_("The reverse proxy."),
                  {"type": "string", "enum": [each.value for each in Proxy]}, "nginx", place="path"),
        Parameter("upstream", N_("Where the application itself listens."), {"type": "string"},
                  recipes.USUAL_UPSTREAM),
    ),
    problems=("no-such-application", "invalid"),
    answers=(Success(200, N_("The file."), str, "server { ... }", media_type=_TEXT),),
)  # fmt: skip
async def get_recipe(api: Api, request: Request) -> Response:
    """Return the printed recipe."""
    name = unquote(request.path_params["name"])
    place = Place(request.query_params.get("upstream") or recipes.USUAL_UPSTREAM)
    proxy = recipes.proxy_of(request.path_params["proxy"])
    text = await in_thread(
        recipes.of, api.app, reader(request), api.app.settings, name, proxy, place
    )
    return Response(text, media_type=_TEXT)
