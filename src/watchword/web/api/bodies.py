"""Bodies: JSON, strictly read. What is wrong is told with a pointer to its place."""

from __future__ import annotations

import json
import re
from typing import Any, Final, TypeVar

import msgspec
from starlette.requests import Request

from watchword.web.http.requests import read_body

MOST_BYTES: Final = 64 * 1024
T = TypeVar("T")
_PLACE = re.compile(r" - at `\$([^`]*)`$")
_FIELD = re.compile(r"^Object (contains unknown|missing required) field `(.*)`$", re.DOTALL)
_LONGEST_NAME = 64
_TYPE_NEEDED = "The body must be JSON, with the header Content-Type: application/json."
_NO_JSON = "The body is not JSON in UTF-8."


class BadBody(Exception):  # noqa: N818 - it is the name of what is the matter
    """The body cannot be used; `pointer` (RFC 6901) names the place, where there is one."""

    def __init__(self, status: int, code: str, detail: str, pointer: str = "") -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.pointer = pointer


async def read(request: Request, kind: type[T], *, empty: T | None = None) -> T:
    """Return the body as a struct; `empty` stands for a body that was left out.

    Raises BadBody: another media type 415, no JSON 400, a value that cannot be 422; TooLarge.
    """
    body = await read_body(request.receive, MOST_BYTES)
    if not body and empty is not None:
        return empty
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in {"application/json", "application/merge-patch+json"}:
        raise BadBody(415, "unsupported-media-type", _TYPE_NEEDED)
    return decoded(body, kind)


def decoded(body: bytes, kind: type[T]) -> T:
    """Return JSON as a struct. Raises BadBody."""
    _demand_unique_keys(body)
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise _told(str(error), kind) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadBody(400, "bad-json", _NO_JSON) from None


def _told(text: str, kind: type) -> BadBody:
    """Say what the decoder says, with the name of the field, and where it is or should be."""
    known = ", ".join(field.encode_name for field in msgspec.structs.fields(kind))
    place = _PLACE.search(text)
    pointer = _pointer(place[1]) if place else ""
    text = _PLACE.sub("", text)
    if found := _FIELD.match(text):
        name = found[2]
        is_unknown = found[1].startswith("contains")
        others = "." if place else f", but: {known}."
        text = f"There is no field {name[:_LONGEST_NAME]} here{others}" if is_unknown else (
            f"The field {name} is missing.")  # fmt: skip
        pointer += _word(name)
    elif pointer:
        text = f"{pointer[1:]}: {text}"
    return BadBody(422, "invalid", text, pointer)


def _demand_unique_keys(body: bytes) -> None:
    """Of two equal keys the decoder keeps the last; whoever sent them meant one of them."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        twice = next((k for k in keys if keys.count(k) > 1), None)
        if twice is not None:
            told = f"The key {twice[:_LONGEST_NAME]} comes twice."
            raise BadBody(400, "repeated-key", told, _word(twice))
        return dict(pairs)

    try:
        json.loads(body, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        place = f" The mistake is at line {error.lineno}, column {error.colno}."
        raise BadBody(400, "bad-json", _NO_JSON + place) from None
    except (ValueError, RecursionError):
        raise BadBody(400, "bad-json", _NO_JSON) from None


def _pointer(path: str) -> str:
    parts = re.findall(r"\.([^.\[]+)|\[(\d+)\]", path)
    words = [name or index for name, index in parts]
    return "".join(_word(w) for w in words)


def _word(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")
