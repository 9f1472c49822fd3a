"""ETags and conditional requests (RFC 9110, section 13), also behind a compressing proxy."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Final

import msgspec

from watchword.domain.accounts import Administrator
from watchword.web.api import schemas
from watchword.web.api.member_schemas import member_of

_TAG: Final = re.compile(r'"([^"]*)"')
_CODING: Final = re.compile(r"(?:--?|;)(?:gzip|br|deflate|zstd)$")


def of(account: Administrator, groups: tuple[str, ...] = ()) -> str:
    """Return the strong ETag of an account: a hash of its JSON, of a member with its groups."""
    is_administrator = account.is_administrator
    shown = schemas.administrator_of(account) if is_administrator else member_of(account, groups)
    body = msgspec.json.encode(shown)
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def includes(fields: Iterable[str], tag: str) -> bool:
    """Return whether If-Match or If-None-Match names the account's current ETag, or is `*`.

    `fields` are the values of all header fields of that name. A proxy that compresses answers
    weakens the tag (nginx: `W/"..."`) or extends it (Apache: `"...-gzip"`), and the client sends
    back what it received. Both stand for the same account, so both are accepted; section 13.1.1
    demands the strong comparison, with which such a client gets 412 every time.
    """
    listed = ",".join(fields)
    if listed.strip() == "*":
        return True
    return tag.strip('"') in {_CODING.sub("", found) for found in _TAG.findall(listed)}
