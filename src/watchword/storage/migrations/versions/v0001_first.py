"""The first schema."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None

# A migration does not import schema.py, which changes with later revisions.
RowId = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Instant = sa.BigInteger


def _column(name: str, type_: Any, **options: Any) -> sa.Column[Any]:
    options.setdefault("nullable", False)
    return sa.Column(name, type_, **options)


def _owner(table: str) -> list[Any]:
    return [
        _column("administrator_id", RowId, autoincrement=False),
        sa.ForeignKeyConstraint(
            ["administrator_id"],
            ["administrators.id"],
            name=f"fk_{table}_administrator_id",
            ondelete="CASCADE",
        ),
    ]


def _table(name: str, *columns: Any, key: tuple[str, ...], **options: Any) -> None:
    op.create_table(name, *columns, sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"), **options)


def upgrade() -> None:
    """Create the tables."""
    _installation()
    _administrators()
    _logins()
    _credentials()
    _audit()


def _installation() -> None:
    _table(
        "installation",
        _column("id", sa.Integer, autoincrement=False),
        _column("key_check", sa.LargeBinary),
        _column("created_at", Instant),
        key=("id",),
    )
    _table(
        "first_run_links",
        _column("id", sa.Integer, autoincrement=False),
        _column("token_digest", sa.Text),
        _column("expires_at", Instant),
        key=("id",),
    )
    _table(
        "throttles",
        _column("kind", sa.Text),
        _column("subject", sa.Text),
        _column("failures", sa.Integer),
        _column("next_allowed_at", Instant),
        _column("in_flight_until", Instant),
        _column("drained_at", Instant),
        key=("kind", "subject"),
    )


def _administrators() -> None:
    _table(
        "administrators",
        _column("id", RowId),
        _column("username", sa.Text),
        _column("username_key", sa.Text),
        _column("full_name", sa.Text),
        _column("email", sa.Text),
        _column("password_hash", sa.Text),
        _column("password_set_at", Instant),
        _column("must_change_password", sa.Boolean),
        _column("is_disabled", sa.Boolean),
        _column("cred_ver", sa.Integer),
        _column("created_at", Instant),
        _column("last_login_at", Instant, nullable=True),
        _column("last_login_address", sa.Text),
        sa.UniqueConstraint("username_key", name="uq_administrators_username_key"),
        key=("id",),
        sqlite_autoincrement=True,
    )
    _table(
        "authenticators",
        *_owner("authenticators"),
        _column("status", sa.Text),
        _column("pending_from", sa.Text, nullable=True),
        _column("pending_since", Instant, nullable=True),
        _column("activated_at", Instant, nullable=True),
        _column("secret", sa.LargeBinary, nullable=True),
        _column("last_step", sa.BigInteger),
        key=("administrator_id",),
    )


def _logins() -> None:
    _table(
        "enrolments",
        _column("id", sa.Text),
        *_owner("enrolments"),
        _column("secret", sa.LargeBinary),
        _column("cred_ver", sa.Integer),
        _column("created_at", Instant),
        _column("expires_at", Instant),
        _column("failures", sa.Integer),
        key=("id",),
    )
    _table(
        "login_attempts",
        _column("id", sa.Text),
        _column("token_digest", sa.Text),
        *_owner("login_attempts"),
        _column("enrolment_id", sa.Text, nullable=True),
        _column("cred_ver", sa.Integer),
        _column("created_at", Instant),
        _column("expires_at", Instant),
        _column("failures", sa.Integer),
        _column("is_known_browser", sa.Boolean),
        _column("return_target", sa.Text),
        sa.UniqueConstraint("token_digest", name="uq_login_attempts_token_digest"),
        key=("id",),
    )
    _sessions()
    for name in ("enrolments", "login_attempts", "sessions", "known_browsers"):
        op.create_index(f"ix_{name}_administrator_id", name, ["administrator_id"])


def _sessions() -> None:
    _table(
        "sessions",
        _column("id", RowId),
        _column("token_digest", sa.Text),
        *_owner("sessions"),
        _column("enrolment_id", sa.Text, nullable=True),
        _column("cred_ver", sa.Integer),
        _column("created_at", Instant),
        _column("last_seen_at", Instant),
        _column("expires_at", Instant),
        _column("proved_at", Instant),
        _column("proof_failures", sa.Integer),
        _column("factors", sa.Text),
        _column("address", sa.Text),
        _column("user_agent", sa.Text),
        _column("notice", sa.Text),
        sa.UniqueConstraint("token_digest", name="uq_sessions_token_digest"),
        key=("id",),
        sqlite_autoincrement=True,
    )
    _table(
        "known_browsers",
        _column("id", sa.Text),
        _column("token_digest", sa.Text),
        *_owner("known_browsers"),
        _column("cred_ver", sa.Integer),
        _column("created_at", Instant),
        _column("expires_at", Instant),
        sa.UniqueConstraint("token_digest", name="uq_known_browsers_token_digest"),
        key=("id",),
    )


def _credentials() -> None:
    _table(
        "recovery_codes",
        *_owner("recovery_codes"),
        _column("mac", sa.Text),
        _column("created_at", Instant),
        key=("administrator_id", "mac"),
    )
    _table(
        "api_passwords",
        *_owner("api_passwords"),
        _column("generation", sa.Integer),
        _column("mac", sa.Text, nullable=True),
        _column("hint", sa.Text),
        _column("created_at", Instant, nullable=True),
        _column("created_by", sa.Text),
        _column("last_used_at", Instant, nullable=True),
        _column("last_used_address", sa.Text),
        key=("administrator_id",),
    )


def _audit() -> None:
    _table(
        "audit_events",
        _column("id", RowId),
        _column("at", Instant),
        _column("event", sa.Text),
        _column("outcome", sa.Text),
        _column("door", sa.Text),
        _column("actor_id", sa.BigInteger, nullable=True),
        _column("actor_name", sa.Text),
        _column("subject_id", sa.BigInteger, nullable=True),
        _column("subject_name", sa.Text),
        _column("address", sa.Text),
        _column("user_agent", sa.Text),
        _column("request_id", sa.Text),
        _column("session_ref", sa.Text),
        _column("facts", sa.Text),
        key=("id",),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_audit_events_subject_id_event_id", "audit_events", ["subject_id", "event", "id"]
    )
    op.create_index("ix_audit_events_at", "audit_events", ["at"])
