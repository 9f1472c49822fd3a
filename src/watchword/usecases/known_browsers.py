"""The token of a browser that has logged in before. It gets tries of its own, and a place of
its own in the crowd; it proves nothing.

The token is signed, so that a server in a flood knows its own from others before it asks the
database for anything: `random.signature`.
"""

from __future__ import annotations

import hmac
from typing import Final

from watchword.crypto import tokens
from watchword.domain.accounts import Administrator
from watchword.domain.secret import Secret
from watchword.domain.sessions import DEVICE_LIFE
from watchword.storage import sessions as stored
from watchword.usecases.context import Watchword
from watchword.usecases.unit import Unit

_PURPOSE: Final = "known-browser"
_SIGNATURE_CHARACTERS: Final = 32
"""Of hex: 128 bits."""


def remember(u: Unit, account: Administrator) -> Secret:
    """Make this browser a known one of the account. Returns its token."""
    random = tokens.token().reveal()
    signature = _signature(u.app.keyring.mac(_PURPOSE, random))
    token = f"{random}.{signature}"
    values = {
        "id": tokens.identifier(),
        "token_digest": tokens.digest(token),
        "administrator_id": account.id,
        "cred_ver": account.cred_ver,
        "created_at": u.now,
        "expires_at": u.now + DEVICE_LIFE,
    }
    stored.put_known_browser(u.connection, values)
    return Secret(token)


def is_ours(app: Watchword, token: str | None) -> bool:
    """Return whether this server made the token, whoever's it is and whether it still holds."""
    random, dot, signature = (token or "").partition(".")
    if not dot or not signature.isascii():
        return False
    made = [_signature(mac) for mac in app.keyring.macs(_PURPOSE, random)]
    return any(hmac.compare_digest(signature, each) for each in made)


def _signature(mac: str) -> str:
    return mac.partition(":")[2][:_SIGNATURE_CHARACTERS]
