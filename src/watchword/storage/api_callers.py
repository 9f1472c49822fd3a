"""Accounts with their API passwords, each read by one statement, as callers of the API need them."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchword.domain.accounts import Administrator
from watchword.storage.administrators import (
    administrator_of,
    by_username,
    domain_columns,
)
from watchword.storage.credentials import StoredApiPassword, empty_api_password
from watchword.storage.schema import administrators, api_passwords

Found = tuple[Administrator | None, StoredApiPassword]
_PREFIX: Final = "api_password_"
_columns = [*domain_columns, *(c.label(_PREFIX + c.name) for c in api_passwords.c)]
_tables = administrators.join(api_passwords)


def find(connection: Connection, username: str) -> Found:
    """Return the account of that name and its API password. Both are empty for an unknown name,
    for which another account's row is read (`administrators.find`).
    """
    row = connection.execute(by_username(username, _columns, _tables)).first()
    return _found(row if row is not None and row.is_it else None)


def get(connection: Connection, id_: int) -> Found:
    """Return the account and its API password. Both are empty when it was deleted."""
    query = sa.select(*_columns).select_from(_tables).where(administrators.c.id == id_)
    return _found(connection.execute(query).first())


def _found(row: Any) -> Found:
    if row is None:
        return None, empty_api_password(0)
    values = {c.name: row._mapping[_PREFIX + c.name] for c in api_passwords.c}
    return administrator_of(row), StoredApiPassword(**values)
