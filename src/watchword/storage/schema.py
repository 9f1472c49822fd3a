"""The tables. The migrations create the same ones; a test compares the two.

Times are stored as microseconds since 1970 (UTC), so that conditional updates compare numbers
on both databases. Ids are never reused (AUTOINCREMENT).
"""

from __future__ import annotations

import functools
from typing import Any

import sqlalchemy as sa

from watchword.storage import instants

REVISION = "0008"
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
# An index of some rows names its condition for SQLite only: `postgresql_where` would load the dialect
# of PostgreSQL at each start. The migrations make the index on both.


column = functools.partial(sa.Column[Any], nullable=False)


def _owner(*, primary_key: bool = False) -> sa.Column[Any]:
    key = sa.ForeignKey("administrators.id", ondelete="CASCADE")
    return sa.Column(
        "administrator_id", RowId, key, nullable=False, primary_key=primary_key,
        index=not primary_key, autoincrement=False,
    )  # fmt: skip


installation = sa.Table(
    "installation",
    metadata,
    column("id", sa.Integer, primary_key=True, autoincrement=False),
    column("key_check", sa.LargeBinary),
    column("created_at", Instant),
)

# One row. Triggers raise `n` when something changes that a cached answer depends on.
epoch = sa.Table(
    "epoch",
    metadata,
    column("id", sa.Integer, primary_key=True, autoincrement=False),
    column("n", sa.BigInteger),
)

first_run_links = sa.Table(
    "first_run_links",
    metadata,
    column("id", sa.Integer, primary_key=True, autoincrement=False),
    column("token_digest", sa.Text),
    column("expires_at", Instant),
)

administrators = sa.Table(
    "administrators",
    metadata,
    column("id", RowId, primary_key=True),
    column("username", sa.Text),
    column("username_key", sa.Text, unique=True),
    column("full_name", sa.Text),
    column("full_name_key", sa.Text),
    column("email", sa.Text),
    column("email_key", sa.Text),
    column("password_hash", sa.Text),
    column("password_set_at", Instant),
    column("must_change_password", sa.Boolean),
    column("is_disabled", sa.Boolean),
    column("cred_ver", sa.Integer),
    column("mfa_status", sa.Text),
    column("mfa_pending_from", sa.Text, nullable=True),
    column("mfa_pending_since", Instant, nullable=True),
    column("mfa_activated_at", Instant, nullable=True),
    column("created_at", Instant),
    # The epoch means "never": each database sorts NULL differently.
    column("last_login_at", Instant),
    column("last_login_address", sa.Text),
    # Empty: the language of the browser.
    column("language", sa.Text),
    # The newest audit event whose banner the administrator has dismissed.
    column("seen_event_id", sa.BigInteger),
    # Names of time zones; "" if not chosen, and if no browser has reported one.
    column("time_zone", sa.Text),
    column("browser_time_zone", sa.Text),
    column("role", sa.Text, server_default="administrator"),
    sa.Index(None, "role", "is_disabled", "id"),
    sa.Index(None, "role", "username_key", "id"),
    sa.Index(None, "role", "mfa_status", "username_key", "id"),
    sa.Index(None, "role", "full_name_key", "id"),
    sa.Index(None, "role", "email_key", "id"),
    sa.Index(None, "role", "last_login_at", "id"),
    sqlite_autoincrement=True,
)

search_words = sa.Table(
    "search_words",
    metadata,
    column("word", Word, primary_key=True),
    sa.Column(
        "administrator_id", RowId, sa.ForeignKey("administrators.id", ondelete="CASCADE"),
        nullable=False, primary_key=True, index=True, autoincrement=False,
    ),
)  # fmt: skip

