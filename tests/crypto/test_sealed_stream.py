"""The sealed stream of a backup: changed, moved, cut or appended parts are rejected."""

from __future__ import annotations

import io
import unicodedata

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from watchword.crypto.sealed_stream import (
    CHUNK,
    DEFAULT,
    HEAD_BYTES,
    MAGIC,
    Cost,
    OpeningReader,
    SealingWriter,
)
from watchword.domain.errors import Refusal
from watchword.domain.operational_errors import ArchiveClosed, ArchiveDamaged, ArchiveForeign
from watchword.domain.secret import Secret

PASSPHRASE = Secret("glacier teapot orbit walnut")
CHEAP = Cost(log_n=1)
SEALED_CHUNK = CHUNK + 16
ANY_REFUSAL = (ArchiveClosed, ArchiveDamaged, ArchiveForeign)


def seal(content: bytes, passphrase: Secret = PASSPHRASE, *, piece: int = 1 << 20) -> bytes:
    file = io.BytesIO()
    writer = SealingWriter(file, passphrase, CHEAP)
    for start in range(0, len(content), piece):
        writer.write(content[start : start + piece])
    writer.finish()
    return file.getvalue()


def opened(sealed: bytes, length: int, passphrase: Secret = PASSPHRASE) -> bytes:
    reader = OpeningReader(io.BytesIO(sealed), passphrase)
    content = reader.read(length)
    reader.finish()
    return content


LENGTHS = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 5]


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("piece", [1 << 20, 40_000])
def test_sealed_content_opens(length: int, piece: int) -> None:
    content = bytes(range(256)) * (length // 256 + 1)
    assert opened(seal(content[:length], piece=piece), length) == content[:length]


def test_format_agrees_with_its_description() -> None:
    """The test uses only the description in the module's docstring, and none of our code."""
    content = b"x" * (CHUNK + 3)
    sealed = seal(content)
    head, rest = sealed[:HEAD_BYTES], sealed[HEAD_BYTES:]
    assert head[:20] == b"WATCHWORD BACKUP" + bytes([2, 1, 8, 1])
    key = Scrypt(salt=head[20:], length=32, n=2, r=8, p=1).derive(PASSPHRASE.reveal().encode())
    first = AESGCM(key).decrypt(bytes(12), rest[:SEALED_CHUNK], head)
    last = AESGCM(key).decrypt(bytes(10) + b"\x01\x01", rest[SEALED_CHUNK:], head)
    assert first + last == content


def test_default_cost_is_that_of_a_password_hash() -> None:
    """OWASP's first choice for scrypt: N = 2**17, r = 8, p = 1 (128 MiB)."""
    assert (DEFAULT.log_n, DEFAULT.r, DEFAULT.p) == (17, 8, 1)
    file = io.BytesIO()
    SealingWriter(file, PASSPHRASE).finish()
    assert opened(file.getvalue(), 0) == b""


def test_two_files_have_different_keys() -> None:
    first, second = seal(b"content"), seal(b"content")
    assert first[20:HEAD_BYTES] != second[20:HEAD_BYTES]
    assert first[HEAD_BYTES:] != second[HEAD_BYTES:]


def test_passphrase_is_normalised() -> None:
    """Keyboards send an ä as one code point or as two (NFC and NFD)."""
    typed = Secret(unicodedata.normalize("NFC", "käsekuchen"))
    other = Secret(unicodedata.normalize("NFD", "käsekuchen"))
    assert opened(seal(b"x", typed), 1, other) == b"x"


def test_wrong_passphrase_is_refused() -> None:
    with pytest.raises(ArchiveClosed):
        opened(seal(b"content"), 7, Secret("glacier teapot orbit walnuT"))


CONTENT = b"0123456789abcdef" * (CHUNK // 8)  # two full chunks
SEALED = seal(CONTENT)


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("magic", 0), ("magic", len(MAGIC) - 1), ("version", 16), ("log_n", 17), ("r", 18),
        ("p", 19), ("salt", 20), ("salt", HEAD_BYTES - 1), ("first chunk", HEAD_BYTES),
        ("first tag", HEAD_BYTES + SEALED_CHUNK - 1), ("body", HEAD_BYTES + SEALED_CHUNK),
        ("last tag", len(SEALED) - 16), ("tail", len(SEALED) - 1),
    ],
)  # fmt: skip
@pytest.mark.parametrize("bit", [0x01, 0x80])
def test_changed_bit_at_any_place_is_refused(name: str, at: int, bit: int) -> None:
    changed = bytearray(SEALED)
    changed[at] ^= bit
    with pytest.raises(ANY_REFUSAL):
        opened(bytes(changed), len(CONTENT))


