"""Values that depend on a key without being sealed by it: password hashes, recovery codes, API
passwords and enrolment codes, as MACs that name their key.

A MAC under another key needs the plain value, which is not stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from watchword.storage.gateway_schema import gateway_sessions
from watchword.storage.schema import (
    administrators,
    api_passwords,
    enrolment_browsers,
    enrolment_codes,
    known_browsers,
    login_attempts,
    old_api_passwords,
    recovery_codes,
    sessions,
)

_ID_CHARACTERS: Final = 16
_PASSWORD_KEY: Final = sa.func.substr(
    administrators.c.password_hash, len("v2$") + 1, _ID_CHARACTERS
)  # "v2$KEYID$m=..."
_API_KEY: Final = sa.func.substr(api_passwords.c.mac, 1, _ID_CHARACTERS)  # "KEYID:hex"
_OLD_API_KEY: Final = sa.func.substr(old_api_passwords.c.mac, 1, _ID_CHARACTERS)
_RECOVERY_KEY: Final = sa.func.substr(recovery_codes.c.mac, 1, _ID_CHARACTERS)
_ENROLMENT_KEY: Final = sa.func.substr(enrolment_codes.c.mac, 1, _ID_CHARACTERS)


class Holder(Struct, frozen=True):
    """An account, and which of its values depend on the given keys.

    The old API password is the one that was replaced and is still accepted.
    """

    id: int
    username: str
    has_password: bool
    recovery_codes: int
    has_api_password: bool
    has_old_api_password: bool
    has_enrolment_code: bool


def holders(connection: Connection, key_ids: Iterable[str]) -> list[Holder]:
    """Return the accounts with a value that depends on one of the keys, by name."""
    wanted = list(key_ids)
    codes = (
        sa.select(sa.func.count())
        .where(recovery_codes.c.administrator_id == administrators.c.id, _RECOVERY_KEY.in_(wanted))
        .scalar_subquery()
    )
    password = _PASSWORD_KEY.in_(wanted)
    api, old_api, enrolment = (
        sa.func.coalesce(key, "").in_(wanted) for key in (_API_KEY, _OLD_API_KEY, _ENROLMENT_KEY)
    )
    id_ = administrators.c.id
    query = (
        sa.select(id_, administrators.c.username, password, codes, api, old_api, enrolment)
        .select_from(
            administrators.join(api_passwords)
            .outerjoin(old_api_passwords, old_api_passwords.c.administrator_id == id_)
            .outerjoin(enrolment_codes, enrolment_codes.c.administrator_id == id_)
        )
        .where(sa.or_(password, codes > 0, api, old_api, enrolment))
        .order_by(administrators.c.username_key)
    )
    rows: Iterable[Any] = connection.execute(query)
    return [
        Holder(id_, name, bool(p), int(codes), bool(api), bool(old_api), bool(enrolment))
        for id_, name, p, codes, api, old_api, enrolment in rows
    ]


def forget_recovery_codes(
    connection: Connection, administrator_id: int, key_ids: Iterable[str]
) -> None:
    """Delete an account's recovery codes that depend on one of the keys."""
    connection.execute(
        recovery_codes.delete().where(
            recovery_codes.c.administrator_id == administrator_id,
            _RECOVERY_KEY.in_(list(key_ids)),
        )
    )


def delete_tokens(connection: Connection, key_ids: Iterable[str]) -> int:
    """Delete sessions, attempts and recognised browsers whose tokens depend on one of the keys.
    Returns how many sessions.
    """
    wanted = list(key_ids)
    counts = [
        connection.execute(
            table.delete().where(
                sa.func.substr(table.c.token_digest, 1, _ID_CHARACTERS).in_(wanted)
            )
        ).rowcount
        for table in (
            sessions,
            login_attempts,
            known_browsers,
            enrolment_browsers,
            gateway_sessions,
        )
    ]
    return counts[0]
