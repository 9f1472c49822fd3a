"""Binding of stored hashes and tokens to accounts and keys, during the upgrade from schema 0004.

It needs no password or cookie: the new MAC is computed over the stored value.
"""

from __future__ import annotations

from functools import partial

from watchword.crypto import token_macs
from watchword.crypto.keyring import Keyring
from watchword.crypto.passwords import Pepper
from watchword.crypto.token_macs import Token
from watchword.domain.operational_errors import CannotDecrypt
from watchword.storage import unbound
from watchword.storage.database import Connection


def bind(connection: Connection, keyring: Keyring, pepper: Pepper) -> None:
    """Bind password hashes and browser tokens. A hash whose key is missing stays unchanged and is
    not accepted.
    """

    def hash_of(account_id: int, stored: str) -> str:
        try:
            return pepper.bound(account_id, stored)
        except CannotDecrypt:
            return stored

    def token_of(kind: Token, account_id: int, digest: str) -> str:
        return token_macs.of_digest(keyring, kind, digest, account_id)

    unbound.bind_password_hashes(connection, hash_of)
    unbound.bind_browsers(
        connection,
        partial(token_of, Token.RECOGNISED_BROWSER),
        partial(token_of, Token.ENROLMENT_BROWSER),
    )
