"""Accounts with their API passwords and the epoch, read by one statement, as callers of the API
need them.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchword.domain.accounts import Administrator
from watchword.storage.administrators import (
    administrator_of,
    by_username,
    domain_columns,
)
from watchword.storage.credentials import (
    StoredApiPassword,
    api_password_columns,
    api_password_of,
    empty_api_password,
)
from watchword.storage.epoch import demanded
from watchword.storage.schema import administrators, api_passwords, epoch, old_api_passwords

Found = tuple[Administrator | None, StoredApiPassword, int]
_epoch = sa.select(epoch.c.n).scalar_subquery().label("epoch")
_columns = [*domain_columns, *api_password_columns, _epoch]
_tables = administrators.join(api_passwords).outerjoin(
    old_api_passwords, old_api_passwords.c.administrator_id == administrators.c.id
)


def find(connection: Connection, username: str) -> Found:
    """Return the account of that name, its API password and the epoch. The first two are empty for
    an unknown name, for which another account's row is read (`administrators.find`).
    """
    row = connection.execute(by_username(username, _columns, _tables)).first()
    return _found(row if row is not None and row.is_it else None)


def get(connection: Connection, id_: int) -> Found:
    """Return the account, its API password and the epoch. The first two are empty when it was
    deleted.
    """
    query = sa.select(*_columns).select_from(_tables).where(administrators.c.id == id_)
    return _found(connection.execute(query).first())


def by_hint(connection: Connection, hint: str) -> list[tuple[str, StoredApiPassword]]:
    """Return the usernames of accounts whose API password, or the old one, begins so, with their API
    passwords. Few can: the characters are random.
    """
    ids = sa.union(
        sa.select(api_passwords.c.administrator_id).where(api_passwords.c.hint == hint),
        sa.select(old_api_passwords.c.administrator_id).where(old_api_passwords.c.hint == hint),
    )
    query = sa.select(*_columns).select_from(_tables).where(administrators.c.id.in_(ids))
    return [(row.username, api_password_of(row)) for row in connection.execute(query)]


def _found(row: Any) -> Found:
    if row is None:
        return None, empty_api_password(0), 0
    return administrator_of(row), api_password_of(row), demanded(row.epoch)
