"""Rename the column `door` of the audit log to `interface`, with its indexes."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision: str | None = "0005"


def upgrade() -> None:
    """Rename the column; an index keeps its name otherwise, so both are built again."""
    for columns in (("door", "id"), ("door", "event", "id")):
        op.drop_index(f"ix_audit_events_{'_'.join(columns)}", "audit_events")
    op.execute("ALTER TABLE audit_events RENAME COLUMN door TO interface")
    for columns in (("interface", "id"), ("interface", "event", "id")):
        op.create_index(f"ix_audit_events_{'_'.join(columns)}", "audit_events", [*columns])
