"""The groups of accounts."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchword.storage.gateway_schema import account_groups


def of_account(connection: Connection, id_: int) -> tuple[str, ...]:
    """Return the groups of an account, sorted."""
    return of_accounts(connection, [id_]).get(id_, ())


def of_accounts(connection: Connection, ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Return the groups of accounts that have any, sorted, by the id of the account."""
    c = account_groups.c
    query = sa.select(c.administrator_id, c.name).where(c.administrator_id.in_([*ids]))
    found: dict[int, tuple[str, ...]] = {}
    for id_, name in connection.execute(query):
        found[id_] = tuple(sorted((*found.get(id_, ()), name)))
    return found


def replace(connection: Connection, id_: int, names: Iterable[str]) -> None:
    """Store the groups of an account instead of its present ones. The account is locked."""
    connection.execute(account_groups.delete().where(account_groups.c.administrator_id == id_))
    rows = [{"administrator_id": id_, "name": name} for name in names]
    if rows:
        connection.execute(account_groups.insert(), rows)
