"""Password hashing: Argon2id (RFC 9106) with a pepper, as work for the caller.

A hash takes a tenth of a second and 64 MiB, so the caller decides where it runs. A use-case that
needs one is a generator that *yields* a `Derivation` and receives the bytes:

    use-case:  begin (read, reserve, commit)  --yield Derivation-->  driver: Argon2id
               finish (check again, change, commit)  <--send bytes--

The command line drives it inline (`run`); the web drives it through a queue (hash_queue.py). No
transaction may be open across a yield.

Stored: "v2$KEYID$m=65536,t=3,p=4$SALT$TAG" with

    TAG = HMAC-SHA-256(key of "password-owner", account id, HMAC-SHA-256(pepper, Argon2id output))

An attacker with only the database cannot test guesses (NIST SP 800-63B-4, 3.1.1.2), and a hash
that is copied to another account's row does not verify there. The inner HMAC without the account
is "v1": `hash` returns it, and schemas before 0005 stored it. `bound` turns it into "v2".
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Generator
from typing import Final, TypeVar

from msgspec import Struct

from watchword.crypto import argon2id, tokens
from watchword.crypto.keyring import Keyring
from watchword.domain.accounts import prepared
from watchword.domain.errors import LoginInProgress, Refusal
from watchword.domain.secret import Secret

_SALT_BYTES: Final = 16
_TAG_BYTES: Final = 32
_BOUND: Final = "v2"
_MOST_MEMORY: Final = 256 * 1024
_MOST_PASSES: Final = 16


class Parameters(Struct, frozen=True):
    """Argon2id's cost: memory in KiB, passes, lanes."""

    memory: int = 65536
    passes: int = 3
    lanes: int = 4

    @property
    def is_bearable(self) -> bool:
        """Whether the cost is acceptable. Otherwise an attacker who can write to the database
        could make a login take all memory.
        """
        return self.memory <= _MOST_MEMORY and self.passes <= _MOST_PASSES and self.lanes <= 16

    def __str__(self) -> str:
        return f"m={self.memory},t={self.passes},p={self.lanes}"


DEFAULT: Final = Parameters()
"""RFC 9106, section 4, second recommendation; also the default of argon2-cffi."""


class Derivation(Struct, frozen=True):
    """One Argon2id computation. Its repr shows neither password nor salt.

    `is_known` marks a recognised client: a browser with its cookie, an address, or a session. The
    queue has a turn and places for those.
    """

    password: Secret
    salt: bytes
    parameters: Parameters
    is_known: bool = False

    def __repr__(self) -> str:
        return f"Derivation({self.parameters})"


class Pause(Struct, frozen=True):
    """A short wait while another guess for this subject is checked. The driver sends b"" when the
    use-case can retry, or raises LoginInProgress at the yield.
    """

    subject: str


T = TypeVar("T")
Work = Derivation | Pause
Hashing = Generator[Work, bytes, T]
"""A use-case with hashes: yields the work, receives the bytes, returns its result."""


def derive(work: Derivation, threads: int | None = None) -> bytes:
    """Compute Argon2id: about 0.1 s, without the interpreter's lock. It takes one thread per lane
    unless `threads` names fewer.
    """
    cost = work.parameters
    return argon2id.hash_raw(
        prepared(work.password.reveal()),
        work.salt,
        passes=cost.passes,
        memory=cost.memory,
        lanes=cost.lanes,
        threads=threads or cost.lanes,
        length=_TAG_BYTES,
    )


def advance(hashing: Hashing[T], sent: bytes | None) -> tuple[Work | None, T | None]:
    """Run a use-case to its next work, (work, None), or to its end, (None, result)."""
    try:
        return (next(hashing) if sent is None else hashing.send(sent)), None
    except StopIteration as end:
        return None, end.value


def run(hashing: Hashing[T]) -> T:
    """Run a use-case to its end, hashing inline, without waiting. Its refusals propagate."""
    work, result = advance(hashing, None)
    while work is not None:
        if isinstance(work, Pause):
            work, result = refuse(hashing, LoginInProgress(retry_after=1))
        else:
            work, result = advance(hashing, derive(work))
    return result  # type: ignore[return-value]


def refuse(hashing: Hashing[T], refusal: Refusal) -> tuple[Work | None, T | None]:
    """Raise a refusal at the yield of a use-case, which can give back what it reserved. Returns
    as `advance`.
    """
    try:
        return hashing.throw(refusal), None
    except StopIteration as end:
        return None, end.value


class Pepper:
    """Hashes and verifies passwords under the keyring's pepper."""

    def __init__(self, keyring: Keyring, parameters: Parameters) -> None:
        self._keyring = keyring
        self._parameters = parameters
        # It costs as much as a real hash, and no password matches it.
        self._dummy = self.hash_of_nothing()

    def _stored(self, salt: bytes, derived: bytes) -> str:
        key_id, _, tag = self._keyring.mac("password", derived.hex()).partition(":")
        return f"v1${key_id}${self._parameters}${base64.b64encode(salt).decode()}${tag}"

    def bound(self, account_id: int, unbound: str) -> str:
        """Return the hash to store for one account. Raises CannotDecrypt when the ring does not
        contain its key.
        """
        _version, key_id, cost, salt, tag = unbound.split("$")
        return f"{_BOUND}${key_id}${cost}${salt}${self._bound_tag(account_id, key_id, tag)}"

    def _bound_tag(self, account_id: int, key_id: str, tag: str) -> str:
        mac = self._keyring.mac("password-owner", str(account_id), tag, key_id=key_id)
        return mac.partition(":")[2]

    def hash(self, password: Secret, *, is_known: bool = False) -> Hashing[str]:
        """Return the hash of a new password, not yet bound to an account."""
        salt = tokens.random_bytes(_SALT_BYTES)
        derived = yield Derivation(password, salt, self._parameters, is_known)
        return self._stored(salt, derived)

    def hash_of_nothing(self) -> str:
        """Return a hash that no password matches."""
        return self._stored(tokens.random_bytes(_SALT_BYTES), tokens.random_bytes(32))

    def verify(
        self, account_id: int, stored: str | None, password: Secret, *, is_known: bool = False
    ) -> Hashing[bool]:
        """Return whether the password is the one stored for the account.

        Without a stored hash a dummy is hashed and the result is False, so that an unknown name
        takes as long as a known one.
        """
        key_id, parameters, salt, tag = _parse(stored or self._dummy)
        derived = yield Derivation(password, salt, parameters, is_known)
        if stored is None:  # the dummy's key may have been retired since the start
            key_id = self._keyring.current_id
        inner = self._keyring.mac("password", derived.hex(), key_id=key_id).partition(":")[2]
        expected = self._bound_tag(account_id, key_id, inner)
        return hmac.compare_digest(expected, tag) and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Return whether a stored hash has other parameters or another key than new hashes."""
        key_id, parameters, _, _ = _parse(stored)
        return parameters != self._parameters or key_id != self._keyring.current_id


def _parse(stored: str) -> tuple[str, Parameters, bytes, str]:
    _, key_id, cost, salt, tag = stored.split("$")
    numbers = {k: int(v) for k, v in (part.split("=") for part in cost.split(","))}
    parameters = Parameters(numbers["m"], numbers["t"], numbers["p"])
    if not parameters.is_bearable:
        raise ValueError("a stored hash asks for more than a hash may cost")
    return key_id, parameters, base64.b64decode(salt), tag
