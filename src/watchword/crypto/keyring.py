"""Keys at rest: the keyring file, and sealing and MACs with its keys.

    value = version (1) || key id (8) || nonce (12) || AES-256-GCM ciphertext and tag

The additional data is the value's place (table, column, row), so a ciphertext that is moved to
another row or column does not open. Each purpose has its own key, derived by HKDF (RFC 5869) from
a key of the ring. The file contains every key that may still be in use, oldest first, and names
the current one. A key after the current one is published but not yet used. ring_file.py changes
the file.
"""

from __future__ import annotations

import contextlib
import hmac
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from watchword.config import ownership
from watchword.crypto import ring as rings
from watchword.crypto import tokens
from watchword.crypto.ring import ID_BYTES, Ring, derived
from watchword.domain.errors import Refusal
from watchword.domain.operational_errors import CannotDecrypt, KeyMissing, PlaceUnusable
from watchword.files import atomic

_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12


class Place(Struct, frozen=True):
    """The table, column and row of a sealed value."""

    table: str
    column: str
    row: str

    def __bytes__(self) -> bytes:
        # Without the lengths, ("a", "bc") and ("ab", "c") would be the same place.
        parts = [p.encode() for p in (self.table, self.column, self.row)]
        return b"".join(len(p).to_bytes(4, "big") + p for p in parts)


class Keyring:
    """The keys of one installation, by id. Its repr shows no key.

    A keyring that was loaded from a file checks at each use whether the file has changed (one
    `stat`, a few microseconds). So every process on the host knows a new key before it is used,
    and a value under an unknown key is looked up again after a reload.
    """

    def __init__(self, keys: Mapping[str, bytes], *, file: Path | None = None) -> None:
        self._file = file
        self._read: tuple[Ring, tuple[int, ...]] = Ring(dict(keys), ([*keys] or [""])[-1]), ()
        self.refresh()

    def refresh(self) -> bool:
        """Read the file again if it has changed. Returns whether it has.

        Raises KeyMissing or PlaceUnusable and keeps the present keys when the file is missing,
        damaged or belongs to another installation.
        """
        if self._file is None or _signature(self._file) == self._read[1]:
            return False
        ring, seen = _read(self._file)
        if not ring.follows(self._read[0]):
            raise PlaceUnusable(what=str(self._file), reason="another installation's keyring")
        self._read = ring, seen  # one assignment, so that no thread sees half of it
        return True

    def _fresh(self) -> Ring:
        # A missing or damaged file must not stop the server; maintenance logs it.
        with contextlib.suppress(Refusal):
            self.refresh()
        return self._read[0]

    def _key(self, key_id: str, place: str) -> bytes:
        key = self._read[0].keys.get(key_id) or self._fresh().keys.get(key_id)
        if key is None:
            raise CannotDecrypt(place=place, unknown_key=key_id)
        return key

    @property
    def ids(self) -> tuple[str, ...]:
        """The key ids, oldest first."""
        return tuple(self._fresh().keys)

    @property
    def current_id(self) -> str:
        """The id of the key for new values."""
        return self._fresh().current_id

    def knows_key_of(self, sealed: bytes) -> bool:
        """Return whether the ring contains the key of a sealed value."""
        return sealed_under(sealed) in self.ids

    def seal(self, place: Place, value: bytes) -> bytes:
        """Return the value sealed under the current key for this place."""
        ring = self._fresh()
        nonce = tokens.random_bytes(_NONCE_BYTES)
        cipher = AESGCM(derived(ring.keys[ring.current_id], "seal"))
        head = head_of(ring.current_id)
        return head + nonce + cipher.encrypt(nonce, value, head + bytes(place))

    def open(self, place: Place, sealed: bytes) -> bytes:
        """Return the value. Raises CannotDecrypt when key, place or bytes do not match."""
        name = f"{place.table}.{place.column}"
        head = sealed[: 1 + ID_BYTES]
        nonce = sealed[len(head) : len(head) + _NONCE_BYTES]
        if head[:1] != _VERSION or len(nonce) != _NONCE_BYTES:
            raise CannotDecrypt(place=name)
        cipher = AESGCM(derived(self._key(sealed_under(sealed), name), "seal"))
        try:
            return cipher.decrypt(nonce, sealed[len(head) + _NONCE_BYTES :], head + bytes(place))
        except InvalidTag:
            raise CannotDecrypt(place=name) from None

    def mac(self, purpose: str, *parts: str, key_id: str | None = None) -> str:
        """Return "key id:hex" of HMAC-SHA-256 over the parts, under the current or a named key.

        Raises CannotDecrypt when the ring does not contain the named key.
        """
        if key_id is None:
            ring = self._fresh()
            return _mac(ring.keys[ring.current_id], ring.current_id, purpose, parts)
        return _mac(self._key(key_id, purpose), key_id, purpose, parts)

    def macs(self, purpose: str, *parts: str) -> list[str]:
        """Return the MAC under each key of the ring, since a stored MAC may be under an older key."""
        return [_mac(key, id_, purpose, parts) for id_, key in self._fresh().keys.items()]

    def is_mac_of(self, stored: str, purpose: str, *parts: str) -> bool:
        """Return, in constant time, whether the stored MAC is that of the parts."""
        key_id = stored.partition(":")[0]
        return hmac.compare_digest(stored, self.mac(purpose, *parts, key_id=key_id))


