"""POST /api/invoke/{Function}: the calling convention of existing scripts.

Arguments are a form. Every function answers 200 with the same eight keys; `error` is null or
contains the reason. Requests that are refused earlier (credentials, cross-origin, size) get a
problem document like on all other paths. Every function is finished when it answers, so
/api/get-status and /api/cancel-async never know a task.
"""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import unquote

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from watchword.domain.errors import Invalid, LoginFailed, Refusal
from watchword.i18n import N_, _
from watchword.web.api.bodies import BadBody
from watchword.web.api.operations import FORM, Api, Body, Group, Parameter, Success
from watchword.web.api.responses import json_response
from watchword.web.api.rpc.functions import (
    CONFIG,
    FUNCTIONS,
    PASSWORD,
    USER_NAME,
    Arguments,
    Call,
    Function,
    TooMany,
)
from watchword.web.http import field_messages, forms, refusal_messages
from watchword.web.http.forms import BadForm
from watchword.web.http.request_scope import read_body

_DONE = 100
group = Group(N_("Calling convention"))


class InvokeArguments(msgspec.Struct, frozen=True):
    """The fields of the form. Each function requires its own arguments."""

    config: Annotated[str | UnsetType, Meta(description=CONFIG.about)] = UNSET
    password: Annotated[str | UnsetType, Meta(description=PASSWORD.about)] = UNSET
    userName: Annotated[str | UnsetType, Meta(description=USER_NAME.about)] = UNSET  # noqa: N815


class TaskArguments(msgspec.Struct, frozen=True):
    """The field of the form that asks about a task."""

    token: Annotated[
        str | UnsetType, Meta(description="The token of a task. No task is ever known.")
    ] = UNSET


class InvokeAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """The answer of every function, always with all eight keys."""

    error: Annotated[str | None, Meta(description="The reason of a failure, else null.")]
    token: Annotated[
        str | None, Meta(description="Always null: every function is finished when it answers.")
    ]
    status_version: int
    status_code: Annotated[
        str, Meta(extra_json_schema={"enum": ["succeeded", "failed"]})
    ]  # fmt: skip
    percent_progress: int
    status_text: str
    result: Annotated[Any, Meta(description="The result of the function; null for most functions.")]
    log_output: str


class ArgumentOut(msgspec.Struct, frozen=True):
    """An argument of a function. It cannot be null."""

    name: str
    type: Annotated[str, Meta(extra_json_schema={"enum": ["string", "number", "bool", "json"]})]
    nullable: bool = False


class FunctionOut(msgspec.Struct, frozen=True):
    """A function with its arguments, in the order in which a client passes them."""

    name: str
    args: list[ArgumentOut]


def _answer(status_code: str, *, error: str | None = None, result: Any = None) -> Response:
    text, percent = (_("Done."), _DONE) if error is None else (error, 0)
    body = InvokeAnswer(error, None, 1, status_code, percent, text, result, "")
    return Response(msgspec.json.encode(body), media_type="application/json")


def _failed(error: str) -> Response:
    return _answer("failed", error=error)


def _sentence(failure: Refusal | BadBody | BadForm) -> str:
    if isinstance(failure, BadForm):
        return _("The arguments must be a form (application/x-www-form-urlencoded, UTF-8), each "
                 "given once.")  # fmt: skip
    if isinstance(failure, BadBody):
        place = f" ({failure.pointer})" if failure.pointer else ""
        return _("config is invalid: %(why)s", why=failure.detail) + place
    if isinstance(failure, Invalid):
        return " ".join(field_messages.sentence(problem) for problem in failure.problems)
    return refusal_messages.answer_for(failure).sentence


def _demand_arguments(function: Function, given: Arguments) -> str | None:
    """Return an error for missing or unknown arguments, else None."""
    names = function.argument_names
    if missing := [name for name in names if name not in given]:
        return _("The argument %(name)s is missing.", name=missing[0])
    if set(given) - set(names):
        return _("%(function)s takes only these arguments: %(names)s.", function=function.name,
                 names=", ".join(names) or _("none"))  # fmt: skip
    return None


