"""A stream encrypted with a passphrase, for backups on other disks.

    file   = head || chunk || chunk || ... || last chunk
    head   = "WATCHWORD BACKUP" || version (2) || log2 N (1) || r (1) || p (1) || salt (16)
    chunk  = AES-256-GCM of 64 KiB of the content; the last one may be shorter
    nonce  = the chunk's number (11 bytes, big endian) || 1 in the last chunk, else 0
    key    = scrypt of the passphrase (NFC, UTF-8) with the head's salt and costs (RFC 7914)

Each file has its own salt and therefore its own key, so nonces can be counters. The head is the
additional data of every chunk. This is STREAM (Hoang, Reyhanitabar, Rogaway and Vizar: "Online
Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015), as age uses it. A changed,
moved, missing or additional chunk does not open, and neither does a truncated file.
"""

from __future__ import annotations

import unicodedata
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from msgspec import Struct

from watchword.crypto import tokens
from watchword.domain.operational_errors import ArchiveClosed, ArchiveDamaged, ArchiveForeign
from watchword.domain.secret import Secret

MAGIC: Final = b"WATCHWORD BACKUP"
VERSION: Final = 2
_READ: Final = frozenset({1, 2})
"""Version 1 has no certificate authority; a program that only knows version 1 refuses version 2."""
CHUNK: Final = 64 * 1024
_SALT_BYTES: Final = 16
_TAG_BYTES: Final = 16
_COUNTER_BYTES: Final = 11
HEAD_BYTES: Final = len(MAGIC) + 4 + _SALT_BYTES


class Cost(Struct, frozen=True):
    """The cost of scrypt: 128 * r * 2**log_n bytes of memory, p times."""

    log_n: int = 17
    r: int = 8
    p: int = 1

    @property
    def is_bearable(self) -> bool:
        """Whether the cost is acceptable: at most 256 MiB, as for password hashes."""
        return 1 <= self.log_n <= 18 and 1 <= self.r <= 8 and self.p == 1


DEFAULT: Final = Cost()
"""128 MiB and about half a second: OWASP's first choice for scrypt (2025)."""


def _cipher(passphrase: Secret, salt: bytes, cost: Cost) -> AESGCM:
    typed = unicodedata.normalize("NFC", passphrase.reveal()).encode("utf-8", "surrogatepass")
    scrypt = Scrypt(salt=salt, length=32, n=2**cost.log_n, r=cost.r, p=cost.p)
    return AESGCM(scrypt.derive(typed))


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(_COUNTER_BYTES, "big") + bytes([is_last])


class SealingWriter:
    """Encrypts a stream. Without `finish` the file does not open."""

    def __init__(self, file: BinaryIO, passphrase: Secret, cost: Cost = DEFAULT) -> None:
        salt = tokens.random_bytes(_SALT_BYTES)
        self._head = MAGIC + bytes([VERSION, cost.log_n, cost.r, cost.p]) + salt
        self._cipher = _cipher(passphrase, salt, cost)
        self._file = file
        self._number = 0
        self._held = bytearray()
        file.write(self._head)

    def write(self, content: bytes) -> None:
        """Write content. A full chunk is written when more content follows it."""
        self._held += content
        while len(self._held) > CHUNK:
            self._seal(bytes(self._held[:CHUNK]), is_last=False)
            del self._held[:CHUNK]

    def finish(self) -> None:
        """Write the last chunk, with the mark of the last one."""
        self._seal(bytes(self._held), is_last=True)
        self._held.clear()

    def _seal(self, content: bytes, *, is_last: bool) -> None:
        nonce = _nonce(self._number, is_last=is_last)
        self._file.write(self._cipher.encrypt(nonce, content, self._head))
        self._number += 1


class OpeningReader:
    """Decrypts a stream. Each chunk is authenticated when it is read; that the stream is complete
    is certain only after `finish`.
    """

    def __init__(self, file: BinaryIO, passphrase: Secret) -> None:
        """Read the head. Raises ArchiveForeign, ArchiveClosed, ArchiveDamaged."""
        self._head = read_head(file)
        salt, cost = self._head[-_SALT_BYTES:], Cost(*self._head[len(MAGIC) + 1 :][:3])
        self._file = file
        self._cipher = _cipher(passphrase, salt, cost)
        self._number = 0
        self._opened = bytearray()
        self._is_over = False
        self._ahead = file.read(CHUNK + _TAG_BYTES)
        self._open_chunk()

    def read(self, length: int) -> bytes:
        """Return exactly `length` bytes. Raises ArchiveDamaged when there are fewer."""
        while len(self._opened) < length:
            if self._is_over:
                raise ArchiveDamaged
            self._open_chunk()
        taken = bytes(self._opened[:length])
        del self._opened[:length]
        return taken

    def finish(self) -> None:
        """Raise ArchiveDamaged unless everything, up to the marked last chunk, has been read."""
        if self._opened or not self._is_over:
            raise ArchiveDamaged

    def _open_chunk(self) -> None:
        sealed, self._ahead = self._ahead, self._file.read(CHUNK + _TAG_BYTES)
        self._is_over = not self._ahead
        nonce = _nonce(self._number, is_last=self._is_over)
        try:
            self._opened += self._cipher.decrypt(nonce, sealed, self._head)
        except (InvalidTag, ValueError):
            # In the first chunk a wrong passphrase and damage cannot be distinguished.
            raise (ArchiveDamaged if self._number else ArchiveClosed) from None
        self._number += 1


def read_head(file: BinaryIO) -> bytes:
    """Return the head. Raises ArchiveForeign for another kind of file or a later format, and
    ArchiveDamaged for a truncated head or an unacceptable cost.
    """
    head = file.read(HEAD_BYTES)
    if head[: len(MAGIC)] != MAGIC:
        raise ArchiveForeign
    if len(head) < HEAD_BYTES:
        raise ArchiveDamaged
    if head[len(MAGIC)] not in _READ:
        raise ArchiveForeign
    if not Cost(*head[len(MAGIC) + 1 :][:3]).is_bearable:
        raise ArchiveDamaged
    return head
