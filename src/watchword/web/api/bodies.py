"""Strict reading of JSON bodies. Errors contain a JSON pointer to the value."""

from __future__ import annotations

import codecs
import json
import re
from typing import Any, Final, TypeVar

import msgspec
from starlette.requests import Request

from watchword.i18n import _
from watchword.web.http.request_scope import read_body

MOST_BYTES: Final = 64 * 1024
T = TypeVar("T")
_PLACE = re.compile(r" - at `\$([^`]*)`$")
_FIELD = re.compile(r"^Object (contains unknown|missing required) field `(.*)`$", re.DOTALL)
_WRONG_TYPE = re.compile(r"^Expected `(\w+)(?: \| null)?`, got `(\w+)`$")
_TOO_LONG = re.compile(r"^Expected `str` of length <= (\d+)$")
_LONGEST_NAME = 64


class BadBody(Exception):  # noqa: N818 - the name states the problem
    """A body or query cannot be used. `pointer` (RFC 6901) names the value, if there is one."""

    def __init__(self, status: int, code: str, detail: str, pointer: str = "") -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.pointer = pointer


async def read(request: Request, kind: type[T], *, empty: T | None = None) -> T:
    """Return the body as a struct, or `empty` for an omitted body.

    Raises TooLarge, and BadBody: 415 for another media type, 400 for invalid JSON, 422 for an
    invalid value.
    """
    body = await read_body(request.receive, MOST_BYTES)
    # axios sends `null` for an omitted body.
    if empty is not None and body.strip() in {b"", b"null"}:
        return empty
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in {"application/json", "application/merge-patch+json"}:
        needed = _("The body must be JSON, with the header Content-Type: application/json.")
        raise BadBody(415, "unsupported-media-type", needed)
    return decoded(body, kind)


def decoded(body: bytes, kind: type[T]) -> T:
    """Return JSON as a struct, without a byte order mark. Raises BadBody.

    The typed decoder runs first and stops at the first invalid value. So the slower search for
    repeated keys reads only bodies with known keys and short values.
    """
    body = body.removeprefix(codecs.BOM_UTF8)
    try:
        found = msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise _from_decoder(str(error), kind) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        _demand_unique_keys(body)  # names the line and the column
        raise _no_json() from None
    _demand_unique_keys(body)
    return found


def _no_json(place: str = "") -> BadBody:
    return BadBody(400, "bad-json", _("The body is not JSON in UTF-8.") + place)


def _from_decoder(text: str, kind: type) -> BadBody:
    """Translate a message of the decoder; the pointer includes an unknown or missing field."""
    place = _PLACE.search(text)
    pointer = _pointer(place[1]) if place else ""
    text = _PLACE.sub("", text)
    if found := _FIELD.match(text):
        is_unknown = found[1].startswith("contains")
        name = found[2]
        detail = _unknown(name, kind, pointer) if is_unknown else (
            _("The field \"%(name)s\" is missing.", name=name))  # fmt: skip
        return BadBody(422, "invalid", detail, pointer + _word(name))
    return BadBody(422, "invalid", _wrong(text, pointer[1:]), pointer)


def _unknown(name: str, kind: type, pointer: str) -> str:
    name = name[:_LONGEST_NAME]
    if pointer:  # an inner object: its field names are not those of `kind`
        return _('Unknown field "%(name)s".', name=name)
    known = ", ".join(field.encode_name for field in msgspec.structs.fields(kind))
    return _('Unknown field "%(name)s". Accepted: %(known)s.', name=name, known=known)


def _wrong(text: str, where: str) -> str:
    """Return the decoder's message with JSON's type names instead of Python's."""
    if found := _WRONG_TYPE.match(text):
        kinds = {"needed": _kind_of_value(found[1]), "given": _kind_of_value(found[2])}
        if not where:
            return _("The body must be %(needed)s, not %(given)s.", **kinds)
        return _("%(where)s: must be %(needed)s, not %(given)s.", where=where, **kinds)
    if found := _TOO_LONG.match(text):
        return _("%(where)s: too long (at most %(most)s characters).",
                 where=where, most=found[1])  # fmt: skip
    return f"{where}: {text}" if where else text


def _kind_of_value(name: str) -> str:
    return {
        "str": _("text"),
        "int": _("a number"),
        "float": _("a number"),
        "bool": _("true or false"),
        "array": _("a list"),
        "object": _("an object"),
        "null": _("null"),
    }.get(name, name)


def _demand_unique_keys(body: bytes) -> None:
    """Refuse repeated keys; the decoder silently keeps the last value. Raises BadBody."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                detail = _('The key "%(key)s" is repeated.', key=key[:_LONGEST_NAME])
                raise BadBody(400, "repeated-key", detail, _word(key))
            found[key] = value
        return found

    try:
        json.loads(body, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        place = " " + _("The error is at line %(line)s, column %(column)s.",
                        line=error.lineno, column=error.colno)  # fmt: skip
        raise _no_json(place) from None
    except (ValueError, RecursionError):
        raise _no_json() from None


def _pointer(path: str) -> str:
    parts = re.findall(r"\.([^.\[]+)|\[(\d+)\]", path)
    words = [name or index for name, index in parts]
    return "".join(_word(w) for w in words)


def _word(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")
