"""MACs of tokens for storage: HMAC-SHA-256 under the keyring, bound to purpose and account.

An attacker who can write to the database but has no key can neither insert a valid token nor
move a row to another account.
"""

from __future__ import annotations

from enum import StrEnum

from watchword.crypto import tokens
from watchword.crypto.keyring import Keyring


class Token(StrEnum):
    """The purpose of a token."""

    SESSION = "session"
    ATTEMPT = "login-attempt"
    RECOGNISED_BROWSER = "recognised-browser"
    ENROLMENT_BROWSER = "enrolment-browser"
    FIRST_RUN = "first-run-link"
    GATEWAY_SESSION = "gateway-session"
    GATEWAY_CODE = "gateway-code"


def stored(keyring: Keyring, kind: Token, token: str, owner: int | None = None) -> str:
    """Return the MAC to store, "key id:hex". `owner` is the account's id if the token does not
    contain it.
    """
    return of_digest(keyring, kind, tokens.digest(token), _owner(token, owner))


def of_digest(keyring: Keyring, kind: Token, digest: str, owner: int) -> str:
    """Return the MAC of a token from its SHA-256, which schemas before 0005 stored."""
    return keyring.mac(kind.value, str(owner), digest)


def candidates(
    keyring: Keyring, kind: Token, token: str | None, owner: int | None = None
) -> list[str]:
    """Return the MAC of a token under each key of the ring, for a lookup."""
    text = token or ""
    return keyring.macs(kind.value, str(_owner(text, owner)), tokens.digest(text))


def _owner(token: str, owner: int | None) -> int:
    return tokens.owner_of(token) if owner is None else owner