def _mac(key: bytes, key_id: str, purpose: str, parts: tuple[str, ...]) -> str:
    encoded = [p.encode("utf-8", "surrogatepass") for p in parts]
    message = b"".join(len(p).to_bytes(4, "big") + p for p in encoded)
    return f"{key_id}:{hmac.digest(derived(key, f'mac/{purpose}'), message, 'sha256').hex()}"


def head_of(key_id: str) -> bytes:
    """Return the first bytes of every value sealed under this key."""
    return _VERSION + bytes.fromhex(key_id)


def sealed_under(sealed: bytes) -> str:
    """Return the id of the key that a value was sealed under."""
    return sealed[1 : 1 + ID_BYTES].hex()


CHECK: Final = b"watchword"
CHECK_PLACE: Final = Place("installation", "key_check", "1")


def is_own(ring: Keyring, check: bytes) -> bool:
    """Return whether a database's check value was sealed with this keyring."""
    try:
        return ring.open(CHECK_PLACE, check) == CHECK
    except CannotDecrypt:
        return False


def path_in(data_dir: Path) -> Path:
    """Return the path of the keyring file."""
    return data_dir / "keys" / "keyring.json"


def _signature(path: Path) -> tuple[int, ...]:
    """Return inode, time and size, which differ between versions: each version is a new file."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_mtime_ns, found.st_size


def create(path: Path) -> Keyring:
    """Write a new keyring with one key (folder 0700, file 0600); an existing file stays."""
    atomic.write(path, rings.written(rings.first()), replaces=False)
    return load(path)


def load(path: Path) -> Keyring:
    """Read the keyring. Raises KeyMissing (no file) or PlaceUnusable (unreadable, damaged)."""
    ring, _ = _read(path)
    return Keyring(ring.keys, file=path)


def read(path: Path) -> Ring:
    """Return the present content of the file. Raises KeyMissing, PlaceUnusable."""
    return _read(path)[0]


def _read(path: Path) -> tuple[Ring, tuple[int, ...]]:
    seen = _signature(path)  # taken before reading, so that a later version is noticed
    try:
        text = ownership.read(path).decode()
    except FileNotFoundError:
        raise KeyMissing(path=str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise PlaceUnusable(what=str(path), reason=str(error)) from error
    try:
        return rings.parsed(text), seen
    except ValueError as error:
        raise PlaceUnusable(what=str(path), reason=str(error)) from None
