"""Names of the files and folders in a data folder with SQLite."""

from __future__ import annotations

from typing import Final

DATABASE: Final = "watchword.db"
COMPANIONS: Final = ("watchword.db-wal", "watchword.db-shm")
"""Without its write-ahead log a database may lack its latest commits; both go together."""
KEYS: Final = "keys"
TLS: Final = "tls"
CA: Final = ("ca.key", "ca.crt")
"""The local certificate authority, in `TLS`; it issues the server's certificate."""