authenticators = sa.Table(
    "authenticators",
    metadata,
    column("id", RowId, primary_key=True),
    _owner(),
    column("kind", sa.Text),
    # Empty for the only authenticator of its kind.
    column("name", sa.Text),
    column("created_at", Instant),
    column("last_used_at", Instant, nullable=True),
    # Of a TOTP authenticator. Codes of the last used step and of earlier ones are not accepted.
    column("secret", sa.LargeBinary, nullable=True),
    column("last_step", sa.BigInteger, nullable=True),
    # The seal of a secret is bound to its account: an account has one TOTP authenticator.
    sa.Index(
        "ix_authenticators_one_totp", "administrator_id", unique=True,
        sqlite_where=sa.text("kind = 'totp'"),
    ),
    sqlite_autoincrement=True,
)  # fmt: skip

enrolments = sa.Table(
    "enrolments",
    metadata,
    column("id", sa.Text, primary_key=True),
    _owner(),
    column("secret", sa.LargeBinary),
    column("cred_ver", sa.Integer),
    column("created_at", Instant),
    column("expires_at", Instant),
    column("failures", sa.Integer),
)

login_attempts = sa.Table(
    "login_attempts",
    metadata,
    column("id", sa.Text, primary_key=True),
    column("token_digest", sa.Text, unique=True),
    _owner(),
    column("enrolment_id", sa.Text, nullable=True),
    column("cred_ver", sa.Integer),
    column("created_at", Instant),
    column("expires_at", Instant),
    column("failures", sa.Integer),
    column("is_known_browser", sa.Boolean),
    column("is_enrolment_proved", sa.Boolean),
    column("return_target", sa.Text),
)

sessions = sa.Table(
    "sessions",
    metadata,
    column("id", RowId, primary_key=True),
    column("token_digest", sa.Text, unique=True),
    column("previous_token_digest", sa.Text, nullable=True, index=True),
    column("rotated_at", Instant),
    column("ref", sa.Text),
    _owner(),
    column("enrolment_id", sa.Text, nullable=True),
    column("cred_ver", sa.Integer),
    column("created_at", Instant),
    column("last_seen_at", Instant),
    column("expires_at", Instant),
    column("proved_at", Instant),
    column("proof_failures", sa.Integer),
    column("factors", sa.Text),
    column("address", sa.Text),
    column("user_agent", sa.Text),
    column("notice", sa.Text),
    column("must_decide", sa.Boolean),
    sqlite_autoincrement=True,
)

known_browsers = sa.Table(
    "known_browsers",
    metadata,
    column("id", sa.Text, primary_key=True),
    column("token_digest", sa.Text, unique=True),
    _owner(),
    column("cred_ver", sa.Integer),
    column("created_at", Instant),
    column("expires_at", Instant),
    # Of the latest login. Empty in rows of schemas before 0007.
    column("last_seen_at", Instant),
    column("address", sa.Text),
    column("user_agent", sa.Text),
)

enrolment_codes = sa.Table(
    "enrolment_codes",
    metadata,
    _owner(primary_key=True),
    column("mac", sa.Text),
    column("cred_ver", sa.Integer),
    column("expires_at", Instant),
    column("failures", sa.Integer),
)

enrolment_browsers = sa.Table(
    "enrolment_browsers",
    metadata,
    column("token_digest", sa.Text, primary_key=True),
    _owner(),
    column("cred_ver", sa.Integer),
    column("expires_at", Instant),
)

recovery_codes = sa.Table(
    "recovery_codes",
    metadata,
    _owner(primary_key=True),
    column("mac", sa.Text, primary_key=True),
    column("created_at", Instant),
)

api_passwords = sa.Table(
    "api_passwords",
    metadata,
    _owner(primary_key=True),
    column("generation", sa.Integer),
    column("mac", sa.Text, nullable=True),
    column("hint", sa.Text, index=True),
    column("created_at", Instant, nullable=True),
    column("created_by", sa.Text),
    column("last_used_at", Instant, nullable=True),
    column("last_used_address", sa.Text),
    # The User-Agent, shortened.
    column("last_used_client", sa.Text),
    # The last use of the regular password on the API.
    column("regular_used_at", Instant, nullable=True),
    column("regular_used_address", sa.Text),
    sa.Index(
        "ix_api_passwords_none", "administrator_id",
        sqlite_where=sa.text("mac IS NULL"),
    ),
)  # fmt: skip

