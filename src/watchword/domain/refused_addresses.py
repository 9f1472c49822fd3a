"""The fact `addresses` of refused logins: "203.0.113.7 410, 2001:db8:1::/64 12"."""

from __future__ import annotations

from collections.abc import Iterable


def written(counts: Iterable[tuple[str, int]]) -> str:
    """Return the fact for addresses and their counts."""
    return ", ".join(f"{address} {count}" for address, count in counts)


def read(fact: object) -> dict[str, int]:
    """Return the addresses with their counts; without those that are not written so."""
    found = {}
    for each in str(fact or "").split(", "):
        address, _space, count = each.rpartition(" ")
        if address and count.isascii() and count.isdecimal() and len(count) < 10:
            found[address] = int(count)
    return found
