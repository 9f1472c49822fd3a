"""Recognised browsers, and addresses from which an account's regular password was accepted on the
API. Both have separate budgets of attempts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy.engine import Connection

from watchword.storage.database import insert_into
from watchword.storage.row_batches import Rows
from watchword.storage.schema import known_browsers

_STAY: Final = {"id", "created_at"}
_ADDRESS: Final = "address:"


class KnownBrowser(Struct, frozen=True):
    """A recognised browser of an account, or an address; `token_digest` identifies either.

    `last_seen_at`, `address` and `user_agent` are those of the latest login.
    """

    id: str
    token_digest: str
    administrator_id: int
    cred_ver: int
    created_at: datetime
    expires_at: datetime
    last_seen_at: datetime
    address: str = ""
    user_agent: str = ""


def put(connection: Connection, browser: KnownBrowser, *, replacing: Sequence[str] = ()) -> None:
    """Store a browser. It replaces the account's browser with one of the digests `replacing`,
    whose id and time of creation stay.
    """
    row = asdict(browser)
    if replacing:
        c = known_browsers.c
        is_old = c.token_digest.in_(replacing) & (c.administrator_id == browser.administrator_id)
        values = {name: value for name, value in row.items() if name not in _STAY}
        if connection.execute(known_browsers.update().where(is_old).values(values)).rowcount:
            return
    connection.execute(known_browsers.insert().values(row))


def find(
    connection: Connection,
    digests: list[str],
    administrator_id: int,
    cred_ver: int,
    now: datetime,
) -> str | None:
    """Return the id of the account's browser with one of these token digests, unless it has expired
    or `cred_ver` has changed since.
    """
    query = sa.select(known_browsers.c.id).where(
        known_browsers.c.token_digest.in_(digests),
        known_browsers.c.administrator_id == administrator_id,
        known_browsers.c.cred_ver == cred_ver,
        known_browsers.c.expires_at > now,
    )
    found: str | None = connection.execute(query).scalar()
    return found


def address_digest(administrator_id: int, address: str) -> str:
    """Return the value that is stored for an address in the place of a token digest. No digest has
    this form.
    """
    return f"{_ADDRESS}{administrator_id}:{address}"


def put_address(connection: Connection, address: KnownBrowser) -> None:
    """Store an address, or renew the one that is stored."""
    names = ("cred_ver", "expires_at", "last_seen_at")
    renewed = {name: getattr(address, name) for name in names}
    connection.execute(
        insert_into(connection, known_browsers)
        .values(asdict(address))
        .on_conflict_do_update(index_elements=["token_digest"], set_=renewed)
    )


def of_account(
    connection: Connection, administrator_id: int, cred_ver: int, now: datetime, most: int
) -> list[KnownBrowser]:
    """Return the account's recognised browsers, the most recently seen first."""
    c = known_browsers.c
    query = sa.select(known_browsers).where(
        c.administrator_id == administrator_id,
        c.cred_ver == cred_ver,
        c.expires_at > now,
        ~c.token_digest.startswith(_ADDRESS),
    )
    rows = connection.execute(query.order_by(c.last_seen_at.desc(), c.id).limit(most))
    return [KnownBrowser(**row._mapping) for row in rows]


def forget_of(connection: Connection, administrator_id: int, id_: str) -> str | None:
    """Delete one browser of an account. Returns its User-Agent; None without such a browser."""
    c = known_browsers.c
    is_it = (
        (c.id == id_)
        & (c.administrator_id == administrator_id)
        & ~c.token_digest.startswith(_ADDRESS)
    )
    user_agent: str | None = connection.execute(sa.select(c.user_agent).where(is_it)).scalar()
    connection.execute(known_browsers.delete().where(is_it))
    return user_agent


def forget(connection: Connection, id_: str) -> None:
    """Delete one browser."""
    connection.execute(known_browsers.delete().where(known_browsers.c.id == id_))


def forget_all_of(connection: Connection, administrator_id: int) -> None:
    """Delete every browser and address of an account."""
    connection.execute(
        known_browsers.delete().where(known_browsers.c.administrator_id == administrator_id)
    )


def expired(now: datetime, too_new: datetime) -> Rows:
    """Return the expired browsers and addresses, and those last seen after `too_new`."""
    c = known_browsers.c
    return Rows(known_browsers, (c.expires_at <= now) | (c.last_seen_at > too_new))
