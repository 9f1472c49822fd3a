"""Columns, indexes and values for the repairs listed in the changelog."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"

RowId = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Run each step; a step is one function below."""
    _end_sessions()
    _index_of_banners()
    _index_times_with_numbers()
    _regular_password_use()
    _former_api_passwords()
    _clients_of_api_refusals()
    _finding_of_the_chain()
    _origin_refusals()


def _end_sessions() -> None:
    """Delete sessions, login attempts and the first-run link: their tokens were stored as a plain
    SHA-256, and do not contain the account's id.
    """
    for name in ("sessions", "login_attempts", "first_run_links"):
        op.execute(sa.table(name).delete())


def _index_of_banners() -> None:
    op.create_index("ix_audit_events_door_event_id", "audit_events", ["door", "event", "id"])


def _index_times_with_numbers() -> None:
    """Add the ids to the index of times, for the ids of the events in a time range."""
    op.drop_index("ix_audit_events_at", "audit_events")
    op.create_index("ix_audit_events_at_id", "audit_events", ["at", "id"])


def _regular_password_use() -> None:
    """Add time and address of the API's last acceptance of the regular password."""
    op.add_column("api_passwords", sa.Column("regular_used_at", sa.BigInteger))
    op.add_column(
        "api_passwords",
        sa.Column("regular_used_address", sa.Text, nullable=False, server_default=""),
    )


def _owner(table: str) -> list[Any]:
    return [
        sa.Column("administrator_id", RowId, nullable=False, autoincrement=False),
        sa.ForeignKeyConstraint(
            ["administrator_id"],
            ["administrators.id"],
            name=f"fk_{table}_administrator_id",
            ondelete="CASCADE",
        ),
    ]


def _former_api_passwords() -> None:
    op.create_table(
        "former_api_passwords",
        *_owner("former_api_passwords"),
        sa.Column("generation", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("mac", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("administrator_id", "generation", name="pk_former_api_passwords"),
    )


def _clients_of_api_refusals() -> None:
    """Store one row for each kind of refusal. Earlier counts have no client."""
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT * FROM api_refusals")).mappings().all()
    op.drop_table("api_refusals")
    table = op.create_table(
        "api_refusals",
        *_owner("api_refusals"),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("first_at", sa.BigInteger, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint(
            "administrator_id", "kind", "address", "client", name="pk_api_refusals"
        ),
    )
    kept = ("administrator_id", "address", "first_at", "last_at")
    op.bulk_insert(
        table,
        [
            {**{name: row[name] for name in kept}, "kind": kind, "client": "", "count": row[count]}
            for row in rows
            for kind, count in (("regular", "right_count"), ("wrong", "wrong_count"))
            if row[count]
        ],
    )


def _finding_of_the_chain() -> None:
    for name in ("broken_event_id", "broken_found_at"):
        op.add_column("audit_chain", sa.Column(name, sa.BigInteger, nullable=True))


def _origin_refusals() -> None:
    op.create_table(
        "origin_refusals",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("asked", sa.Text, nullable=False),
        sa.Column("first_at", sa.BigInteger, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_origin_refusals"),
    )
