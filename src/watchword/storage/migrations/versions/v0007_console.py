"""What the pages of the console show beyond the earlier schemas, and the epoch of cached answers."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from watchword.storage.migrations import epoch_triggers

revision = "0007"
down_revision: str | None = "0006"

RowId = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Run each step; a step is one function below."""
    _recognised_browsers()
    _administrators_by_filter()
    _old_api_passwords()
    _preferences()
    _events_by_address()
    _dismissed_events()
    _login_days()
    epoch_triggers.create()  # the last step: it reads the columns of the tables


def _recognised_browsers() -> None:
    """Add what the latest login tells about the browser. It is unknown for stored rows."""
    _add("known_browsers", "last_seen_at", sa.BigInteger(), "0")
    for name in ("address", "user_agent"):
        _add("known_browsers", name, sa.Text(), "")
    op.execute("UPDATE known_browsers SET last_seen_at = created_at")


def _add(table: str, name: str, type_: sa.types.TypeEngine[Any], empty: str) -> None:
    op.add_column(table, sa.Column(name, type_, nullable=False, server_default=empty))


def _administrators_by_filter() -> None:
    """Index the rows that the filters of System Administrators count and list."""
    op.create_index(
        "ix_administrators_mfa_status_username_key_id",
        "administrators",
        ["mfa_status", "username_key", "id"],
    )
    has_none = sa.text("mac IS NULL")
    op.create_index(
        "ix_api_passwords_none",
        "api_passwords",
        ["administrator_id"],
        sqlite_where=has_none,
        postgresql_where=has_none,
    )


def _old_api_passwords() -> None:
    """Add the clients of the last uses, and the replaced API passwords that are still accepted."""
    _add("api_passwords", "last_used_client", sa.Text(), "")
    op.create_table(
        "old_api_passwords",
        sa.Column("administrator_id", RowId, nullable=False, autoincrement=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("mac", sa.Text, nullable=False),
        sa.Column("hint", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("last_used_at", sa.BigInteger, nullable=True),
        sa.Column("last_used_address", sa.Text, nullable=False),
        sa.Column("last_used_client", sa.Text, nullable=False),
        sa.Column("ends_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["administrator_id"],
            ["administrators.id"],
            name="fk_old_api_passwords_administrator_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("administrator_id", name="pk_old_api_passwords"),
    )


def _preferences() -> None:
    for name in ("time_zone", "browser_time_zone", "language"):
        _add("administrators", name, sa.Text(), "")


def _events_by_address() -> None:
    op.create_index("ix_audit_events_address_id", "audit_events", ["address", "id"])


def _dismissed_events() -> None:
    op.create_table(
        "dismissed_events",
        sa.Column("administrator_id", RowId, nullable=False, autoincrement=False),
        sa.Column("event_id", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["administrator_id"],
            ["administrators.id"],
            name="fk_dismissed_events_administrator_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("administrator_id", "event_id", name="pk_dismissed_events"),
    )


def _login_days() -> None:
    """The server's maintenance counts the events that the log contains already."""
    op.create_table(
        "login_days",
        sa.Column("administrator_id", RowId, nullable=False, autoincrement=False),
        sa.Column("day", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("logins", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("administrator_id", "day", name="pk_login_days"),
    )
    op.create_index("ix_login_days_day", "login_days", ["day"])
    table = op.create_table(
        "counted_events",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("last_id", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_counted_events"),
    )
    op.bulk_insert(table, [{"id": 1, "last_id": 0}])
