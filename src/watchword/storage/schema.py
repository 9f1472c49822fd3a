"""The tables. The migrations create the same ones; a test compares the two.

Times are stored as microseconds since 1970 (UTC), so that conditional updates compare numbers
on both databases. Ids are never reused (AUTOINCREMENT).
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from watchword.storage import instants

REVISION = "0007"
"""The schema revision of this version: the newest file in migrations/versions."""

Instant = instants.Instant
# SQLite assigns ids only in a column of exactly this type.
RowId = sa.BigInteger().with_variant(sa.Integer, "sqlite")
# Compared byte by byte, so that a prefix is a range of the index.
Word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = sa.MetaData(naming_convention=NAMING)


def _column(name: str, type_: Any, **options: Any) -> sa.Column[Any]:
    options.setdefault("nullable", False)
    return sa.Column(name, type_, **options)


def _owner(*, primary_key: bool = False) -> sa.Column[Any]:
    key = sa.ForeignKey("administrators.id", ondelete="CASCADE")
    return sa.Column(
        "administrator_id", RowId, key, nullable=False, primary_key=primary_key,
        index=not primary_key, autoincrement=False,
    )  # fmt: skip


installation = sa.Table(
    "installation",
    metadata,
    _column("id", sa.Integer, primary_key=True, autoincrement=False),
    _column("key_check", sa.LargeBinary),
    _column("created_at", Instant),
)

# One row. Triggers raise `n` when something changes that a cached answer depends on.
epoch = sa.Table(
    "epoch",
    metadata,
    _column("id", sa.Integer, primary_key=True, autoincrement=False),
    _column("n", sa.BigInteger),
)

first_run_links = sa.Table(
    "first_run_links",
    metadata,
    _column("id", sa.Integer, primary_key=True, autoincrement=False),
    _column("token_digest", sa.Text),
    _column("expires_at", Instant),
)

administrators = sa.Table(
    "administrators",
    metadata,
    _column("id", RowId, primary_key=True),
    _column("username", sa.Text),
    _column("username_key", sa.Text, unique=True),
    _column("full_name", sa.Text),
    _column("full_name_key", sa.Text),
    _column("email", sa.Text),
    _column("email_key", sa.Text),
    _column("password_hash", sa.Text),
    _column("password_set_at", Instant),
    _column("must_change_password", sa.Boolean),
    _column("is_disabled", sa.Boolean),
    _column("cred_ver", sa.Integer),
    _column("mfa_status", sa.Text),
    _column("mfa_pending_from", sa.Text, nullable=True),
    _column("mfa_pending_since", Instant, nullable=True),
    _column("mfa_activated_at", Instant, nullable=True),
    _column("created_at", Instant),
    # The epoch means "never": each database sorts NULL differently.
    _column("last_login_at", Instant),
    _column("last_login_address", sa.Text),
    # Empty: the language of the browser.
    _column("language", sa.Text),
    # The newest audit event whose banner the administrator has dismissed.
    _column("seen_event_id", sa.BigInteger),
    # Names of time zones; "" if not chosen, and if no browser has reported one.
    _column("time_zone", sa.Text),
    _column("browser_time_zone", sa.Text),
    sa.Index(None, "is_disabled", "id"),
    sa.Index(None, "mfa_status", "username_key", "id"),
    sa.Index(None, "full_name_key", "id"),
    sa.Index(None, "email_key", "id"),
    sa.Index(None, "last_login_at", "id"),
    sqlite_autoincrement=True,
)

search_words = sa.Table(
    "search_words",
    metadata,
    _column("word", Word, primary_key=True),
    sa.Column(
        "administrator_id", RowId, sa.ForeignKey("administrators.id", ondelete="CASCADE"),
        nullable=False, primary_key=True, index=True, autoincrement=False,
    ),
)  # fmt: skip

authenticators = sa.Table(
    "authenticators",
    metadata,
    _column("id", RowId, primary_key=True),
    _owner(),
    _column("kind", sa.Text),
    # Empty for the only authenticator of its kind.
    _column("name", sa.Text),
    _column("created_at", Instant),
    _column("last_used_at", Instant, nullable=True),
    # Of a TOTP authenticator. Codes of the last used step and of earlier ones are not accepted.
    _column("secret", sa.LargeBinary, nullable=True),
    _column("last_step", sa.BigInteger, nullable=True),
    # The seal of a secret is bound to its account: an account has one TOTP authenticator.
    sa.Index(
        "ix_authenticators_one_totp", "administrator_id", unique=True,
        sqlite_where=sa.text("kind = 'totp'"), postgresql_where=sa.text("kind = 'totp'"),
    ),
    sqlite_autoincrement=True,
)  # fmt: skip

enrolments = sa.Table(
    "enrolments",
    metadata,
    _column("id", sa.Text, primary_key=True),
    _owner(),
    _column("secret", sa.LargeBinary),
    _column("cred_ver", sa.Integer),
    _column("created_at", Instant),
    _column("expires_at", Instant),
    _column("failures", sa.Integer),
)

login_attempts = sa.Table(
    "login_attempts",
    metadata,
    _column("id", sa.Text, primary_key=True),
    _column("token_digest", sa.Text, unique=True),
    _owner(),
    _column("enrolment_id", sa.Text, nullable=True),
    _column("cred_ver", sa.Integer),
    _column("created_at", Instant),
    _column("expires_at", Instant),
    _column("failures", sa.Integer),
    _column("is_known_browser", sa.Boolean),
    _column("is_enrolment_proved", sa.Boolean),
    _column("return_target", sa.Text),
)

sessions = sa.Table(
    "sessions",
    metadata,
    _column("id", RowId, primary_key=True),
    _column("token_digest", sa.Text, unique=True),
    _column("previous_token_digest", sa.Text, nullable=True, index=True),
    _column("rotated_at", Instant),
    _column("ref", sa.Text),
    _owner(),
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
    _column("must_decide", sa.Boolean),
    sqlite_autoincrement=True,
)

known_browsers = sa.Table(
    "known_browsers",
    metadata,
    _column("id", sa.Text, primary_key=True),
    _column("token_digest", sa.Text, unique=True),
    _owner(),
    _column("cred_ver", sa.Integer),
    _column("created_at", Instant),
    _column("expires_at", Instant),
    # Of the latest login. Empty in rows of schemas before 0007.
    _column("last_seen_at", Instant),
    _column("address", sa.Text),
    _column("user_agent", sa.Text),
)

enrolment_codes = sa.Table(
    "enrolment_codes",
    metadata,
    _owner(primary_key=True),
    _column("mac", sa.Text),
    _column("cred_ver", sa.Integer),
    _column("expires_at", Instant),
    _column("failures", sa.Integer),
)

enrolment_browsers = sa.Table(
    "enrolment_browsers",
    metadata,
    _column("token_digest", sa.Text, primary_key=True),
    _owner(),
    _column("cred_ver", sa.Integer),
    _column("expires_at", Instant),
)

recovery_codes = sa.Table(
    "recovery_codes",
    metadata,
    _owner(primary_key=True),
    _column("mac", sa.Text, primary_key=True),
    _column("created_at", Instant),
)

api_passwords = sa.Table(
    "api_passwords",
    metadata,
    _owner(primary_key=True),
    _column("generation", sa.Integer),
    _column("mac", sa.Text, nullable=True),
    _column("hint", sa.Text),
    _column("created_at", Instant, nullable=True),
    _column("created_by", sa.Text),
    _column("last_used_at", Instant, nullable=True),
    _column("last_used_address", sa.Text),
    # The User-Agent, shortened.
    _column("last_used_client", sa.Text),
    # The last use of the regular password on the API.
    _column("regular_used_at", Instant, nullable=True),
    _column("regular_used_address", sa.Text),
    sa.Index(
        "ix_api_passwords_none", "administrator_id",
        sqlite_where=sa.text("mac IS NULL"), postgresql_where=sa.text("mac IS NULL"),
    ),
)  # fmt: skip

# The replaced API password of an account, which is accepted until `ends_at`.
old_api_passwords = sa.Table(
    "old_api_passwords",
    metadata,
    _owner(primary_key=True),
    _column("generation", sa.Integer),
    _column("mac", sa.Text),
    _column("hint", sa.Text),
    _column("created_at", Instant),
    _column("created_by", sa.Text),
    _column("last_used_at", Instant, nullable=True),
    _column("last_used_address", sa.Text),
    _column("last_used_client", sa.Text),
    _column("ends_at", Instant),
)

# The last few API passwords that were replaced or revoked: a script may still use one.
former_api_passwords = sa.Table(
    "former_api_passwords",
    metadata,
    _owner(primary_key=True),
    _column("generation", sa.Integer, primary_key=True, autoincrement=False),
    _column("mac", sa.Text),
)

api_refusals = sa.Table(
    "api_refusals",
    metadata,
    _owner(primary_key=True),
    _column("kind", sa.Text, primary_key=True),
    _column("address", sa.Text, primary_key=True),
    _column("client", sa.Text, primary_key=True),
    _column("count", sa.Integer),
    _column("first_at", Instant),
    _column("last_at", Instant),
)

# Refused requests from another origin, at both interfaces; one row.
origin_refusals = sa.Table(
    "origin_refusals",
    metadata,
    _column("id", sa.Integer, primary_key=True, autoincrement=False),
    _column("count", sa.Integer),
    _column("origin", sa.Text),
    _column("asked", sa.Text),
    _column("first_at", Instant),
    _column("last_at", Instant),
)

throttles = sa.Table(
    "throttles",
    metadata,
    _column("kind", sa.Text, primary_key=True),
    _column("subject", sa.Text, primary_key=True),
    _column("failures", sa.Integer),
    _column("next_allowed_at", Instant),
    _column("in_flight_until", Instant),
    _column("drained_at", Instant),
)

audit_events = sa.Table(
    "audit_events",
    metadata,
    _column("id", RowId, primary_key=True),
    _column("at", Instant),
    _column("event", sa.Text),
    _column("outcome", sa.Text),
    _column("interface", sa.Text),
    # Not foreign keys: events stay when their accounts are deleted.
    _column("actor_id", sa.BigInteger, nullable=True),
    _column("actor_name", sa.Text),
    _column("subject_id", sa.BigInteger, nullable=True),
    _column("subject_name", sa.Text),
    _column("address", sa.Text),
    _column("user_agent", sa.Text),
    _column("request_id", sa.Text),
    _column("session_ref", sa.Text),
    _column("facts", sa.Text),
    _column("mac", sa.Text),
    # Empty in events of schemas before 0004.
    _column("node", sa.Text),
    sa.Index(None, "subject_id", "event", "id"),
    sa.Index(None, "subject_name", "id"),
    sa.Index(None, "actor_name", "id"),
    sa.Index(None, "event", "id"),
    sa.Index(None, "interface", "id"),
    sa.Index(None, "interface", "event", "id"),
    sa.Index(None, "at", "id"),
    sa.Index(None, "address", "id"),
    sqlite_autoincrement=True,
)

# Banners that an administrator has dismissed one by one, after `seen_event_id`.
dismissed_events = sa.Table(
    "dismissed_events",
    metadata,
    _owner(primary_key=True),
    _column("event_id", sa.BigInteger, primary_key=True),
)

# Logins and failed logins per day; the account 0 stands for all. Not a foreign key: inserting would
# lock the accounts of many events in one transaction.
login_days = sa.Table(
    "login_days",
    metadata,
    sa.Column("administrator_id", RowId, nullable=False, primary_key=True, autoincrement=False),
    # Days since 1970 (UTC).
    sa.Column("day", sa.Integer, nullable=False, primary_key=True, autoincrement=False, index=True),
    _column("logins", sa.Integer),
    _column("failures", sa.Integer),
)

# The last event that `login_days` includes; one row.
counted_events = sa.Table(
    "counted_events",
    metadata,
    _column("id", sa.Integer, primary_key=True, autoincrement=False),
    _column("last_id", sa.BigInteger),
)

audit_chain = sa.Table(
    "audit_chain",
    metadata,
    _column("id", sa.Integer, primary_key=True, autoincrement=False),
    _column("key", sa.LargeBinary),
    # The chain begins there. Events of schemas before 0003 are not in it.
    _column("first_id", sa.BigInteger),
    _column("last_id", sa.BigInteger),
    _column("mac", sa.Text),
    # The event at which a check found the chain broken, until an operator resolves it.
    _column("broken_event_id", sa.BigInteger, nullable=True),
    _column("broken_found_at", Instant, nullable=True),
)
