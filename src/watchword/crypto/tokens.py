"""Random secrets and identifiers from the operating system, and token digests.

Only this module creates randomness. Tokens are stored as keyed MACs (token_macs.py); 256 random
bits need no slow hash (ASVS 5.0, 6.5.2 requires one for look-up secrets under 112 bits).
"""

from __future__ import annotations

import hashlib
import os
import secrets
from typing import Final

from watchword.domain import api_password, totp
from watchword.domain import enrolment_code as enrolment_code_rules
from watchword.domain import recovery_codes as recovery_code_rules
from watchword.domain.secret import Secret

_MOST_DIGITS: Final = 19
"""A longer number does not fit into an id column."""


def token() -> Secret:
    """Return a new 256-bit token, URL-safe."""
    return Secret(secrets.token_urlsafe(32))


def owned_token(administrator_id: int) -> Secret:
    """Return a token that contains the id of its account.

    Sessions and login attempts are looked up by the token only; their row must belong to that
    account.
    """
    return Secret(f"{administrator_id}.{token().reveal()}")


def owner_of(token_text: str) -> int:
    """Return the account id in a token; 0, which no account has, if there is none."""
    id_, dot, _random = token_text.partition(".")
    is_number = id_.isascii() and id_.isdecimal() and len(id_) < _MOST_DIGITS
    return int(id_) if dot and is_number else 0


def digest(token_text: str) -> str:
    """Return a token's SHA-256 in hex, the input of its MAC."""
    return hashlib.sha256(token_text.encode("utf-8", "surrogatepass")).hexdigest()


def first_run_token() -> Secret:
    """Return a token of 100 bits in Crockford's Base32, short enough to type."""
    return Secret("".join(secrets.choice(recovery_code_rules.ALPHABET) for _ in range(20)))


def totp_secret() -> bytes:
    """Return a new shared secret of 160 bits."""
    return secrets.token_bytes(totp.SECRET_BYTES)


def new_api_password() -> Secret:
    """Return a new API password: 32 random Base62 characters and their checksum."""
    random = "".join(
        secrets.choice(api_password.ALPHABET) for _ in range(api_password.RANDOM_LENGTH)
    )
    return Secret(api_password.assemble(random))


def recovery_codes() -> list[Secret]:
    """Return a new set of recovery codes, 120 bits each, without hyphens."""
    return [
        Secret(
            "".join(
                secrets.choice(recovery_code_rules.ALPHABET)
                for _ in range(recovery_code_rules.LENGTH)
            )
        )
        for _ in range(recovery_code_rules.COUNT)
    ]


def enrolment_code() -> Secret:
    """Return a new enrolment code, 60 bits, without hyphens."""
    code = "".join(
        secrets.choice(recovery_code_rules.ALPHABET) for _ in range(enrolment_code_rules.LENGTH)
    )
    return Secret(code)


def random_bytes(length: int) -> bytes:
    """Return random bytes for a salt, nonce or key."""
    return secrets.token_bytes(length)


def identifier() -> str:
    """Return 128 random bits as hex, for ids that are not secret."""
    return os.urandom(16).hex()
