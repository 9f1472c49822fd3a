"""The node that wrote an event of the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    """Add the column. It stays empty in existing events: their MACs do not cover it."""
    op.add_column("audit_events", sa.Column("node", sa.Text, nullable=False, server_default=""))
