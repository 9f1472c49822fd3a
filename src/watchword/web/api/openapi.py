"""The OpenAPI 3.1 document, made from the declared operations.

Schemas come from the structs that read and write the bodies, problem codes from the table that the
answers are made from. So the document cannot differ from the API.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from watchword import __version__
from watchword.i18n import N_, _
from watchword.web.api import problems
from watchword.web.api.operations import Operation, Parameter, Success
from watchword.web.http.problem_kinds import KINDS

_REF: Final = "#/components/schemas/{name}"
_CHALLENGES: Final[Mapping[int, tuple[str, str]]] = MappingProxyType(
    {
        401: ("WWW-Authenticate", N_("Requests HTTP Basic credentials.")),
        429: ("Retry-After", N_("Seconds to wait.")),
        503: ("Retry-After", N_("Seconds to wait.")),
    }
)
_ABOUT: Final = N_(
    "Every request needs HTTP Basic credentials in UTF-8. While MFA is pending or active for an "
    "account, its regular password is refused: use its API password. Every answer has an "
    "X-Request-Id header, with the client's own value if it sent a valid one."
)
_BASIC: Final = N_(
    "Username and password. An account with MFA needs its API password (wwp_...), which is "
    "generated in the Management Console on Your MFA Settings. A username may contain a colon."
)
_ENUMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Status": N_("The MFA status. It is pending until the next login at the console."),
        "Credential": N_("The kind of credential that was used."),
    }
)


class ProblemPlace(msgspec.Struct, frozen=True):
    """An error in one value."""

    pointer: Annotated[str, Meta(description="JSON pointer to the value in the body (RFC 6901).")]
    code: str
    detail: str


class Problem(msgspec.Struct, frozen=True):
    """The reason of a refusal (RFC 9457)."""

    type: Annotated[
        str,
        Meta(
            description="A page of the console about this code.",
            extra_json_schema={"format": "uri"},
        ),
    ]
    title: str
    status: int
    code: Annotated[str, Meta(description="Stable, for programs.")]
    detail: Annotated[str | UnsetType, Meta(description="The reason and a remedy, for people.")] = (
        UNSET
    )
    errors: list[ProblemPlace] | UnsetType = UNSET
    instance: Annotated[str | UnsetType, Meta(description="The id of the request.")] = UNSET


def document(operations: Iterable[Operation]) -> dict[str, Any]:
    """Return the document of these operations."""
    operations = tuple(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    tags = dict.fromkeys(operation.tag for operation in operations)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": problems.REALM,
            "version": __version__,
            "description": _(_ABOUT),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": _(tag)} for tag in tags],
        "security": [{"basic": []}],
        "paths": paths,
        "components": {
            "schemas": _schemas(operations),
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic", "description": _(_BASIC)}
            },
        },
    }


def _kinds(operations: Iterable[Operation]) -> list[type]:
    found: list[type] = [Problem]
    for operation in operations:
        found += [operation.body.kind] if operation.body else []
        found += [a.body for a in operation.answers if a.body is not None]
    return list(dict.fromkeys(found))


def _schemas(operations: Iterable[Operation]) -> dict[str, Any]:
    _roots, found = msgspec.json.schema_components(_kinds(operations), ref_template=_REF)
    for name, about in _ENUMS.items():
        found[name]["description"] = about
    _translate(found)
    return dict(sorted(found.items()))


def _translate(tree: Any) -> None:
    """Translate the descriptions in the schemas."""
    if isinstance(tree, list):
        for branch in tree:
            _translate(branch)
    if isinstance(tree, dict):
        for branch in tree.values():
            _translate(branch)
        if isinstance(tree.get("description"), str):
            tree["description"] = _(tree["description"])


def _reference(kind: type) -> dict[str, Any]:
    (schema,), _components = msgspec.json.schema_components((kind,), ref_template=_REF)
    return schema


def _content(kind: type, media_type: str, example: Any) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": _reference(kind)}
    if example is not None:
        content["example"] = msgspec.to_builtins(example)
    return {media_type: content}


def _operation(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [_(operation.tag)],
        "summary": _(operation.summary),
    }
    if operation.about:
        found["description"] = _(operation.about)
    if operation.is_open:
        found["security"] = []
    if operation.is_open_to_loopback:
        found["security"] = [{}, {"basic": []}]
    if operation.parameters:
        found["parameters"] = [_parameter(p) for p in operation.parameters]
    if operation.body:
        found["requestBody"] = {
            "required": operation.body.is_required,
            "content": _content(
                operation.body.kind, operation.body.media_type, operation.body.example
            ),
        }
    found["responses"] = {str(a.status): _success(a) for a in operation.answers} | _problems_of(
        operation
    )
    return found


def _parameter(parameter: Parameter) -> dict[str, Any]:
    found = {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.place == "path",
        "description": _(parameter.about),
        "schema": dict(parameter.schema),
    }
    return found if parameter.example is None else {**found, "example": parameter.example}


def _header(about: str) -> dict[str, Any]:
    return {"description": _(about), "schema": {"type": "string"}}


def _success(answer: Success) -> dict[str, Any]:
    found: dict[str, Any] = {"description": _(answer.about)}
    if answer.headers:
        found["headers"] = {name: _header(about) for name, about in answer.headers.items()}
    if answer.body is not None:
        found["content"] = _content(answer.body, answer.media_type, answer.example)
    return found


def _problems_of(operation: Operation) -> dict[str, Any]:
    """Return the problems of an operation by status, with one example for each code.

    All use the same schema. If each status had a narrower one, code generators would create a
    class for each, and openapi-python-client would drop the answer.
    """
    by_status: dict[int, list[str]] = {}
    for code in operation.codes:
        by_status.setdefault(KINDS[code].status, []).append(code)
    return {str(status): _problem(status, codes) for status, codes in by_status.items()}


def _problem(status: int, codes: list[str]) -> dict[str, Any]:
    content = {"schema": _reference(Problem), "examples": _examples(codes)}
    found: dict[str, Any] = {
        "description": HTTPStatus(status).phrase,
        "content": {problems.MEDIA_TYPE: content},
    }
    if status in _CHALLENGES:
        name, about = _CHALLENGES[status]
        found["headers"] = {name: _header(about)}
    return found


def _examples(codes: list[str]) -> dict[str, Any]:
    return {code: {"value": KINDS[code].example()} for code in codes}
