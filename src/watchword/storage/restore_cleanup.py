"""Deletion of sessions, codes and links after a restore."""

from __future__ import annotations

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from watchword.domain.accounts import Administrator
from watchword.storage.administrators import administrator_of, domain_columns
from watchword.storage.schema import (
    administrators,
    api_passwords,
    authenticators,
    enrolment_browsers,
    enrolment_codes,
    enrolments,
    first_run_links,
    known_browsers,
    login_attempts,
    recovery_codes,
    sessions,
)


class Ended(Struct, frozen=True):
    """The numbers of deleted sessions and recovery codes."""

    sessions: int
    recovery_codes: int


def with_api_password(connection: Connection, last_id: int, most: int) -> list[Administrator]:
    """Return accounts with an API password, by id, from the one after `last_id` on."""
    query = (
        sa.select(*domain_columns)
        .join(api_passwords)
        .where(administrators.c.id > last_id, api_passwords.c.mac.is_not(None))
        .order_by(administrators.c.id)
        .limit(most)
    )
    return [administrator_of(row) for row in connection.execute(query)]


def end_everything_open(connection: Connection, used_step: int) -> Ended:
    """Delete sessions, login attempts, enrolments with their codes, recognised browsers, first-run
    links and recovery codes, and raise every authenticator's last used step to at least
    `used_step`.

    They may have been used, deleted or replaced after the backup, in which they are still valid.
    """
    held = (enrolments, login_attempts, enrolment_codes, enrolment_browsers, known_browsers,
            first_run_links)  # fmt: skip
    for table in held:
        connection.execute(table.delete())
    connection.execute(
        authenticators.update()
        .where(authenticators.c.last_step < used_step)
        .values(last_step=used_step)
    )
    return Ended(_deleted(connection, sessions), _deleted(connection, recovery_codes))


def _deleted(connection: Connection, table: sa.Table) -> int:
    return connection.execute(table.delete()).rowcount
