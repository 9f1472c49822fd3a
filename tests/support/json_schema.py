"""A validator for the part of JSON Schema that the API's document uses.

An unknown keyword is an error. A value must not have properties that its schema does not list,
unless the schema allows them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "boolean": (bool,), "null": (type(None),),
    "array": (list,), "object": (dict,), "number": (int, float),
}  # fmt: skip
NOTES = {"title", "description", "default", "format"}
RULES = {
    "type", "properties", "required", "additionalProperties", "items", "enum", "anyOf", "$ref",
    "maxLength", "minimum", "maximum",
}  # fmt: skip


def problems(document: Any, schema: Any, value: Any, place: str = "$") -> Iterator[str]:
    """Yield the violations of a schema by a value."""
    unknown = set(schema) - NOTES - RULES
    if unknown:
        yield f"{place}: the validator does not know {sorted(unknown)}"
    schema = resolved(document, schema)
    yield from _type(schema, value, place)
    yield from _values(schema, value, place)
    if "anyOf" in schema:
        found = [list(problems(document, each, value, place)) for each in schema["anyOf"]]
        if all(found):
            yield f"{place}: none of {found}"
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            yield from problems(document, schema["items"], item, f"{place}[{number}]")
    if isinstance(value, dict):
        yield from _object(document, schema, value, place)


def resolved(document: Any, schema: Any) -> Any:
    """Return the schema without its references."""
    if "$ref" not in schema:
        return schema
    target = document
    for name in schema["$ref"].removeprefix("#/").split("/"):
        target = target[name]
    return resolved(document, target)


def _type(schema: Any, value: Any, place: str) -> Iterator[str]:
    if "type" not in schema:
        return
    is_right = isinstance(value, TYPES[schema["type"]])
    if not is_right or (isinstance(value, bool) and schema["type"] != "boolean"):
        yield f"{place}: {value!r} is no {schema['type']}"


def _values(schema: Any, value: Any, place: str) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"{place}: {value!r} is none of {schema['enum']}"
    if isinstance(value, str) and len(value) > schema.get("maxLength", len(value)):
        yield f"{place}: too long"
    if isinstance(value, int | float) and value < schema.get("minimum", value):
        yield f"{place}: {value} is too small"
    if isinstance(value, int | float) and value > schema.get("maximum", value):
        yield f"{place}: {value} is too large"


def _object(document: Any, schema: Any, value: dict[str, Any], place: str) -> Iterator[str]:
    known = schema.get("properties")
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{place}: {name} is missing"
    for name, field in value.items():
        if known is None:
            continue
        if name not in known:
            yield f"{place}: {name} is not in the schema"
            continue
        yield from problems(document, known[name], field, f"{place}.{name}")
