"""Credentials in a request to an application: our own, and those that belong to the tool behind it.

An API password comes in `Authorization` or in `Watchword-Authorization`, as Basic or Bearer. Any other
`Authorization` belongs to the tool and is given back unchanged. An API password must never reach a
tool, so a header that contains one in a form that cannot be read for certain is refused.
"""

from __future__ import annotations

import base64
import re
from typing import Final

from msgspec import Struct

from watchword.domain import api_password, basic_auth
from watchword.domain.basic_auth import Candidate
from watchword.domain.original_request import Fields
from watchword.domain.secret import Secret

SESSION_COOKIE: Final = "__Host-ww_v"
_COOKIE: Final = re.compile(rb"(?:\A|;)[ \t]*__Host-ww_v=([^;]*)")
_TOKEN: Final = re.compile(rb"[1-9][0-9]{0,17}\.[A-Za-z0-9_-]{43}")
_API_PASSWORD: Final = re.compile(rb"wwp_[0-9A-Za-z]{38}")
_WORD: Final = re.compile(rb"[A-Za-z0-9+/_-]{8,}")
_TO_STANDARD: Final = bytes.maketrans(b"-_", b"+/")


class Presented(Struct, frozen=True):
    """The credentials in a request. The username of `candidate` is empty in a Bearer credential.

    `is_ambiguous` when it contains an API password that cannot be read for certain.
    """

    candidate: Candidate | None = None
    is_ambiguous: bool = False
    tools_authorization: bytes | None = None
    session_token: str | None = None


AMBIGUOUS: Final = Presented(is_ambiguous=True)


def presented(fields: Fields) -> Presented:
    """Return the credentials in the header fields of a request."""
    own = [value for name, value in fields if name == b"watchword-authorization"]
    shared = [value for name, value in fields if name == b"authorization"]
    if len(own) > 1 or len(shared) > 1:
        return AMBIGUOUS
    from_own, from_shared = (_api_password(v[0]) if v else None for v in (own, shared))
    is_mentioned = bool(shared) and from_shared is None and _mentions(shared[0])
    if (own and from_own is None) or (from_own and from_shared) or is_mentioned:
        return AMBIGUOUS
    return Presented(
        candidate=from_own or from_shared,
        tools_authorization=shared[0] if shared and from_shared is None else None,
        session_token=_session_token(fields),
    )


def _api_password(value: bytes) -> Candidate | None:
    scheme, _, rest = value.strip(b" \t").partition(b" ")
    if scheme.lower() == b"bearer":
        token = rest.strip(b" ").decode("latin-1")
        return Candidate("", Secret(token)) if api_password.is_well_formed(token) else None
    given = basic_auth.parse(value)
    if given is None or not given.is_api_password or given.ends_in_newline:
        return None
    return given.candidates[0] if given.candidates[0].username else None


def _mentions(value: bytes) -> bool:
    """Return whether a header contains an API password, also inside Base64. A decoder of a tool may
    be more tolerant than the one here.
    """
    decoded = (_decoded(word) for word in _WORD.findall(value))
    return any(_is_one(text) for text in (value, *decoded))


def _is_one(text: bytes) -> bool:
    found = (match.group().decode() for match in _API_PASSWORD.finditer(text))
    return any(api_password.is_well_formed(each) for each in found)


def _decoded(word: bytes) -> bytes:
    """Return the bytes of a Base64 word in either alphabet, with or without padding."""
    whole = word[:-1] if len(word) % 4 == 1 else word
    padded = whole.translate(_TO_STANDARD) + b"=" * (-len(whole) % 4)
    return base64.b64decode(padded)


def _session_token(fields: Fields) -> str | None:
    """Return the token of the session cookie, or None unless there is exactly one valid one.

    The cookie is compared as bytes, without quotes or decoding. Proxies that join two Cookie headers
    with a comma make both invalid.
    """
    found = [v for name, value in fields if name == b"cookie" for v in _COOKIE.findall(value)]
    if len(found) != 1 or _TOKEN.fullmatch(found[0].rstrip(b" \t")) is None:
        return None
    return bytes(found[0]).rstrip(b" \t").decode("ascii")