# The replaced API password of an account, which is accepted until `ends_at`.
old_api_passwords = sa.Table(
    "old_api_passwords",
    metadata,
    _owner(primary_key=True),
    column("generation", sa.Integer),
    column("mac", sa.Text),
    column("hint", sa.Text, index=True),
    column("created_at", Instant),
    column("created_by", sa.Text),
    column("last_used_at", Instant, nullable=True),
    column("last_used_address", sa.Text),
    column("last_used_client", sa.Text),
    column("ends_at", Instant),
)

# The last few API passwords that were replaced or revoked: a script may still use one.
former_api_passwords = sa.Table(
    "former_api_passwords",
    metadata,
    _owner(primary_key=True),
    column("generation", sa.Integer, primary_key=True, autoincrement=False),
    column("mac", sa.Text),
)

api_refusals = sa.Table(
    "api_refusals",
    metadata,
    _owner(primary_key=True),
    column("kind", sa.Text, primary_key=True),
    column("address", sa.Text, primary_key=True),
    column("client", sa.Text, primary_key=True),
    column("count", sa.Integer),
    column("first_at", Instant),
    column("last_at", Instant),
)

# Refused requests from another origin, at both interfaces; one row.
origin_refusals = sa.Table(
    "origin_refusals",
    metadata,
    column("id", sa.Integer, primary_key=True, autoincrement=False),
    column("count", sa.Integer),
    column("origin", sa.Text),
    column("asked", sa.Text),
    column("first_at", Instant),
    column("last_at", Instant),
)

throttles = sa.Table(
    "throttles",
    metadata,
    column("kind", sa.Text, primary_key=True),
    column("subject", sa.Text, primary_key=True),
    column("failures", sa.Integer),
    column("next_allowed_at", Instant),
    column("in_flight_until", Instant),
    column("drained_at", Instant),
)

audit_events = sa.Table(
    "audit_events",
    metadata,
    column("id", RowId, primary_key=True),
    column("at", Instant),
    column("event", sa.Text),
    column("outcome", sa.Text),
    column("interface", sa.Text),
    # Not foreign keys: events stay when their accounts are deleted.
    column("actor_id", sa.BigInteger, nullable=True),
    column("actor_name", sa.Text),
    column("subject_id", sa.BigInteger, nullable=True),
    column("subject_name", sa.Text),
    column("address", sa.Text),
    column("user_agent", sa.Text),
    column("request_id", sa.Text),
    column("session_ref", sa.Text),
    column("facts", sa.Text),
    column("mac", sa.Text),
    # Empty in events of schemas before 0004.
    column("node", sa.Text),
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
    column("event_id", sa.BigInteger, primary_key=True),
)

# Logins and failed logins per day; the account 0 stands for all. Not a foreign key: inserting would
# lock the accounts of many events in one transaction.
login_days = sa.Table(
    "login_days",
    metadata,
    sa.Column("administrator_id", RowId, nullable=False, primary_key=True, autoincrement=False),
    # Days since 1970 (UTC).
    sa.Column("day", sa.Integer, nullable=False, primary_key=True, autoincrement=False, index=True),
    column("logins", sa.Integer),
    column("failures", sa.Integer),
)

# The last event that `login_days` includes; one row.
counted_events = sa.Table(
    "counted_events",
    metadata,
    column("id", sa.Integer, primary_key=True, autoincrement=False),
    column("last_id", sa.BigInteger),
)

audit_chain = sa.Table(
    "audit_chain",
    metadata,
    column("id", sa.Integer, primary_key=True, autoincrement=False),
    column("key", sa.LargeBinary),
    # The chain begins there. Events of schemas before 0003 are not in it.
    column("first_id", sa.BigInteger),
    column("last_id", sa.BigInteger),
    column("mac", sa.Text),
    # The event at which a check found the chain broken, until an operator resolves it.
    column("broken_event_id", sa.BigInteger, nullable=True),
    column("broken_found_at", Instant, nullable=True),
)