@pytest.mark.parametrize(
    "length",
    [0, 5, 16, 17, HEAD_BYTES - 1, HEAD_BYTES, HEAD_BYTES + 1, HEAD_BYTES + SEALED_CHUNK - 1,
     HEAD_BYTES + SEALED_CHUNK, HEAD_BYTES + SEALED_CHUNK + 1, len(SEALED) - 1],
)  # fmt: skip
def test_truncated_file_of_any_length_is_refused(length: int) -> None:
    with pytest.raises(ANY_REFUSAL):
        opened(SEALED[:length], len(CONTENT))


def test_file_truncated_between_chunks_is_refused() -> None:
    """The first chunk opens only as a chunk that is not the last one."""
    with pytest.raises(ANY_REFUSAL):
        opened(SEALED[: HEAD_BYTES + SEALED_CHUNK], CHUNK)


def test_reordered_chunks_are_refused() -> None:
    three = seal(CONTENT + b"end")
    head = three[:HEAD_BYTES]
    first, second, last = (three[HEAD_BYTES + i * SEALED_CHUNK :][:SEALED_CHUNK] for i in range(3))
    assert opened(head + first + second + last, len(CONTENT) + 3) == CONTENT + b"end"
    for order in ([second, first, last], [first, last], [first, first, second, last],
                  [first, second, last, last], [first, second]):  # fmt: skip
        with pytest.raises(ANY_REFUSAL):
            opened(head + b"".join(order), 1 + CHUNK)


def test_appended_byte_is_refused() -> None:
    with pytest.raises(ANY_REFUSAL):
        opened(SEALED + b"\0", len(CONTENT))


def test_unread_content_is_reported_as_damage() -> None:
    reader = OpeningReader(io.BytesIO(seal(b"content and more")), PASSPHRASE)
    reader.read(7)
    with pytest.raises(ArchiveDamaged):
        reader.finish()


def test_damage_after_the_first_chunk_differs_from_a_wrong_passphrase() -> None:
    changed = bytearray(SEALED)
    changed[-1] ^= 1
    with pytest.raises(ArchiveDamaged):
        opened(bytes(changed), len(CONTENT))


def test_later_format_is_foreign() -> None:
    later = bytearray(SEALED)
    later[len(MAGIC)] = 3
    with pytest.raises(ArchiveForeign):
        opened(bytes(later), 1)


@pytest.mark.parametrize(
    ("at", "value"), [(17, 0), (17, 19), (17, 255), (18, 0), (18, 255), (19, 2)]
)
def test_excessive_memory_cost_is_refused_before_key_derivation(at: int, value: int) -> None:
    greedy = bytearray(SEALED)
    greedy[at] = value
    with pytest.raises(ArchiveDamaged):
        opened(bytes(greedy), 1)


@given(st.binary(max_size=300), st.booleans())
@settings(max_examples=200)
def test_arbitrary_bytes_end_in_a_refusal(rest: bytes, has_head: bool) -> None:
    """The reader ends in a refusal for any content of the file."""
    head = MAGIC + bytes([1, 1, 8, 1]) if has_head else b""
    with pytest.raises(Refusal):
        opened(head + rest, 1)


@given(st.data())
@settings(max_examples=200)
def test_edited_file_is_refused(data: st.DataObject) -> None:
    good = seal(b"some content")
    start = data.draw(st.integers(0, len(good) - 1))
    end = data.draw(st.integers(start, len(good)))
    edited = good[:start] + data.draw(st.binary(max_size=40)) + good[end:]
    assume(edited != good)
    # A higher memory cost gives the same refusal, but takes a second.
    assume(not (len(edited) >= HEAD_BYTES and 10 < edited[17] <= 18))
    with pytest.raises(Refusal):
        opened(edited, 12)
