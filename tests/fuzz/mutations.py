"""Mutations of input bytes. The generator is seeded, so that findings can be reproduced."""

from __future__ import annotations

import random

INTERESTING = (
    b"\0", b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xef\xbf\xbd", b"\r\n", b":", b"=", b";", b"&",
    b"%", b"%00", b"%2F", b"..", b"//", b"\\", b'"', b"'", b"{", b"}", b"[", b"9" * 40, b"-1",
    b"\xe2\x80\xae", b"\xef\xbc\x8f", b"__Host-ww_s", b"Basic ", b"wwp_",
)  # fmt: skip
MOST_BYTES = 4096


def mutated(seeds: list[bytes], chance: random.Random) -> bytes:
    """Return a seed, or a crossing of two seeds, with up to eight changes."""
    found = bytearray(chance.choice(seeds))
    if chance.random() < 0.2:
        other = chance.choice(seeds)
        found[chance.randint(0, len(found)) :] = other[chance.randint(0, len(other)) :]
    for _ in range(chance.randint(0, 8)):
        _change(found, chance)
    return bytes(found[:MOST_BYTES])


def _change(found: bytearray, chance: random.Random) -> None:
    at = chance.randint(0, len(found))
    match chance.randrange(6):
        case 0 if found:
            found[at % len(found)] ^= 1 << chance.randrange(8)
        case 1:
            found[at:at] = chance.choice(INTERESTING)
        case 2:
            del found[at : at + chance.randint(1, 8)]
        case 3:
            found[at:at] = found[at : at + chance.randint(1, 32)]
        case 4:
            found[at:at] = chance.randbytes(chance.randint(1, 16))
        case _:
            found[at : at + 1] = chance.choice(INTERESTING)
