"""Search for administrators by the start of any word in username, full name or e-mail.

The words are stored in their own table, so that a search reads an index instead of every account.
They are compared like usernames: NFKC, case folded.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from watchword.domain.accounts import folded

MOST_CHARACTERS: Final = 64
MOST_ASKED: Final = 5


class Asked(Struct, frozen=True):
    """One search term. An account matches with a word that starts with `whole`, or, for a term
    with punctuation, with one word for each of `parts`.
    """

    whole: str
    parts: tuple[str, ...] = ()


def words_of(username: str, full_name: str, email: str) -> frozenset[str]:
    """Return the search words of an account: the parts of all three texts, the whole username and
    e-mail address, and the address's domain, so that "ops:ali", "alice@exam" and "example.o" match.
    """
    username, full_name, email = folded(username), folded(full_name), folded(email)
    parts = _parts(f"{username} {full_name} {email}")
    wholes = (username, email, email.rpartition("@")[2])
    return frozenset(word[:MOST_CHARACTERS] for word in [*parts, *wholes] if word)


def asked(text: str) -> tuple[Asked, ...]:
    """Return the search terms of a text; an account must match all of them. "O'Brien" matches by
    its parts, since only the parts of a full name are stored.
    """
    words = dict.fromkeys(word[:MOST_CHARACTERS] for word in folded(text).split())
    return tuple(_asked(word) for word in tuple(words)[:MOST_ASKED])


def _asked(word: str) -> Asked:
    parts = tuple(dict.fromkeys(_parts(word)))[:MOST_ASKED]
    return Asked(word, () if parts == (word,) else parts)


def _parts(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in text).split()
