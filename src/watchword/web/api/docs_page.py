"""View model of /docs: the OpenAPI document as sections, field tables and curl examples."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from msgspec import Struct

from watchword.i18n import _
from watchword.web.api.operations import FORM
from watchword.web.http.problem_documents import ProblemKind
from watchword.web.http.problem_kinds import KINDS

Tree = Mapping[str, Any]


class Field(Struct, frozen=True):
    """A field of a body, or a parameter. `schema` is the struct that has a section of its own."""

    name: str
    type: str
    about: str
    is_required: bool
    values: tuple[str, ...] = ()
    schema: str = ""
    place: str = ""


class Answer(Struct, frozen=True):
    """A successful answer: status, headers, struct and example."""

    status: str
    about: str
    headers: tuple[tuple[str, str], ...]
    schema: str
    example: str


class Section(Struct, frozen=True):
    """One operation."""

    anchor: str
    method: str
    path: str
    summary: str
    about: str
    curl: str
    parameters: tuple[Field, ...]
    takes: str
    answers: tuple[Answer, ...]
    problems: tuple[ProblemKind, ...]


class Page(Struct, frozen=True):
    """The content of the page."""

    title: str
    version: str
    about: str
    credentials: str
    groups: Mapping[str, tuple[Section, ...]]
    schemas: Mapping[str, tuple[str, tuple[Field, ...], tuple[str, ...]]]
    problems: tuple[ProblemKind, ...]


def page_of(document: Tree, base: str) -> Page:
    """Return the page of a document; `base` is the address that the examples call."""
    groups: dict[str, list[Section]] = {tag["name"]: [] for tag in document["tags"]}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            section = _section(path, method.upper(), operation, base)
            groups[operation["tags"][0]].append(section)
    components = document["components"]
    return Page(
        title=document["info"]["title"],
        version=document["info"]["version"],
        about=document["info"]["description"],
        credentials=components["securitySchemes"]["basic"]["description"],
        groups={tag: tuple(found) for tag, found in groups.items()},
        schemas={
            name: (schema.get("description", ""), tuple(_fields(schema)), _values(schema))
            for name, schema in components["schemas"].items()
        },
        problems=tuple(KINDS.values()),
    )


def _section(path: str, method: str, operation: Tree, base: str) -> Section:
    content = operation.get("requestBody", {}).get("content", {})
    return Section(
        anchor=operation["operationId"],
        method=method,
        path=path,
        summary=operation["summary"],
        about=operation.get("description", ""),
        curl=_curl(base, path, method, operation),
        parameters=tuple(_parameter(p) for p in operation.get("parameters", ())),
        takes=next((_name(c["schema"]) for c in content.values()), ""),
        answers=tuple(_answers(operation["responses"])),
        problems=tuple(_problems(operation["responses"])),
    )


def _parameter(parameter: Tree) -> Field:
    schema = parameter["schema"]
    limits = [f"{schema[k]}" for k in ("minimum", "maximum") if k in schema]
    values = _values(schema) or ((_("%(least)s to %(most)s", least=limits[0], most=limits[1]),)
                                 if len(limits) == 2 else ())  # fmt: skip
    return Field(
        parameter["name"], _type(schema), parameter["description"], parameter["required"], values,
        place=parameter["in"],
    )  # fmt: skip


def _answers(responses: Tree) -> Iterator[Answer]:
    for status, answer in responses.items():
        if int(status) >= 400:
            continue
        headers = tuple((n, h["description"]) for n, h in answer.get("headers", {}).items())
        content: Tree = next(iter(answer.get("content", {}).values()), {})
        example = json.dumps(content["example"], indent=2) if "example" in content else ""
        schema = _inner(content.get("schema", {}))
        yield Answer(status, answer["description"], headers, schema, example)


def _problems(responses: Tree) -> Iterator[ProblemKind]:
    for status, answer in responses.items():
        if int(status) >= 400:
            (content,) = answer["content"].values()
            yield from (KINDS[code] for code in content["examples"])


# --- schemas ---------------------------------------------------------------------------------
def _name(schema: Tree) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _values(schema: Tree) -> tuple[str, ...]:
    return tuple(str(value) for value in schema.get("enum", ()))


def _fields(schema: Tree) -> Iterator[Field]:
    for name, field in schema.get("properties", {}).items():
        is_required = name in schema.get("required", ())
        about = field.get("description", "")
        yield Field(name, _type(field), about, is_required, _values(field), _inner(field))


def _type(schema: Tree) -> str:
    if "anyOf" in schema:
        return _(" or ").join(_type(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return _("list of %(what)s", what=_type(schema["items"]))
    if name := _name(schema):
        return name
    format_ = f" ({schema['format']})" if "format" in schema else ""
    return str(schema.get("type", _("anything"))) + format_


def _inner(schema: Tree) -> str:
    """Return the struct of a field, or of the elements of its list."""
    return _name(schema.get("items", schema))


# --- the example for the shell ---------------------------------------------------------------
def _curl(base: str, path: str, method: str, operation: Tree) -> str:
    parts = ["curl --cacert ca.crt"]
    if operation.get("security") != []:
        parts.append("--user 'NAME:PASSWORD'")
    if method != "GET":
        parts.append(f"--request {method}")
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        parts += _data(media_type, content.get("example", {}), path)
    parts.append(shlex.quote(base + _filled(path, operation)))
    return " \\\n  ".join(parts)


def _data(media_type: str, example: Tree, path: str) -> list[str]:
    if media_type == FORM:
        # The function in the example has no arguments.
        return [] if "{Function}" in path else [f"--data {shlex.quote(urlencode(example))}"]
    text = json.dumps(example, ensure_ascii=False)
    return [f"--header 'Content-Type: {media_type}'", f"--data {shlex.quote(text)}"]


def _filled(path: str, operation: Tree) -> str:
    query = {}
    for parameter in operation.get("parameters", ()):
        if "example" not in parameter:
            continue
        value = str(parameter["example"])
        path = path.replace("{" + parameter["name"] + "}", quote(value, safe=""))
        if parameter["in"] == "query":
            query[parameter["name"]] = value
    return f"{path}?{urlencode(query)}" if query else path
