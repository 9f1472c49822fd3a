"""Columns, indexes and values for the repairs listed in the changelog."""

from __future__ import annotations

revision = "0005"
down_revision: str | None = "0004"


def upgrade() -> None:
    """Run each step; a step is one function below."""
