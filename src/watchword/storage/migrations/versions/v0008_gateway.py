"""Roles and groups of accounts; applications behind the gateway and their sessions."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from watchword.storage.migrations import epoch_triggers

revision = "0008"
down_revision: str | None = "0007"

RowId = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Run each step; a step is one function below."""
    _roles_and_groups()
    _accounts_by_role()
    _applications()
    _admissions()
    _gateway_sessions()
    _entries()
    _bearer()
    _epoch()


def _roles_and_groups() -> None:
    """Every stored account is an administrator."""
    role = sa.Column("role", sa.Text, nullable=False, server_default="administrator")
    op.add_column("administrators", role)
    op.create_index(
        "ix_administrators_role_username_key_id", "administrators", ["role", "username_key", "id"]
    )
    op.create_table(
        "account_groups",
        _owner("administrator"),
        sa.Column("name", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("administrator_id", "name", name="pk_account_groups"),
        _to_owner("account_groups", "administrator"),
    )
    op.create_index("ix_account_groups_name", "account_groups", ["name", "administrator_id"])


def _accounts_by_role() -> None:
    """Let each list and count of accounts read those of one role."""
    for columns in (
        ["is_disabled", "id"],
        ["mfa_status", "username_key", "id"],
        ["full_name_key", "id"],
        ["email_key", "id"],
        ["last_login_at", "id"],
    ):
        op.drop_index(f"ix_administrators_{'_'.join(columns)}", "administrators")
        name = f"ix_administrators_role_{'_'.join(columns)}"
        op.create_index(name, "administrators", ["role", *columns])


def _owner(owner: str) -> sa.Column[Any]:
    return sa.Column(f"{owner}_id", RowId, nullable=False, autoincrement=False)


def _to_owner(table: str, owner: str) -> sa.ForeignKeyConstraint:
    column = f"{owner}_id"
    return sa.ForeignKeyConstraint(
        [column], [f"{owner}s.id"], name=f"fk_{table}_{column}", ondelete="CASCADE"
    )


def _applications() -> None:
    op.create_table(
        "applications",
        sa.Column("id", RowId, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_key", sa.Text, nullable=False),
        sa.Column("is_enabled", sa.Boolean, nullable=False),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("accepts_api_passwords", sa.Boolean, nullable=False),
        sa.Column("accepts_administrators_api_passwords", sa.Boolean, nullable=False),
        sa.Column("max_login_age", sa.Integer, nullable=True),
        sa.Column("idle_seconds", sa.Integer, nullable=False),
        sa.Column("absolute_seconds", sa.Integer, nullable=False),
        sa.Column("admits_everyone", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_applications"),
        sa.UniqueConstraint("name_key", name="uq_applications_name_key"),
        sqlite_autoincrement=True,
    )


def _admissions() -> None:
    """The lists of an application: hosts, public paths, admitted groups and accounts."""
    op.create_table(
        "application_hosts",
        sa.Column("host", sa.Text, nullable=False),
        _owner("application"),
        sa.PrimaryKeyConstraint("host", name="pk_application_hosts"),
        _to_owner("application_hosts", "application"),
    )
    op.create_index("ix_application_hosts_application_id", "application_hosts", ["application_id"])
    for table, column in (("application_public_paths", "path"), ("application_groups", "name")):
        op.create_table(
            table,
            _owner("application"),
            sa.Column(column, sa.Text, nullable=False),
            sa.PrimaryKeyConstraint("application_id", column, name=f"pk_{table}"),
            _to_owner(table, "application"),
        )
    op.create_table(
        "application_accounts",
        _owner("application"),
        _owner("administrator"),
        sa.PrimaryKeyConstraint(
            "application_id", "administrator_id", name="pk_application_accounts"
        ),
        _to_owner("application_accounts", "application"),
        _to_owner("application_accounts", "administrator"),
    )
    op.create_index(
        "ix_application_accounts_administrator_id", "application_accounts", ["administrator_id"]
    )


def _gateway_sessions() -> None:
    """The session of a browser at an application, and the codes that hand it over."""
    op.create_table(
        "gateway_sessions",
        sa.Column("id", RowId, nullable=False),
        sa.Column("token_digest", sa.Text, nullable=False),
        _owner("application"),
        sa.Column("host", sa.Text, nullable=False),
        _owner("session"),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("last_seen_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gateway_sessions"),
        sa.UniqueConstraint("token_digest", name="uq_gateway_sessions_token_digest"),
        _to_owner("gateway_sessions", "application"),
        _to_owner("gateway_sessions", "session"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "gateway_codes",
        sa.Column("code_digest", sa.Text, nullable=False),
        _owner("application"),
        sa.Column("host", sa.Text, nullable=False),
        _owner("session"),
        sa.Column("nonce_digest", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("code_digest", name="pk_gateway_codes"),
        _to_owner("gateway_codes", "application"),
        _to_owner("gateway_codes", "session"),
    )
    for table in ("gateway_sessions", "gateway_codes"):
        for column in ("application_id", "session_id", "expires_at"):
            op.create_index(f"ix_{table}_{column}", table, [column])


def _entries() -> None:
    """The last entry of each account into each application, by browser and by script."""
    op.create_table(
        "application_entries",
        _owner("application"),
        _owner("administrator"),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("client", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint(
            "application_id", "administrator_id", "kind", name="pk_application_entries"
        ),
        _to_owner("application_entries", "application"),
        _to_owner("application_entries", "administrator"),
    )
    op.create_index(
        "ix_application_entries_administrator_id", "application_entries", ["administrator_id"]
    )
    op.create_index(
        "ix_application_entries_application_id_at", "application_entries", ["application_id", "at"]
    )


def _bearer() -> None:
    """Find an API password that comes without a username by its first characters."""
    for table in ("api_passwords", "old_api_passwords"):
        op.create_index(f"ix_{table}_hint", table, ["hint"])


def _epoch() -> None:
    """Raise the epoch for changes that the gateway's cached answers depend on."""
    epoch_triggers.watch_again("administrators")
    for table in (
        "account_groups",
        "applications",
        "application_hosts",
        "application_public_paths",
        "application_groups",
        "application_accounts",
    ):
        epoch_triggers.watch(table, "INSERT", "UPDATE", "DELETE")
    epoch_triggers.watch("gateway_sessions", "DELETE")
