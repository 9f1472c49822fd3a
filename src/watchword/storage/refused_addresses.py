"""Addresses of refused logins that are counted and not recorded: the most frequent of each account.

They are throttles of a kind of their own for each account, so that the primary key finds them. An
account has MOST_COUNTED at most: a new address replaces the one with the lowest count, so a count
can be too low, but never too high.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from msgspec.structs import asdict
from sqlalchemy.engine import Connection

from watchword.domain.throttle import Kind, Throttle
from watchword.storage.schema import throttles

MOST_COUNTED: Final = 20
_c = throttles.c


def count(connection: Connection, account: int, address: str) -> None:
    """Count a refused login from an address. The caller has locked the account's count."""
    is_of_account = _c.kind == _kind(account)
    query = sa.select(_c.subject).where(is_of_account).order_by(_c.failures, _c.subject)
    found = list(connection.execute(query).scalars())
    if address in found:
        changed = {"failures": _c.failures + 1}
        connection.execute(
            throttles.update().where(is_of_account, _c.subject == address).values(changed)
        )
    elif len(found) < MOST_COUNTED:
        values = asdict(Throttle(failures=1)) | {"kind": _kind(account), "subject": address}
        connection.execute(throttles.insert().values(values))
    else:
        replaced = {"subject": address, "failures": 1}
        connection.execute(
            throttles.update().where(is_of_account, _c.subject == found[0]).values(replaced)
        )


def take(connection: Connection, account: int, most: int) -> list[tuple[str, int]]:
    """Return the addresses with the highest counts, and delete all of the account."""
    is_of_account = _c.kind == _kind(account)
    query = sa.select(_c.subject, _c.failures).where(is_of_account)
    rows = connection.execute(query.order_by(_c.failures.desc(), _c.subject).limit(most)).all()
    connection.execute(throttles.delete().where(is_of_account))
    return [(row.subject, row.failures) for row in rows]


def _kind(account: int) -> str:
    return f"{Kind.REFUSED_LOGINS.value}:{account}"
