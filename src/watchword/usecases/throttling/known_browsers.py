"""Tokens of recognised browsers: browsers that have logged in before.

A recognised browser has throttles and worker threads of its own. The token is no credential.
It is signed (`random.signature`), so that the server recognises its own tokens during a flood
without the database.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from typing import Final

from watchword.crypto import token_macs, tokens
from watchword.crypto.token_macs import Token
from watchword.domain.accounts import Administrator
from watchword.domain.secret import Secret
from watchword.domain.sessions import DEVICE_LIFE
from watchword.domain.throttle import POLICIES, Kind
from watchword.storage import known_browsers as stored
from watchword.storage.database import Connection
from watchword.storage.known_browsers import KnownBrowser
from watchword.usecases.context import Watchword
from watchword.usecases.throttling.reservations import Slot
from watchword.usecases.unit_of_work import Unit

_PURPOSE: Final = "known-browser"
_SIGNATURE_CHARACTERS: Final = 32
"""Of hex: 128 bits."""


def remember(u: Unit, account: Administrator, old_token: str | None = None) -> Secret:
    """Recognise this browser at later logins to the account. Returns its token.

    It replaces the browser's old token, which becomes invalid. The budget of attempts belongs to
    the browser, not to each of its logins.
    """
    random = tokens.token().reveal()
    signature = _signature(u.app.keyring.mac(_PURPOSE, random))
    token = f"{random}.{signature}"
    browser = KnownBrowser(
        id=tokens.identifier(),
        token_digest=token_macs.stored(u.app.keyring, Token.RECOGNISED_BROWSER, token, account.id),
        administrator_id=account.id,
        cred_ver=account.cred_ver,
        created_at=u.now,
        expires_at=u.now + DEVICE_LIFE,
        last_seen_at=u.now,
        address=u.actor.address,
        user_agent=u.actor.user_agent,
    )
    stored.put(u.connection, browser, replacing=_old(u, old_token, account))
    return Secret(token)


def _old(u: Unit, token: str | None, account: Administrator) -> list[str]:
    return digests_of(u.app, token, account) if token else []


def find(
    app: Watchword, connection: Connection, token: str | None, account: Administrator | None
) -> str | None:
    """Return the subject of this browser's throttles, if its token is valid for the account. The
    statement is the same for an unknown name, because ids start at 1.
    """
    id_, cred_ver = (account.id, account.cred_ver) if account else (0, 0)
    digests = digests_of(app, token, account)
    return stored.find(connection, digests, id_, cred_ver, app.clock.now())


def digests_of(app: Watchword, token: str | None, account: Administrator | None) -> list[str]:
    """Return the digests under which the token of the account's browser may be stored."""
    id_ = account.id if account else 0
    return token_macs.candidates(app.keyring, Token.RECOGNISED_BROWSER, token, id_)


def forget_when_used_up(u: Unit, held: Iterable[Slot]) -> None:
    """Forget the browser when this wrong password was its last attempt. Its cookie is invalid then,
    for passwords and codes, and its next login is recorded as that of an unrecognised browser.
    """
    most = POLICIES[Kind.PASSWORD_KNOWN_BROWSER].ceiling
    for slot in held:
        if slot.kind is Kind.PASSWORD_KNOWN_BROWSER and slot.reserved.failures == most:
            stored.forget(u.connection, slot.subject)


def is_ours(app: Watchword, token: str | None) -> bool:
    """Return whether this server made the token, for any account and also if it has expired."""
    random, dot, signature = (token or "").partition(".")
    if not dot or not signature.isascii():
        return False
    made = [_signature(mac) for mac in app.keyring.macs(_PURPOSE, random)]
    return any(hmac.compare_digest(signature, each) for each in made)


def _signature(mac: str) -> str:
    return mac.partition(":")[2][:_SIGNATURE_CHARACTERS]
