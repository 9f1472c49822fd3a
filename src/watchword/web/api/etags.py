"""ETags and conditional requests (RFC 9110, section 13), also behind a compressing proxy."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Final

import msgspec

from watchword.domain.accounts import Administrator
from watchword.web.api import schemas

_TAG: Final = re.compile(r'"([^"]*)"')
_CODING: Final = re.compile(r"(?:--?|;)(?:gzip|br|deflate|zstd)$")


def of(account: Administrator) -> str:
    """Return the strong ETag of an account: a hash of its JSON."""
    body = msgspec.json.encode(schemas.administrator_of(account))
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
