"""Addresses from which an account's regular password has opened the API: what the cookie of a
known browser is at the console.

Who knows a name can have its password guessed at, and waited for, from anywhere. A script at an
address that it came from in the last thirty days has a budget of its own, so that it does not
wait with them. It only gets a throttle: an address proves nothing. It ends as a known browser
does, with a change of the account's credentials.
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
    """Return what the budget of this account at this address is counted under; None when it has
    none. The same statement is made for a name nobody has: ids start at 1.
    """
    id_, cred_ver = (account.id, account.cred_ver) if account else (0, 0)
    digest = stored.address_digest(id_, _place(actor))
    return stored.find(connection, [digest], id_, cred_ver, app.clock.now())


def remember(u: Unit, actor: Actor, account: Administrator) -> None:
    """Remember that the regular password was right from there. It comes before the throttles in
    its transaction: what changes accounts holds the account before its throttles, too.
    """
    place = _place(actor)
    if not place:
        return
    address = KnownBrowser(
        id=tokens.identifier(),
        token_digest=stored.address_digest(account.id, place),
        administrator_id=account.id,
        cred_ver=account.cred_ver,
        created_at=u.now,
        expires_at=u.now + KNOWN_ADDRESS_LIFE,
    )
    stored.put_address(u.connection, address)


def _place(actor: Actor) -> str:
    """Return the address as it is counted; "" for one that is everybody's behind a proxy."""
    return "" if actor.is_shared else address_subject(actor.address)