async def _arguments(request: Request) -> Arguments:
    """Return the fields of the form, none for an empty body. Raises BadForm, TooLarge."""
    body = await read_body(request.receive, forms.MOST_BYTES)
    return forms.parse(request.headers.get("content-type", ""), body) if body else {}


_ANSWERS: Final = (
    Success(200, N_("The result. `error` is null on success."), InvokeAnswer,
            InvokeAnswer(None, None, 1, "succeeded", 100, "Done.", None, "")),
)  # fmt: skip
_FUNCTIONS: Final = (
    Success(200, N_("All functions."), list[FunctionOut],
            [FunctionOut("DeleteSystemAdministrator", [ArgumentOut("userName", "string")])]),
)  # fmt: skip


@group.operation(
    "POST", "/api/invoke/{Function}",
    summary=N_("Call a function"),
    about=N_("For scripts that use this calling convention: arguments as a form, and eight keys in "
             "every answer. CreateSystemAdministrator takes config and password, "
             "SetSystemAdministratorConfiguration takes config, "
             "SetSystemAdministratorPassword takes userName and password, "
             "DeleteSystemAdministrator, InitializeSystemAdministratorMFA and "
             "DeactivateSystemAdministratorMFA take userName. The other functions take no "
             "arguments. InitializeSystemAdministratorMFA enables MFA, or resets the secret if MFA is "
             "active. A reset and a deactivation revoke the account's API password."),
    body=Body(InvokeArguments, InvokeArguments(config='{"userName":"bob","fullName":"Bob Example"}'),
              FORM, is_required=False),
    parameters=(
        Parameter("Function", N_("The function's name."),
                  {"type": "string", "enum": list(FUNCTIONS)}, "GetSystemAdministrators",
                  place="path"),
    ),
    answers=_ANSWERS,
)  # fmt: skip
async def invoke(api: Api, request: Request) -> Response:
    """Call a function and return its result or the reason of its failure."""
    function = FUNCTIONS.get(unquote(request.path_params["Function"]))
    if function is None:
        return _failed(_("There is no such function. /api/get-metadata lists them."))
    try:
        given = await _arguments(request)
        if problem := _demand_arguments(function, given):
            return _failed(problem)
        return _answer("succeeded", result=await function.run(Call(api.app, request, given)))
    except LoginFailed:
        raise  # the credential was revoked during the request: 401, as on every path
    except TooMany as failure:
        return _failed(str(failure))
    except (Refusal, BadBody, BadForm) as failure:
        return _failed(_sentence(failure))


async def metadata(_api: Api, _request: Request) -> Response:
    """List the functions with their arguments: a bare list, arguments in their order."""
    listed = [
        FunctionOut(f.name, [ArgumentOut(a.name, a.type) for a in f.arguments])
        for f in FUNCTIONS.values()
    ]
    return json_response(listed)


async def task(_api: Api, _request: Request) -> Response:
    """Answer that the task is unknown: every function is finished when it answers."""
    return _failed(_("No task has this token: every function is finished when it answers."))


for _method in ("GET", "POST"):
    group.operation(
        _method, "/api/get-metadata",
        name=f"{_method.lower()}_metadata",
        summary=N_("List the functions with their arguments"),
        answers=_FUNCTIONS,
    )(metadata)  # fmt: skip

_IN_QUERY: Final = (
    Parameter(
        "token", N_("The token of a task. No task is ever known."), {"type": "string"}, "abc"
    ),
)
_IN_FORM: Final = Body(TaskArguments, TaskArguments("abc"), FORM, is_required=False)
for _name, _path in (
    ("status", "/api/get-status"),
    ("status_twice_slashed", "/api//get-status"),
    ("cancel", "/api/cancel-async"),
):
    for _method in ("GET", "POST"):
        group.operation(
            _method, _path,
            name=f"{_method.lower()}_{_name}",
            summary=N_("Ask about a task"),
            about=N_("Every function is finished when it answers, so no task is ever known."),
            parameters=_IN_QUERY if _method == "GET" else (),
            body=_IN_FORM if _method == "POST" else None,
            answers=_ANSWERS,
        )(task)  # fmt: skip
