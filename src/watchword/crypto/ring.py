"""The keyring as a value, and its file format: keys oldest first, and the current one.

A ring that follows another by rotation or retirement shares a key with it, or contains a proof
made with a dropped key. So a running server accepts its successor, even if it missed several
steps, and rejects the ring of another installation.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct, field

from watchword.crypto import tokens

ID_BYTES: Final = 8
KEY_BYTES: Final = 32


@lru_cache(maxsize=64)
def derived(key: bytes, purpose: str) -> bytes:
    """Return the key for one purpose (RFC 5869)."""
    return HKDF(SHA256(), 32, salt=None, info=b"watchword/" + purpose.encode()).derive(key)


class Ring(Struct, frozen=True):
    """Keys by id; `retired` has a proof for each dropped key.

    Raises ValueError without a key, for a key that has not 256 bits, for an id that is not 8
    bytes of hex, and when the current key is missing.
    """

    keys: Mapping[str, bytes]
    current_id: str
    retired: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if any(len(key) != KEY_BYTES for key in self.keys.values()):
            raise ValueError("a key has 256 bits")
        if any(len(bytes.fromhex(id_)) != ID_BYTES for id_ in self.keys):
            raise ValueError("a key's id is 8 bytes, as hex")
        if self.current_id not in self.keys:
            raise ValueError("the current key must be one of the keyring's")

    def __repr__(self) -> str:
        return f"Ring({self.current_id})"

    def with_new_key(self) -> Ring:
        """Return the ring with a new last key, which is not current."""
        new = {tokens.random_bytes(ID_BYTES).hex(): tokens.random_bytes(KEY_BYTES)}
        return Ring({**self.keys, **new}, self.current_id, self.retired)

    def activated(self, key_id: str) -> Ring:
        """Return the ring with another current key."""
        return Ring(self.keys, key_id, self.retired)

    def without(self, key_ids: frozenset[str]) -> Ring:
        """Return the ring without these keys. Raises ValueError for the current one."""
        kept = {id_: key for id_, key in self.keys.items() if id_ not in key_ids}
        proofs = {id_: _proof(self.keys[id_]) for id_ in self.keys if id_ in key_ids}
        return Ring(kept, self.current_id, {**self.retired, **proofs})

    def follows(self, earlier: Ring) -> bool:
        """Return whether this ring is the earlier one or a successor of it."""
        return any(
            self.keys.get(id_) == key
            or hmac.compare_digest(self.retired.get(id_, "").encode(), _proof(key).encode())
            for id_, key in earlier.keys.items()
        )


def _proof(key: bytes) -> str:
    return hmac.digest(derived(key, "retired"), b"this ring follows", "sha256").hex()


def first() -> Ring:
    """Return a new ring with one key."""
    key_id = tokens.random_bytes(ID_BYTES).hex()
    return Ring({key_id: tokens.random_bytes(KEY_BYTES)}, key_id)


def written(ring: Ring) -> bytes:
    """Return the file's content."""
    rows = [{"id": id_, "key": base64.b64encode(key).decode()} for id_, key in ring.keys.items()]
    content = {"keys": rows, "current": ring.current_id, "retired": dict(ring.retired)}
    return json.dumps(content, indent=1).encode() + b"\n"


def parsed(text: str) -> Ring:
    """Return the ring of a file's text. Raises ValueError, which never quotes a key."""
    try:
        content = json.loads(text)
        rows = content["keys"]
        keys = {str(row["id"]): base64.b64decode(row["key"], validate=True) for row in rows}
        current = content.get("current", list(keys)[-1])
        return Ring(keys, current, dict(content.get("retired", {})))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        raise ValueError("not a keyring") from None
