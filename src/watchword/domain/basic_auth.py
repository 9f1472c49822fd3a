"""HTTP Basic credentials (RFC 7617), and the colon question.

RFC 7617, section 2, joins user-id and password by a colon and splits at the first one, so a
username that holds a colon cannot be told from its password. Here it can:

  - credentials that end in ":" and a well-formed API password are split at *that* colon, which
    is exact, for the API password's alphabet has no colon;
  - otherwise every colon may be the right one, and the caller tries the splits, three at most.

Bytes are read as UTF-8 and, where that fails, as Latin-1: some clients send one, some the
other, whatever the charset of the challenge says.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final

from watchword.domain import api_password
from watchword.domain.secret import Secret

MOST_SPLITS: Final = 3
MOST_NAME_CHARACTERS: Final = 64
MOST_BYTES: Final = 4096
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LINE_BREAK: Final = re.compile(r"\r?\n\Z")


@dataclass(frozen=True)
class Candidate:
    """One way to read the credentials."""

    username: str
    password: Secret


@dataclass(frozen=True)
class Credentials:
    """The readings: one for an API password, else one for each colon, in order.

    With a line break behind them, as `echo` writes one, they are never accepted. They are read
    so that the account's page can name the mistake.
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
    """Return the readings of one `Authorization` header, or None when it is malformed.

    Control characters are refused in both parts (RFC 7617, section 2), except for one line break
    at the end. A tab at the ends of the name is dropped: it is typed or pasted along, like the
    spaces there.
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
    # No name is longer, so a header full of colons costs no look-ups.
    return [i for i in every if i <= MOST_NAME_CHARACTERS] or every[:1]


def _has_control(candidate: Candidate) -> bool:
    return _CONTROL.search(candidate.username + candidate.password.reveal()) is not None


def ends_like_api_password(password: str) -> bool:
    """Return whether a regular password would be read as an API password: it is refused."""
    return api_password.is_well_formed(password.rpartition(":")[2])
