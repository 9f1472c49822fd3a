"""Columns, indexes and values for the repairs listed in the changelog."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"


def upgrade() -> None:
    """Run each step; a step is one function below."""
    _index_of_banners()
    _index_times_with_numbers()
    _regular_password_use()


def _index_of_banners() -> None:
    op.create_index("ix_audit_events_door_event_id", "audit_events", ["door", "event", "id"])


def _index_times_with_numbers() -> None:
    """Let the index of times answer which numbers the events in a span of time have."""
    op.drop_index("ix_audit_events_at", "audit_events")
    op.create_index("ix_audit_events_at_id", "audit_events", ["at", "id"])


def _regular_password_use() -> None:
    """Add when and from where the API last accepted an account's regular password."""
    op.add_column("api_passwords", sa.Column("regular_used_at", sa.BigInteger))
    op.add_column(
        "api_passwords",
        sa.Column("regular_used_address", sa.Text, nullable=False, server_default=""),
    )
