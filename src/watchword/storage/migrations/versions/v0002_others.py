"""Sorted and searched administrators, banners, session tokens that are replaced, counts of refused
passwords on the API, and indexes of the audit log.
"""

from __future__ import annotations

import unicodedata
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"

RowId = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _new(table: str, name: str, type_: Any, default: str) -> None:
    op.add_column(table, sa.Column(name, type_, nullable=False, server_default=default))


def upgrade() -> None:
    """Add the columns, tables and indexes, and fill them."""
    _administrators()
    _sessions()
    _api_refusals()
    for columns in (("subject_name",), ("actor_name",), ("event",), ("door",)):
        op.create_index(f"ix_audit_events_{columns[0]}_id", "audit_events", [*columns, "id"])


def _administrators() -> None:
    _new("administrators", "full_name_key", sa.Text, "")
    _new("administrators", "email_key", sa.Text, "")
    _new("administrators", "seen_event_id", sa.BigInteger, "0")
    _new("administrators", "last_login", sa.BigInteger, "0")
    op.execute("UPDATE administrators SET last_login = coalesce(last_login_at, 0)")
    op.execute("ALTER TABLE administrators DROP COLUMN last_login_at")
    op.execute("ALTER TABLE administrators RENAME COLUMN last_login TO last_login_at")
    # Earlier events get no banner.
    op.execute(
        "UPDATE administrators SET seen_event_id = (SELECT coalesce(max(id), 0) FROM audit_events)"
    )
    for name in ("full_name_key", "email_key", "last_login_at"):
        op.create_index(f"ix_administrators_{name}_id", "administrators", [name, "id"])
    op.create_table(
        "search_words",
        sa.Column("word", Word, nullable=False),
        sa.Column("administrator_id", RowId, nullable=False, autoincrement=False),
        sa.ForeignKeyConstraint(
            ["administrator_id"],
            ["administrators.id"],
            name="fk_search_words_administrator_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("word", "administrator_id", name="pk_search_words"),
    )
    op.create_index("ix_search_words_administrator_id", "search_words", ["administrator_id"])
    _fill_search()


def _fill_search() -> None:
    connection = op.get_bind()
    query = sa.text("SELECT id, username_key, full_name, email FROM administrators")
    for id_, key, full_name, email in connection.execute(query).all():
        keys = {"n": _folded(full_name), "e": _folded(email)}
        connection.execute(
            sa.text("UPDATE administrators SET full_name_key = :n, email_key = :e WHERE id = :i"),
            {**keys, "i": id_},
        )
        for word in _words(key, keys["n"], keys["e"]):
            connection.execute(
                sa.text("INSERT INTO search_words (word, administrator_id) VALUES (:w, :i)"),
                {"w": word, "i": id_},
            )


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _words(username: str, full_name: str, email: str) -> set[str]:
    text = f"{username} {full_name} {email}"
    parts = "".join(c if c.isalnum() else " " for c in text).split()
    wholes = (username, email, email.rpartition("@")[2])
    return {word[:64] for word in [*parts, *wholes] if word}


def _sessions() -> None:
    op.add_column("sessions", sa.Column("previous_token_digest", sa.Text, nullable=True))
    op.create_index("ix_sessions_previous_token_digest", "sessions", ["previous_token_digest"])
    _new("sessions", "rotated_at", sa.BigInteger, "0")
    _new("sessions", "ref", sa.Text, "")
    op.execute("UPDATE sessions SET rotated_at = created_at, ref = substr(token_digest, 1, 8)")


def _api_refusals() -> None:
    op.create_table(
        "api_refusals",
        sa.Column("administrator_id", RowId, nullable=False, autoincrement=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("right_count", sa.Integer, nullable=False),
        sa.Column("wrong_count", sa.Integer, nullable=False),
        sa.Column("first_at", sa.BigInteger, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["administrator_id"],
            ["administrators.id"],
            name="fk_api_refusals_administrator_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("administrator_id", "address", name="pk_api_refusals"),
    )
