"""Forms: strictly read, and bound to the browser they were drawn for.

Only `application/x-www-form-urlencoded`, UTF-8, each field once. The form's token is an HMAC
over the session's number, or before a login over a cookie of its own: another site can send a
form, but cannot know the token.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from watchword.crypto.keyring import Keyring

TOKEN_FIELD: Final = "form_token"
MOST_BYTES: Final = 32 * 1024
"""Decoding a form of this size takes about 2 ms, in which the event loop does nothing else."""
_MOST_FIELDS: Final = 50
_MEDIA_TYPE: Final = "application/x-www-form-urlencoded"


class BadForm(Exception):  # noqa: N818 - it is the name of what is the matter
    """The body is no form of ours; `problem` names why: media-type, too-large, encoding,
    repeated-field, too-many-fields.
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
    """Return what forms of a session are bound to. Its number is never given again, and unlike
    its cookie it stays for the session's life, so a page in another tab stays good.
    """
    return f"session:{session_id}"


def bound_to_cookie(value: str) -> str:
    """Return what forms before a login are bound to: the value of a cookie; "" when it is ""."""
    return f"cookie:{value}" if value else ""


def token_for(keyring: Keyring, binding: str) -> str:
    """Return the token of forms drawn for this session or cookie value."""
    return keyring.mac("form-token", binding).partition(":")[2]


def is_token(keyring: Keyring, binding: str, token: str) -> bool:
    """Return, in constant time, whether the token is that of the binding, under any key
    of the ring: a page may be older than the current key.
    """
    given = token.encode("utf-8", "surrogatepass")
    known = [m.partition(":")[2].encode() for m in keyring.macs("form-token", binding)]
    return bool(binding) and any(hmac.compare_digest(k, given) for k in known)
