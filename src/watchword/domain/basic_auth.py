"""HTTP Basic credentials (RFC 7617), also for usernames with a colon.

RFC 7617, section 2, joins user-id and password by a colon and splits at the first one, so a
username with a colon is ambiguous. It works here:

  - credentials that end in ":" and a well-formed API password are split at *that* colon; this is
    exact, since the alphabet of API passwords has no colon;
  - otherwise every colon may be the separator, and the caller tries at most three splits.

Bytes are decoded as UTF-8 or, if that fails, as Latin-1: clients send either, regardless of the
charset in the challenge.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from msgspec import Struct

from watchword.domain import api_password
from watchword.domain.secret import Secret

MOST_SPLITS: Final = 3
MOST_NAME_CHARACTERS: Final = 64
MOST_BYTES: Final = 4096
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LINE_BREAK: Final = re.compile(r"\r?\n\Z")


class Candidate(Struct, frozen=True):
    """One split of the credentials."""

    username: str
    password: Secret


class Credentials(Struct, frozen=True):
    """The candidates: one for an API password, otherwise one for each colon, in order.

    Credentials with a line break at the end, as `echo` adds one, are never accepted. They are
    parsed so that the account's page can name the mistake.
    """

    is_api_password: bool
    candidates: tuple[Candidate, ...]
    ends_in_newline: bool = False


def _decode(header: bytes) -> str | None:
    scheme, _, encoded = header.strip(b" \t").partition(b" ")
    if scheme.lower() != b"basic" or not encoded or len(encoded) > MOST_BYTES:
        return None
    try:
        raw = base64.b64decode(encoded.strip(b" "), validate=True)
    except (binascii.Error, ValueError):
        return None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def parse(header: bytes) -> Credentials | None:
    """Return the credentials of one `Authorization` header, or None when it is malformed.

    Control characters are refused in both parts (RFC 7617, section 2), except for one line break
    at the end. A tab at the ends of the name is dropped, like spaces there, because people paste
    it by accident.
    """
    decoded = _decode(header)
    text = _LINE_BREAK.sub("", decoded) if decoded is not None else None
    if text is None:
        return None
    head, colon, tail = text.rpartition(":")
    if not colon:
        return None
    is_api_password = api_password.is_well_formed(tail)
    cuts = [len(head)] if is_api_password else _cuts(text)
    read = [Candidate(text[:i].strip("\t"), Secret(text[i + 1 :])) for i in cuts]
    candidates = tuple(c for c in read if not _has_control(c))
    return Credentials(is_api_password, candidates, text != decoded) if candidates else None


def _cuts(text: str) -> list[int]:
    every = [i for i, c in enumerate(text) if c == ":"]
    # No name is longer; without the limit a header full of colons would cost many look-ups.
    return [i for i in every if i <= MOST_NAME_CHARACTERS] or every[:1]


def _has_control(candidate: Candidate) -> bool:
    return _CONTROL.search(candidate.username + candidate.password.reveal()) is not None


def ends_like_api_password(password: str) -> bool:
    """Return whether a regular password would be parsed as an API password."""
    return api_password.is_well_formed(password.rpartition(":")[2])
