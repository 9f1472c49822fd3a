"""What the pages of the console show beyond the earlier schemas."""

from __future__ import annotations

revision = "0007"
down_revision: str | None = "0006"


def upgrade() -> None:
    """Run each step; a step is one function below."""
