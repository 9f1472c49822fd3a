"""The throttles of a guess at a code, read with the recognised browser by one statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy.engine import Connection

from watchword.domain.accounts import Administrator
from watchword.domain.throttle import Kind, Throttle
from watchword.storage.schema import administrators, known_browsers, throttles

_shared = throttles.alias("shared")
_own = throttles.alias("own")
_FIELDS: Final = tuple(asdict(Throttle()))


class CodeThrottles(Struct, frozen=True):
    """`shared` is the account's throttle, `own` that of the browser with the id `browser`."""

    browser: str | None
    shared: Throttle
    own: Throttle


def read(
    connection: Connection, account: Administrator, digests: Sequence[str], now: datetime
) -> CodeThrottles:
    """Return the throttles of the account and of its browser with one of these token digests, if
    that is still recognised.
    """
    c = known_browsers.c
    is_browser = sa.and_(
        c.token_digest.in_(digests),
        c.administrator_id == administrators.c.id,
        c.cred_ver == account.cred_ver,
        c.expires_at > now,
    )
    tables = (
        administrators.outerjoin(known_browsers, is_browser)
        .outerjoin(_shared, _is(_shared, Kind.CODE, str(account.id)))
        .outerjoin(_own, _is(_own, Kind.CODE_KNOWN_BROWSER, c.id))
    )
    columns = [t.c[name].label(f"{t.name}_{name}") for t in (_shared, _own) for name in _FIELDS]
    query = sa.select(c.id.label("browser"), *columns).select_from(tables)
    row = connection.execute(query.where(administrators.c.id == account.id).limit(1)).first()
    if row is None:
        return CodeThrottles(None, Throttle(), Throttle())
    return CodeThrottles(row.browser, _throttle(row, "shared"), _throttle(row, "own"))


def _is(table: Any, kind: Kind, subject: Any) -> Any:
    return (table.c.kind == kind.value) & (table.c.subject == subject)


def _throttle(row: Any, table: str) -> Throttle:
    values = {name: row._mapping[f"{table}_{name}"] for name in _FIELDS}
    return Throttle() if values["failures"] is None else Throttle(**values)
