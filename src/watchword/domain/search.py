"""Finding an administrator by the beginning of a word of the username, full name or e-mail.

Words are stored beside the account, so that a search among ten thousand accounts reads an index
and not every row. They are compared like usernames: NFKC, case folded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from watchword.domain.accounts import folded

MOST_CHARACTERS: Final = 64
MOST_ASKED: Final = 5


@dataclass(frozen=True)
class Asked:
    """One word that was asked for: an account is found by one that begins like `whole`, or by one
    for each of `parts`, where punctuation is in it.
    """

    whole: str
    parts: tuple[str, ...] = ()


def words_of(username: str, full_name: str, email: str) -> frozenset[str]:
    """Return the words an account is found by: the parts of all three; username and address as a
    whole, and the address's domain, so that "ops:ali", "alice@exam" and "example.o" find somebody.
    """
    username, full_name, email = folded(username), folded(full_name), folded(email)
    parts = _parts(f"{username} {full_name} {email}")
    wholes = (username, email, email.rpartition("@")[2])
    return frozenset(word[:MOST_CHARACTERS] for word in [*parts, *wholes] if word)


def asked(text: str) -> tuple[Asked, ...]:
    """Return the words that were asked for, each of which an account must have. As a name is
    written it is found: "O'Brien" by its parts, since only they are stored of a full name.
    """
    words = dict.fromkeys(word[:MOST_CHARACTERS] for word in folded(text).split())
    return tuple(_asked(word) for word in tuple(words)[:MOST_ASKED])


def _asked(word: str) -> Asked:
    parts = tuple(dict.fromkeys(_parts(word)))[:MOST_ASKED]
    return Asked(word, () if parts == (word,) else parts)


def _parts(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in text).split()
