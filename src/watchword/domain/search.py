"""Finding an administrator by the beginning of a word of the username, full name or e-mail.

Words are stored beside the account, so that a search among ten thousand accounts reads an index
and not every row. They are compared like usernames: NFKC, case folded.
"""

from __future__ import annotations

from typing import Final

from watchword.domain.accounts import username_key

MOST_CHARACTERS: Final = 64
MOST_ASKED: Final = 5


def folded(text: str) -> str:
    """Return what texts are sorted and searched by."""
    return username_key(text)


def words_of(username: str, full_name: str, email: str) -> frozenset[str]:
    """Return the words an account is found by: the parts of all three; username and address as a
    whole, and the address's domain, so that "ops:ali", "alice@exam" and "example.o" find somebody.
    """
    username, full_name, email = folded(username), folded(full_name), folded(email)
    text = f"{username} {full_name} {email}"
    parts = "".join(c if c.isalnum() else " " for c in text).split()
    wholes = (username, email, email.rpartition("@")[2])
    return frozenset(word[:MOST_CHARACTERS] for word in [*parts, *wholes] if word)


def asked(text: str) -> tuple[str, ...]:
    """Return the beginnings that an account must have words for, all of them."""
    words = dict.fromkeys(word[:MOST_CHARACTERS] for word in folded(text).split())
    return tuple(words)[:MOST_ASKED]
