"""Messages for failures of the database: reason and hint for each cause."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from watchword.i18n import N_, _

REASONS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "busy": (
            N_("The database is busy: another process has locked it, or too many requests are waiting."),
            N_("Try again in a few seconds."),
        ),
        "no-epoch": (
            N_("The row of the table epoch was deleted, so the server cannot notice changes."),
            N_("Stop the server, run this SQL, and start the server: "
               "INSERT INTO epoch (id, n) VALUES (1, 1);"),
        ),
        "read-only": (
            N_("The database is read-only."),
            N_("SQLite: check that the data folder's file system is mounted for writing. "
               "PostgreSQL: connect to the primary server, not to a standby."),
        ),
        "disk-full": (
            N_("The database cannot be written: the disk is full."),
            N_("Free some space on the disk. Nothing has to be repaired."),
        ),
        "damaged": (
            N_("The database is damaged."),
            N_("Keep a copy of it, then restore the last backup (`watchword restore`; on "
               "PostgreSQL its own dump)."),
        ),
        "cannot-open": (
            N_("The database file cannot be opened or written: %(said)s."),
            N_("Check that its folder exists and that this user may write there."),
        ),
        "unreachable": (
            N_("The PostgreSQL server does not answer: %(said)s."),
            N_("Check that it runs, that host and port in database_url are correct, and that no "
               "firewall blocks the connection."),
        ),
        "unknown-host": (
            N_("The host of the PostgreSQL server is unknown: %(said)s."),
            N_("Check the host name in database_url, and the name server of this machine."),
        ),
        "starting": (
            N_("The PostgreSQL server is starting, stopping or in recovery: %(said)s."),
            N_("Try again when it is ready. Its log contains the details."),
        ),
        "password": (
            N_("The PostgreSQL server refuses the password of the user %(user)s."),
            N_("Put the correct password in database_url, or in the file that "
               "WATCHWORD_DATABASE_URL_FILE names. Write special characters in it "
               "percent-encoded (`@` as %%40)."),
        ),
        "no-such-database": (
            N_("The PostgreSQL server has no database %(database)s."),
            N_("Create it: createdb --owner=%(user)s --encoding=UTF8 --template=template0 "
               "%(database)s"),
        ),
        "refused": (
            N_("The PostgreSQL server refuses the connection: %(said)s."),
            N_("Check user and database in database_url, and pg_hba.conf of the server. PgBouncer "
               "refuses the parameter `options` unless its ignore_startup_parameters contains it."),
        ),
        "too-many-connections": (
            N_("The PostgreSQL server has no free connection: %(said)s."),
            N_("Each node uses up to 16. Raise max_connections or the limit of the user, or use "
               "PgBouncer."),
        ),
        "tls": (
            N_("No TLS connection to the PostgreSQL server: %(said)s."),
            N_("Check `ssl` on the server, and sslmode and sslrootcert in database_url."),
        ),
        "encoding": (
            N_("The PostgreSQL database %(database)s has the encoding %(encoding)s, which cannot "
               "store every name; UTF8 is needed."),
            N_("Create another one: createdb --owner=%(user)s --encoding=UTF8 "
               "--template=template0 NAME"),
        ),
        "no-schema": (
            N_("The PostgreSQL database %(database)s has no schema for the tables: none of the "
               "search_path exists."),
            N_("Create it, or change the search_path of the user: ALTER ROLE %(user_name)s RESET "
               "search_path;"),
        ),
        "no-permission": (
            N_("The PostgreSQL user %(user)s may not create tables in the database %(database)s."),
            N_("Make it the owner, as a superuser: ALTER DATABASE %(database_name)s OWNER TO "
               "%(user_name)s;"),
        ),
        "other-owner": (
            N_("The PostgreSQL user %(user)s may not use the tables in the database %(database)s, "
               "which belong to another user: %(said)s."),
            N_("Restore the dump with `pg_restore --no-owner --role=%(user)s`, or as a superuser, "
               "for each table: ALTER TABLE NAME OWNER TO %(user_name)s;"),
        ),
    }
)  # fmt: skip


def explain(facts: Mapping[str, object]) -> tuple[str, str]:
    """Return the reason and the hint for a cause."""
    blanks = {"said": "", "user": "", "database": "", "encoding": "", **facts}
    names = {f"{each}_name": _quoted(str(blanks[each])) for each in ("user", "database")}
    reason, hint = REASONS[str(facts["reason"])]
    return _(reason, **blanks, **names), _(hint, **blanks, **names)


def _quoted(name: str) -> str:
    """Quote a name for SQL."""
    return '"' + name.replace('"', '""') + '"'
