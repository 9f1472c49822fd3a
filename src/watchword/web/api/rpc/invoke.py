"""POST /api/invoke/{Function}: the calling convention that long-lived scripts speak.

Arguments come as a form, and every function's answer is 200 with the same eight keys, whether the function
did its work or not: `error` is null or says what to do. What is refused before a function is
looked for (credentials, another site's page, the size of the body) is answered as everywhere.
Nothing here takes long enough for a task to be asked about later, so no task is ever known to
/api/get-status and /api/cancel-async.
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
    """The form's fields; each function has its own, and all of those are needed."""

    config: Annotated[str | UnsetType, Meta(description=CONFIG.about)] = UNSET
    password: Annotated[str | UnsetType, Meta(description=PASSWORD.about)] = UNSET
    userName: Annotated[str | UnsetType, Meta(description=USER_NAME.about)] = UNSET  # noqa: N815


class TaskArguments(msgspec.Struct, frozen=True):
    """The form's field of a question for a task."""

    token: Annotated[str | UnsetType, Meta(description="None is ever known.")] = UNSET


class InvokeAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """The answer of every function: eight keys, always all of them."""

    error: Annotated[str | None, Meta(description="null, or what went wrong.")]
    token: Annotated[str | None, Meta(description="Always null: no function goes on later.")]
    status_version: int
    status_code: Annotated[
        str, Meta(extra_json_schema={"enum": ["succeeded", "failed"]})
    ]  # fmt: skip
    percent_progress: int
    status_text: str
    result: Annotated[Any, Meta(description="What the function returns; null for most.")]
    log_output: str


class ArgumentOut(msgspec.Struct, frozen=True):
    """An argument of a function; none of them may be null."""

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
                 "of them once.")  # fmt: skip
    if isinstance(failure, BadBody):
        place = f" ({failure.pointer})" if failure.pointer else ""
        return _("config cannot be used: %(why)s", why=failure.detail) + place
    if isinstance(failure, Invalid):
        return " ".join(field_messages.sentence(problem) for problem in failure.problems)
    return refusal_messages.answer_for(failure).sentence


def _demand_arguments(function: Function, given: Arguments) -> str | None:
    """Return what is wrong with the names of the arguments, if anything is."""
    names = function.argument_names
    if missing := [name for name in names if name not in given]:
        return _("The argument %(name)s is missing.", name=missing[0])
    if set(given) - set(names):
        return _("%(function)s takes no other arguments than: %(names)s.", function=function.name,
                 names=", ".join(names) or _("none"))  # fmt: skip
    return None


async def _arguments(request: Request) -> Arguments:
    """Return the form's fields; a call without arguments needs no body. Raises BadForm."""
    body = await read_body(request.receive, forms.MOST_BYTES)
    return forms.parse(request.headers.get("content-type", ""), body) if body else {}


_ANSWERS: Final = (
    Success(200, N_("Done or not: `error` says which."), InvokeAnswer,
            InvokeAnswer(None, None, 1, "succeeded", 100, "Done.", None, "")),
)  # fmt: skip
_FUNCTIONS: Final = (
    Success(200, N_("Every function."), list[FunctionOut],
            [FunctionOut("DeleteSystemAdministrator", [ArgumentOut("userName", "string")])]),
)  # fmt: skip


@group.operation(
    "POST", "/api/invoke/{Function}",
    summary=N_("Call a function"),
    about=N_("For scripts that speak this calling convention: arguments as a form, and eight "
             "keys in every answer. CreateSystemAdministrator takes config and password, "
             "SetSystemAdministratorConfiguration takes config, "
             "SetSystemAdministratorPassword takes userName and password, "
             "DeleteSystemAdministrator, InitializeSystemAdministratorMFA and "
             "DeactivateSystemAdministratorMFA take userName, the others take nothing. "
             "Initializing enables MFA or, where it is active, resets the secret; a reset "
             "and a deactivation revoke the account's API password."),
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
    """Call a function and answer with what it returned or why it did not."""
    function = FUNCTIONS.get(unquote(request.path_params["Function"]))
    if function is None:
        return _failed(_("There is no such function. /api/get-metadata lists them."))
    try:
        given = await _arguments(request)
        if problem := _demand_arguments(function, given):
            return _failed(problem)
        return _answer("succeeded", result=await function.run(Call(api.app, request, given)))
    except LoginFailed:
        raise  # the credential was revoked meanwhile: 401, as on every path
    except TooMany as failure:
        return _failed(str(failure))
    except (Refusal, BadBody, BadForm) as failure:
        return _failed(_sentence(failure))


async def metadata(_api: Api, _request: Request) -> Response:
    """List the functions with their arguments, as clients of this convention read it: a bare
    list, the arguments in their order.
    """
    listed = [
        FunctionOut(f.name, [ArgumentOut(a.name, a.type) for a in f.arguments])
        for f in FUNCTIONS.values()
    ]
    return json_response(listed)


async def task(_api: Api, _request: Request) -> Response:
    """Answer for a task's token: no function of ours goes on after its answer."""
    return _failed(_("No task has that token: every function is done when it answers."))


for _method in ("GET", "POST"):
    group.operation(
        _method, "/api/get-metadata",
        name=f"{_method.lower()}_metadata",
        summary=N_("List the functions with their arguments"),
        answers=_FUNCTIONS,
    )(metadata)  # fmt: skip

_IN_QUERY: Final = (
    Parameter("token", N_("A task's token; none is ever known."), {"type": "string"}, "abc"),
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
            summary=N_("Ask for a task that goes on"),
            about=N_("Every function is done when it answers, so there is never such a task."),
            parameters=_IN_QUERY if _method == "GET" else (),
            body=_IN_FORM if _method == "POST" else None,
            answers=_ANSWERS,
        )(task)  # fmt: skip
