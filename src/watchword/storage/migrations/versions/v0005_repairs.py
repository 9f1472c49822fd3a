"""Columns, indexes and values for the repairs listed in the changelog."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision: str | None = "0004"


def upgrade() -> None:
    """Run each step; a step is one function below."""
    _index_of_banners()


def _index_of_banners() -> None:
    op.create_index("ix_audit_events_door_event_id", "audit_events", ["door", "event", "id"])
