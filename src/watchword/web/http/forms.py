"""Strict parsing of forms, and form tokens against cross-site requests.

Only `application/x-www-form-urlencoded` in UTF-8 is accepted, each field once. The token is an
HMAC over the session's number, or before a login over the value of a cookie. Another site can send
a form, but does not know the token.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from watchword.crypto.keyring import Keyring

TOKEN_FIELD: Final = "form_token"
MOST_BYTES: Final = 32 * 1024
"""Decoding a form of this size blocks the event loop for about 2 ms."""
_MOST_FIELDS: Final = 50
_MEDIA_TYPE: Final = "application/x-www-form-urlencoded"


class BadForm(Exception):  # noqa: N818 - the name states the problem
    """The body is not a valid form. `problem`: media-type, too-large, encoding, repeated-field,
    too-many-fields.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def parse(content_type: str, body: bytes) -> Mapping[str, str]:
    """Return the fields by name. Raises BadForm."""
    if content_type.partition(";")[0].strip().lower() != _MEDIA_TYPE:
        raise BadForm("media-type")
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except UnicodeDecodeError:
        raise BadForm("encoding") from None
    except ValueError:
        raise BadForm("too-many-fields") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise BadForm("repeated-field")
    return fields


def bound_to_session(session_id: int) -> str:
    """Return the binding of a session's forms: its number.

    The number is not reused. The session's cookie changes during its life, so forms in other tabs
    would become invalid if they were bound to it.
    """
    return f"session:{session_id}"


def bound_to_cookie(value: str) -> str:
    """Return the binding of forms before a login: the value of a cookie; "" for ""."""
    return f"cookie:{value}" if value else ""


def token_for(keyring: Keyring, binding: str) -> str:
    """Return the token for a binding."""
    return keyring.mac("form-token", binding).partition(":")[2]


def is_token(keyring: Keyring, binding: str, token: str) -> bool:
    """Return, in constant time, whether the token belongs to the binding.

    All keys of the ring are tried, because a page may be older than the current key.
    """
    given = token.encode("utf-8", "surrogatepass")
    known = [m.partition(":")[2].encode() for m in keyring.macs("form-token", binding)]
    return bool(binding) and any(hmac.compare_digest(k, given) for k in known)
