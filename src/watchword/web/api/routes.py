"""One row for each operation of the API: how it is reached, what it takes, what it answers.

The routes that answer and the document that describes them are made of the same rows (table.py),
so that neither can say what the other does not.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from watchword.web.api import problem_sets
from watchword.web.api.bodies import BadBody
from watchword.web.http.cross_origin import SAFE_METHODS
from watchword.web.http.problem_kinds import KINDS

Endpoint = Callable[[Request], Awaitable[Response]]
D = TypeVar("D")
JSON: Final = "application/json"
_STRICT: Final = "/api/v1/"
"""Operations below it refuse a query that they would not follow."""
FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Parameter:
    """A value beside the body. `place` is query, path or header, as OpenAPI calls it."""

    name: str
    about: str
    schema: Mapping[str, Any]
    example: str | int | None = None
    place: str = "query"


@dataclass(frozen=True)
class Success:
    """One answer of an operation that went well; headers are named with what they hold."""

    status: int = 200
    about: str = ""
    body: type | None = None
    media_type: str = JSON
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Body:
    """What an operation takes: the struct it is read by."""

    kind: type
    media_type: str = JSON
    is_required: bool = True


@dataclass(frozen=True)
class ApiRoute(Generic[D]):
    """One operation. `failures` are the codes that are its own; those that any operation of its
    kind may answer are added (`codes`).
    """

    name: str
    method: str
    path: str
    tag: str
    summary: str
    endpoint: Callable[[D], Endpoint]
    answers: tuple[Success, ...]
    about: str = ""
    body: Body | None = None
    parameters: tuple[Parameter, ...] = ()
    failures: tuple[str, ...] = ()
    is_open: bool = False
    """Answers without credentials."""
    is_open_to_loopback: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        """Every problem code that the operation may answer, by status."""
        found = {*self.failures, *problem_sets.ALWAYS}
        if not self.is_open:
            found |= {*problem_sets.WITH_CREDENTIALS}
        if self.method not in SAFE_METHODS:
            found |= {*problem_sets.WITH_UNSAFE_METHOD}
        if self.body is not None and self.body.media_type == JSON:
            found |= {*problem_sets.WITH_BODY}
        if self.path.startswith(_STRICT):
            found |= {*problem_sets.WITH_QUERY}
        return tuple(code for code in KINDS if code in found)


def mounted(rows: Iterable[ApiRoute[D]], interfaces: D) -> list[Route]:
    """Return the framework's routes: one for each path, with all of its methods, so that
    another method is answered 405 with the whole list.
    """
    by_path: dict[str, dict[str, Endpoint]] = {}
    for row in rows:
        by_path.setdefault(row.path, {})[row.method] = _strict(row, row.endpoint(interfaces))
    return [
        Route(path, _by_method(endpoints), methods=list(endpoints))
        for path, endpoints in by_path.items()
    ]


def _by_method(endpoints: Mapping[str, Endpoint]) -> Endpoint:
    async def answer(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        return await endpoints[method](request)

    return answer


def _strict(row: ApiRoute[D], endpoint: Endpoint) -> Endpoint:
    if not row.path.startswith(_STRICT):
        return endpoint

    async def answer(request: Request) -> Response:
        _demand_known(request, row.parameters)
        return await endpoint(request)

    return answer


def _demand_known(request: Request, parameters: Iterable[Parameter]) -> None:
    """Refuse a query that the operation would not follow. Raises BadBody.

    A misspelt filter that is left out answers with everything, and one with a misspelt value
    with nothing: a script would take either for the truth.
    """
    known = {p.name: p for p in parameters if p.place == "query"}
    given = [name for name, _value in request.query_params.multi_items()]
    for name in given:
        if name not in known:
            names = ", ".join(known) or "none"
            raise BadBody(422, "invalid", f"There is no parameter {name[:64]} here, but: {names}.")
        if given.count(name) > 1:
            raise BadBody(422, "invalid", f"The parameter {name} comes twice.")
        values, value = known[name].schema.get("enum"), request.query_params[name]
        if values is not None and value and value not in values:
            raise BadBody(422, "invalid", f"{name} must be one of: {', '.join(values)}.")
