"""Routes of the Management API, made from the declared operations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from watchword.web.api.bodies import BadBody
from watchword.web.api.operations import STRICT, Api, Operation, Parameter

Handler = Callable[[Request], Awaitable[Response]]


def mounted(api: Api) -> list[Route]:
    """Return one route for each path, with all of its methods.

    With one route for each operation, a 405 would list the methods of the first one only.
    """
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in api.operations:
        by_path.setdefault(operation.path, {})[operation.method] = operation
    return [
        Route(path, _handler(api, operations), methods=list(operations))
        for path, operations in by_path.items()
    ]


def _handler(api: Api, operations: Mapping[str, Operation]) -> Handler:
    async def answer(request: Request) -> Response:
        operation = operations["GET" if request.method == "HEAD" else request.method]
        if operation.path.startswith(STRICT):
            _demand_known(request, operation.parameters)
        return await operation.endpoint(api, request)

    return answer


def _demand_known(request: Request, parameters: Iterable[Parameter]) -> None:
    """Refuse unknown or repeated query parameters and unknown values. Raises BadBody.

    A misspelt filter that is ignored returns every row; a misspelt value returns none. A script
    would take either answer for the truth.
    """
    known = {p.name: p for p in parameters if p.place == "query"}
    given = [name for name, _value in request.query_params.multi_items()]
    for name in given:
        if name not in known:
            names = ", ".join(known) or "none"
            raise BadBody(422, "invalid", f'Unknown parameter "{name[:64]}". Accepted: {names}.')
        if given.count(name) > 1:
            raise BadBody(422, "invalid", f'The parameter "{name}" is repeated.')
        values, value = known[name].schema.get("enum"), request.query_params[name]
        if values is not None and value and value not in values:
            raise BadBody(422, "invalid", f"{name} must be one of: {', '.join(values)}.")
