"""The audit log's chain, proofs for an enrolment from another browser, and the decision after a
login by recovery code.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"

RowId = sa.BigInteger().with_variant(sa.Integer, "sqlite")


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


def upgrade() -> None:
    """Add the tables and columns."""
    _chain()
    _enrolment_proofs()
    op.create_index("ix_administrators_is_disabled_id", "administrators", ["is_disabled", "id"])
    op.add_column(
        "sessions",
        sa.Column("must_decide", sa.Boolean, nullable=False, server_default=sa.false()),
    )


def _chain() -> None:
    op.add_column("audit_events", sa.Column("mac", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "audit_chain",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("first_id", sa.BigInteger, nullable=False),
        sa.Column("last_id", sa.BigInteger, nullable=False),
        sa.Column("mac", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_chain"),
    )


def _enrolment_proofs() -> None:
    op.create_table(
        "enrolment_codes",
        *_owner("enrolment_codes"),
        sa.Column("mac", sa.Text, nullable=False),
        sa.Column("cred_ver", sa.Integer, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("administrator_id", name="pk_enrolment_codes"),
    )
    op.create_table(
        "enrolment_browsers",
        sa.Column("token_digest", sa.Text, nullable=False),
        *_owner("enrolment_browsers"),
        sa.Column("cred_ver", sa.Integer, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("token_digest", name="pk_enrolment_browsers"),
    )
    op.create_index(
        "ix_enrolment_browsers_administrator_id", "enrolment_browsers", ["administrator_id"]
    )
    op.add_column(
        "login_attempts",
        sa.Column("is_enrolment_proved", sa.Boolean, nullable=False, server_default=sa.true()),
    )
