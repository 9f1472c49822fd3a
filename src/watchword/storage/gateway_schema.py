"""The tables of groups, applications and the gateway. Their metadata is that of `schema`."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from watchword.storage.schema import Instant, RowId, column, metadata


def _owned_by(owner: str, *, primary_key: bool = False, index: bool = False) -> sa.Column[Any]:
    key = sa.ForeignKey(f"{owner}s.id", ondelete="CASCADE")
    return sa.Column(
        f"{owner}_id", RowId, key, nullable=False, primary_key=primary_key, index=index,
        autoincrement=False,
    )  # fmt: skip


account_groups = sa.Table(
    "account_groups",
    metadata,
    _owned_by("administrator", primary_key=True),
    column("name", sa.Text, primary_key=True),
    sa.Index("ix_account_groups_name", "name", "administrator_id"),
)

applications = sa.Table(
    "applications",
    metadata,
    column("id", RowId, primary_key=True),
    column("name", sa.Text),
    column("name_key", sa.Text, unique=True),
    column("is_enabled", sa.Boolean),
    column("level", sa.Text),
    column("accepts_api_passwords", sa.Boolean),
    column("accepts_administrators_api_passwords", sa.Boolean),
    # Seconds since the login; NULL: no limit.
    column("max_login_age", sa.Integer, nullable=True),
    column("idle_seconds", sa.Integer),
    column("absolute_seconds", sa.Integer),
    column("admits_everyone", sa.Boolean),
    sqlite_autoincrement=True,
)

# A host belongs to one application.
application_hosts = sa.Table(
    "application_hosts",
    metadata,
    column("host", sa.Text, primary_key=True),
    _owned_by("application", index=True),
)

application_public_paths = sa.Table(
    "application_public_paths",
    metadata,
    _owned_by("application", primary_key=True),
    column("path", sa.Text, primary_key=True),
)

application_groups = sa.Table(
    "application_groups",
    metadata,
    _owned_by("application", primary_key=True),
    column("name", sa.Text, primary_key=True),
)

application_accounts = sa.Table(
    "application_accounts",
    metadata,
    _owned_by("application", primary_key=True),
    _owned_by("administrator", primary_key=True, index=True),
)

# The session of a browser at one application and host. It ends with the session of the console
# that it was handed over from: the row of that session is kept for as long as this one.
gateway_sessions = sa.Table(
    "gateway_sessions",
    metadata,
    column("id", RowId, primary_key=True),
    column("token_digest", sa.Text, unique=True),
    _owned_by("application", index=True),
    column("host", sa.Text),
    _owned_by("session", index=True),
    column("created_at", Instant),
    column("last_seen_at", Instant),
    column("expires_at", Instant, index=True),
    sqlite_autoincrement=True,
)

# A code of the hand-over, valid once, for the browser that has the nonce.
gateway_codes = sa.Table(
    "gateway_codes",
    metadata,
    column("code_digest", sa.Text, primary_key=True),
    _owned_by("application", index=True),
    column("host", sa.Text),
    _owned_by("session", index=True),
    column("nonce_digest", sa.Text),
    # Path and query of the request that was refused.
    column("target", sa.Text),
    column("expires_at", Instant, index=True),
)

application_entries = sa.Table(
    "application_entries",
    metadata,
    _owned_by("application", primary_key=True),
    _owned_by("administrator", primary_key=True, index=True),
    # "browser" or "script".
    column("kind", sa.Text, primary_key=True),
    column("at", Instant),
    column("address", sa.Text),
    # The User-Agent, shortened.
    column("client", sa.Text),
    sa.Index(None, "application_id", "at"),
)
