"""The audit log's chain: each row's MAC covers the row and the MAC before it.

    mac(n) = HMAC-SHA-256(key, mac(n-1) || row(n))

A change, removal or insertion of a row without the key breaks the chain from that row on. The
chain does not detect removal of the last rows; compare the copy of the log on another host (ASVS
5.0, 16.4.3). The key belongs to the log and is stored sealed, so that it survives key rotation.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from typing import Final

from watchword.crypto import tokens
from watchword.crypto.keyring import Place

KEY_BYTES: Final = 32
KEY_PLACE: Final = Place("audit_chain", "key", "1")
START: Final = ""
"""The MAC before the first row."""


def new_key() -> bytes:
    """Return a key for a new chain."""
    return tokens.random_bytes(KEY_BYTES)


class Chain:
    """Links rows under one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def link(self, previous: str, row: Sequence[str | int | None]) -> str:
        """Return the MAC of a row; `previous` is the MAC of the row before it."""
        written = json.dumps([previous, *row], ensure_ascii=True, separators=(",", ":"))
        return hmac.digest(self._key, written.encode(), "sha256").hex()
