"""The epoch of cached answers and its triggers. Revision 0007 creates them, 0008 adds to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa
from alembic import op

_LAST_USE: Final = frozenset({"last_used_at", "last_used_address", "last_used_client"})
_WATCHED: Final[Mapping[str, frozenset[str]]] = {
    "administrators": frozenset(
        {
            "last_login_at",
            "last_login_address",
            "seen_event_id",
            "language",
            "time_zone",
            "browser_time_zone",
        }
    ),
    "api_passwords": frozenset(
        {*_LAST_USE, "regular_used_at", "regular_used_address"},
    ),
    "old_api_passwords": _LAST_USE,
    "authenticators": frozenset({"last_step", "last_used_at"}),
}
"""Tables that a cached answer depends on, and their columns that it does not depend on."""


def create() -> None:
    """Create the epoch and its triggers. Raising it for a change that does not matter costs a
    look-up of each cached caller; forgetting a change would let a revoked one in.
    """
    table = op.create_table(
        "epoch",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("n", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_epoch"),
    )
    op.bulk_insert(table, [{"id": 1, "n": 1}])
    if not _is_sqlite():
        op.execute(_FUNCTION)
    for name in _WATCHED:
        _watch_changes(name)
    watch("sessions", "DELETE")


def watch_again(table: str) -> None:
    """Create the triggers of a table again, after columns were added to it."""
    if _is_sqlite():
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER epoch_{table}_{event}")
    else:
        op.execute(f"DROP TRIGGER epoch_{table} ON {table}")
        op.execute(f"DROP TRIGGER epoch_{table}_truncate ON {table}")
    _watch_changes(table)


def _watch_changes(table: str) -> None:
    columns = [c["name"] for c in sa.inspect(op.get_bind()).get_columns(table)]
    changed = ", ".join(c for c in columns if c not in _WATCHED[table])
    watch(table, "INSERT", f"UPDATE OF {changed}", "DELETE")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def watch(table: str, *events: str) -> None:
    """Create the triggers that raise the epoch on these events of a table."""
    if _is_sqlite():
        for event in events:
            name = f"epoch_{table}_{event.partition(' ')[0].lower()}"
            change = "UPDATE epoch SET n = n + 1"
            op.execute(f"CREATE TRIGGER {name} AFTER {event} ON {table} BEGIN {change}; END")
        return
    # At the end of the transaction: a lock of the row that were held for longer could deadlock.
    op.execute(
        f"CREATE CONSTRAINT TRIGGER epoch_{table} AFTER {' OR '.join(events)} ON {table}"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION raise_epoch()"
    )
    op.execute(
        f"CREATE TRIGGER epoch_{table}_truncate AFTER TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION raise_epoch()"
    )


# Once per transaction, however many rows change: each version of the row in one transaction would
# make the next one slower. The schema is named, because the search path is that of the client.
_FUNCTION: Final = """
CREATE FUNCTION raise_epoch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format(
    'UPDATE %I.epoch SET n = n + 1 WHERE xmin::text::bigint <> mod(txid_current(), 4294967296)',
    TG_TABLE_SCHEMA);
  RETURN NULL;
END $$
"""
