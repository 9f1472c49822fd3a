"""The keys at rest: a file of keys with ids, and what is sealed or keyed with them.

    value = version (1) || key id (8) || nonce (12) || AES-256-GCM ciphertext and tag

The additional data is the value's place (table, column, row), so a ciphertext moved to another
row or column does not open. Each purpose has its own key, derived by HKDF (RFC 5869) from the
ring's. The file holds every key that may still be in use; the last one is the current one.
"""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from watchword.crypto import files, tokens
from watchword.domain.errors import CannotDecrypt, KeyMissing, PlaceUnusable

_VERSION: Final = b"\x01"
_ID_BYTES: Final = 8
_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32


@dataclass(frozen=True)
class Place:
    """Where a sealed value lives."""

    table: str
    column: str
    row: str

    def __bytes__(self) -> bytes:
        # Lengths in front: ("a", "bc") and ("ab", "c") must not be one place.
        parts = [p.encode() for p in (self.table, self.column, self.row)]
        return b"".join(len(p).to_bytes(4, "big") + p for p in parts)


@lru_cache(maxsize=64)
def _derived(key: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"watchword/" + purpose.encode()).derive(key)


class Keyring:
    """The keys of one installation, by id. Never printed: it has no repr worth the name."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        if not keys or any(len(key) != _KEY_BYTES for key in keys.values()):
            raise ValueError("a keyring holds at least one key, of 256 bits each")
        self._keys = dict(keys)
        self.current_id: str = list(keys)[-1]

    @property
    def ids(self) -> tuple[str, ...]:
        """The key ids, oldest first."""
        return tuple(self._keys)

    def seal(self, place: Place, value: bytes) -> bytes:
        """Return the value sealed under the current key for this place."""
        nonce = tokens.random_bytes(_NONCE_BYTES)
        cipher = AESGCM(_derived(self._keys[self.current_id], "seal"))
        head = _VERSION + bytes.fromhex(self.current_id)
        return head + nonce + cipher.encrypt(nonce, value, head + bytes(place))

    def open(self, place: Place, sealed: bytes) -> bytes:
        """Return the value. Raises CannotDecrypt when key, place or bytes are not right."""
        head = sealed[: 1 + _ID_BYTES]
        nonce = sealed[len(head) : len(head) + _NONCE_BYTES]
        key = self._keys.get(head[1:].hex())
        if key is None or head[:1] != _VERSION or len(nonce) != _NONCE_BYTES:
            raise CannotDecrypt(place=f"{place.table}.{place.column}")
        try:
            cipher = AESGCM(_derived(key, "seal"))
            return cipher.decrypt(nonce, sealed[len(head) + _NONCE_BYTES :], head + bytes(place))
        except InvalidTag:
            raise CannotDecrypt(place=f"{place.table}.{place.column}") from None

    def mac(self, purpose: str, *parts: str, key_id: str | None = None) -> str:
        """Return "key id:hex" of HMAC-SHA-256 over the parts, under the current or a named key.

        Raises CannotDecrypt when the ring does not hold the named key.
        """
        id_ = key_id or self.current_id
        if id_ not in self._keys:
            raise CannotDecrypt(place=purpose)
        message = b"".join(
            len(p.encode("utf-8", "surrogatepass")).to_bytes(4, "big")
            + p.encode("utf-8", "surrogatepass")
            for p in parts
        )
        tag = hmac.digest(_derived(self._keys[id_], f"mac/{purpose}"), message, "sha256")
        return f"{id_}:{tag.hex()}"

    def macs(self, purpose: str, *parts: str) -> list[str]:
        """Return the MAC under each key of the ring: a stored one may be older than the key."""
        return [self.mac(purpose, *parts, key_id=id_) for id_ in self._keys]

    def is_mac_of(self, stored: str, purpose: str, *parts: str) -> bool:
        """Return, in constant time, whether the stored MAC is that of the parts."""
        key_id = stored.partition(":")[0]
        return hmac.compare_digest(stored, self.mac(purpose, *parts, key_id=key_id))


def path_in(data_dir: Path) -> Path:
    """Return where the keyring file lives."""
    return data_dir / "keys" / "keyring.json"


def create(path: Path) -> Keyring:
    """Write a new keyring with one key (folder 0700, file 0600), never over an existing one."""
    key_id = tokens.random_bytes(_ID_BYTES).hex()
    key = tokens.random_bytes(32)
    text = json.dumps({"keys": [{"id": key_id, "key": base64.b64encode(key).decode()}]}, indent=1)
    files.write(path, (text + "\n").encode(), replaces=False)
    return Keyring({key_id: key})


def load(path: Path) -> Keyring:
    """Read the keyring. Raises KeyMissing (no file) or PlaceUnusable (unreadable, damaged)."""
    try:
        text = path.read_text()
    except FileNotFoundError:
        raise KeyMissing(path=str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise PlaceUnusable(what=str(path), reason=str(error)) from error
    try:
        rows = json.loads(text)["keys"]
        keys = {str(row["id"]): base64.b64decode(row["key"], validate=True) for row in rows}
        return Keyring(keys)
    except (ValueError, KeyError, TypeError):
        # The cause is left out on purpose: its message could quote key material.
        raise PlaceUnusable(what=str(path), reason="not a keyring") from None
