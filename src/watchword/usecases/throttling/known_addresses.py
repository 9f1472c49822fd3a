"""Addresses from which the API has accepted an account's regular password. They are to scripts
what recognised browsers are to people.

An attacker who knows a username can cause waits for its password from anywhere. A script at an
address that it used in the last thirty days has a budget of its own, so it does not wait. It gets
only a throttle, because an address proves nothing. A change of the account's credentials ends it.
"""

from __future__ import annotations

from watchword.crypto import tokens
from watchword.domain.accounts import Administrator
from watchword.domain.audit import Actor
from watchword.domain.sessions import KNOWN_ADDRESS_LIFE
from watchword.domain.throttle import address_subject
from watchword.storage import known_browsers as stored
from watchword.storage.database import Connection
from watchword.storage.known_browsers import KnownBrowser
from watchword.usecases.context import Watchword
from watchword.usecases.unit_of_work import Unit


def find(
    app: Watchword, connection: Connection, actor: Actor, account: Administrator | None
) -> str | None:
    """Return the subject of this account's throttle at this address, or None without one. The
    statement is the same for an unknown name, because ids start at 1.
    """
    id_, cred_ver = (account.id, account.cred_ver) if account else (0, 0)
    digest = stored.address_digest(id_, _counted(actor))
    return stored.find(connection, [digest], id_, cred_ver, app.clock.now())


def remember(u: Unit, actor: Actor, account: Administrator) -> None:
    """Remember that the regular password was correct from this address. Call it before the
    throttles change: an account is locked before its throttles.
    """
    counted = _counted(actor)
    if not counted:
        return
    address = KnownBrowser(
        id=tokens.identifier(),
        token_digest=stored.address_digest(account.id, counted),
        administrator_id=account.id,
        cred_ver=account.cred_ver,
        created_at=u.now,
        expires_at=u.now + KNOWN_ADDRESS_LIFE,
        last_seen_at=u.now,
        address=counted,
    )
    stored.put_address(u.connection, address)


def _counted(actor: Actor) -> str:
    """Return the address as it is counted, or "" when all clients of a proxy share it."""
    return "" if actor.is_shared else address_subject(actor.address)
