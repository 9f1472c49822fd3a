"""The column `interface` of the audit log, the MFA status of accounts, and authenticators as rows.

Before, each account had one row of `authenticators` with its MFA status and its TOTP secret. A
secret keeps its seal: the seal is bound to the account, not to the row.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"

RowId = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Run each step; a step is one function below."""
    _interfaces()
    _mfa_status()
    _authenticators()


def _interfaces() -> None:
    """Rename the column `door`. An index keeps its name otherwise, so both are built again."""
    for columns in (("door", "id"), ("door", "event", "id")):
        op.drop_index(f"ix_audit_events_{'_'.join(columns)}", "audit_events")
    op.execute("ALTER TABLE audit_events RENAME COLUMN door TO interface")
    for columns in (("interface", "id"), ("interface", "event", "id")):
        op.create_index(f"ix_audit_events_{'_'.join(columns)}", "audit_events", [*columns])


def _mfa_status() -> None:
    status = sa.Column("mfa_status", sa.Text, nullable=False, server_default="disabled")
    op.add_column("administrators", status)
    op.add_column("administrators", sa.Column("mfa_pending_from", sa.Text, nullable=True))
    for name in ("mfa_pending_since", "mfa_activated_at"):
        op.add_column("administrators", sa.Column(name, sa.BigInteger, nullable=True))
    op.execute(
        "UPDATE administrators SET"
        " (mfa_status, mfa_pending_from, mfa_pending_since, mfa_activated_at) ="
        " (SELECT status, pending_from, pending_since, activated_at FROM authenticators"
        " WHERE authenticators.administrator_id = administrators.id)"
        " WHERE id IN (SELECT administrator_id FROM authenticators)"
    )


def _authenticators() -> None:
    """Keep the accounts' secrets and last used steps. The time of the last use is not known."""
    rows = op.get_bind().execute(
        sa.text(
            "SELECT administrator_id, coalesce(activated_at, 0) AS created_at, secret, last_step"
            " FROM authenticators WHERE secret IS NOT NULL"
        )
    )
    kept = [{**row, "kind": "totp", "name": ""} for row in rows.mappings()]
    op.drop_table("authenticators")
    table = op.create_table(
        "authenticators",
        sa.Column("id", RowId, nullable=False),
        sa.Column("administrator_id", RowId, nullable=False, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("last_used_at", sa.BigInteger, nullable=True),
        sa.Column("secret", sa.LargeBinary, nullable=True),
        sa.Column("last_step", sa.BigInteger, nullable=True),
        sa.ForeignKeyConstraint(
            ["administrator_id"],
            ["administrators.id"],
            name="fk_authenticators_administrator_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_authenticators"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_authenticators_administrator_id", "authenticators", ["administrator_id"])
    is_totp = sa.text("kind = 'totp'")
    op.create_index(
        "ix_authenticators_one_totp", "authenticators", ["administrator_id"], unique=True,
        sqlite_where=is_totp, postgresql_where=is_totp,
    )  # fmt: skip
    op.bulk_insert(table, kept)
