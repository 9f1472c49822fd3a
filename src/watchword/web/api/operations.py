"""Declarations of the operations of the Management API.

An endpoint declares its operation with the decorator `Group.operation`: method, path, structs,
problems, texts and examples. The routes (routes.py), the OpenAPI document (openapi.py) and /docs
are made from these declarations (table.py lists them), so they always agree.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final

from msgspec import Struct, field
from starlette.requests import Request
from starlette.responses import Response

from watchword.usecases.context import Watchword
from watchword.usecases.shared_numbers import Numbers
from watchword.web.api import problem_sets
from watchword.web.http.cross_origin import SAFE_METHODS
from watchword.web.http.problem_kinds import KINDS

JSON: Final = "application/json"
CLASSES: Final = ("2xx", "3xx", "4xx", "5xx")
FORM: Final = "application/x-www-form-urlencoded"
STRICT: Final = "/api/v1/"
"""Operations below this path refuse an unknown query parameter."""


class Api(Struct, frozen=True):
    """The Management API of one installation, as its endpoints receive it."""

    app: Watchword
    operations: tuple[Operation, ...]
    started_at: datetime
    answers: Numbers[str]
    """Number of answers by class of status: "2xx" and so on."""
    certificate_expires_at: Callable[[], datetime] | None = None


Endpoint = Callable[[Api, Request], Awaitable[Response]]


class Parameter(Struct, frozen=True):
    """A value outside the body. `place` is query, path or header, as in OpenAPI."""

    name: str
    about: str
    schema: Mapping[str, Any]
    example: str | int | None = None
    place: str = "query"


class Success(Struct, frozen=True):
    """A successful answer. `body` is its struct; `headers` maps names to descriptions."""

    status: int
    about: str
    body: type | None = None
    example: Any = None
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


class Body(Struct, frozen=True):
    """The body of a request: the struct that reads it, and an example."""

    kind: type
    example: Any
    media_type: str = JSON
    is_required: bool = True


class Operation(Struct, frozen=True, eq=False):
    """One operation. `problems` are the problem codes of its own; `codes` are all of them."""

    name: str
    method: str
    path: str
    tag: str
    summary: str
    endpoint: Endpoint
    answers: tuple[Success, ...]
    about: str
    body: Body | None
    parameters: tuple[Parameter, ...]
    problems: tuple[str, ...]
    is_open: bool
    is_open_to_loopback: bool
    is_repeatable: bool = False
    """Whether the answer depends on nothing but the caller, so that it may be given again."""
    is_open_to_members: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        """Every problem code that the operation may answer, by status."""
        found = {*self.problems, *problem_sets.ALWAYS}
        if not self.is_open:
            found |= {*problem_sets.WITH_CREDENTIALS}
            found |= set() if self.is_open_to_members else {*problem_sets.FOR_ADMINISTRATORS}
        if self.method not in SAFE_METHODS:
            found |= {*problem_sets.WITH_UNSAFE_METHOD}
        if self.body is not None and self.body.media_type == JSON:
            found |= {*problem_sets.WITH_BODY}
        if self.path.startswith(STRICT):
            found |= {*problem_sets.WITH_QUERY}
        return tuple(code for code in KINDS if code in found)


class Group:
    """The operations that one module declares, under one heading of the documents."""

    def __init__(self, tag: str) -> None:
        self._tag = tag
        self.operations: list[Operation] = []

    def operation(
        self,
        method: str,
        path: str,
        *,
        summary: str,
        answers: tuple[Success, ...],
        name: str = "",
        about: str = "",
        body: Body | None = None,
        parameters: tuple[Parameter, ...] = (),
        problems: tuple[str, ...] = (),
        is_open: bool = False,
        is_open_to_loopback: bool = False,
        is_repeatable: bool = False,
        is_open_to_members: bool = False,
    ) -> Callable[[Endpoint], Endpoint]:
        """Declare the decorated endpoint as an operation; it is named as the function.

        `is_open` needs no credentials, `is_open_to_loopback` none from this machine. Members may
        call only operations with `is_open_to_members`. The answer of an operation that
        `is_repeatable` depends on the caller only.
        """

        def declare(endpoint: Endpoint) -> Endpoint:
            declared = Operation(
                name or endpoint.__name__, method, path, self._tag, summary, endpoint, answers,
                about, body, parameters, problems, is_open, is_open_to_loopback, is_repeatable,
                is_open_to_members,
            )  # fmt: skip
            self.operations.append(declared)
            return endpoint

        return declare
