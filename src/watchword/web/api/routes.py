"""Dispatch of requests to the declared operations of the Management API.

The framework's routing and error handling take longer than most operations. Its routes are only the
list of patterns, methods and paths.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from watchword.web.api.bodies import BadBody
from watchword.web.api.operations import STRICT, Api, Operation, Parameter

Handler = Callable[[Request, Any], Awaitable[Response]]


class Dispatch:
    """ASGI: answers by the operation of path and method. `handlers` answer errors by their class."""

    def __init__(self, api: Api, handlers: Mapping[type[Exception], Handler]) -> None:
        self._api = api
        self._handlers = handlers
        self._operations: dict[str, dict[str, Operation]] = {}
        for operation in api.operations:
            self._operations.setdefault(operation.path, {})[operation.method] = operation
        self.routes = [
            Route(path, self._answer, methods=list(found))
            for path, found in self._operations.items()
        ]
        self._patterns = [(r.path_regex, r.path) for r in self.routes if r.param_convertors]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request."""
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except Exception as error:
            handlers = (self._handlers.get(kind) for kind in type(error).__mro__)
            handler = next((found for found in handlers if found is not None), None)
            if handler is None:
                raise
            response = await handler(request, error)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        """Return the answer of the operation. Raises HTTPException (404, 405)."""
        operations = self._found(request.scope)
        method = request.scope["method"]
        operation = operations.get("GET" if method == "HEAD" else method)
        if operation is None:
            allowed = [*operations, "HEAD"] if "GET" in operations else [*operations]
            raise HTTPException(405, headers={"Allow": ", ".join(allowed)})
        if operation.path.startswith(STRICT) and request.scope["query_string"]:
            _demand_known(request, operation.parameters)
        return await operation.endpoint(self._api, request)

    def _found(self, scope: Scope) -> Mapping[str, Operation]:
        """Return the operations of the path by method. Raises HTTPException (404)."""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if (found := self._operations.get(path)) is not None and "{" not in path:
            return found
        for pattern, template in self._patterns:
            if (match := pattern.match(path)) is not None:
                scope["path_params"] = match.groupdict()
                return self._operations[template]
        raise HTTPException(404)


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
