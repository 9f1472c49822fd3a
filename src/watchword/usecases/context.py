"""The installation that every use-case receives, built by bootstrap.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct, field

from watchword.config import Settings
from watchword.crypto.chain import Chain
from watchword.crypto.hash_queue import HashQueue
from watchword.crypto.keyring import Keyring
from watchword.crypto.passwords import Pepper
from watchword.domain.audit import Recorded
from watchword.domain.sessions import Limits
from watchword.storage.audit import ChainEnd
from watchword.storage.database import Database
from watchword.usecases.event_counts import Tally
from watchword.usecases.origin_counts import OriginTally


class Clock(Protocol):
    """The source of the time; tests use their own."""

    def now(self) -> datetime:
        """Return the time in UTC, with time zone."""
        ...


class ChainEnds(Struct):
    """The end of the audit log's chain as this process committed it last.

    It saves a look-up and may be out of date: `audit.append` compares it with the stored end.
    """

    last: ChainEnd | None = None


class Watchword(Struct, frozen=True):
    """One installation. One process may have several, since nothing here is global."""

    settings: Settings
    database: Database
    keyring: Keyring
    pepper: Pepper
    queue: HashQueue
    clock: Clock
    chain: Chain
    mirror: Callable[[Recorded], None]
    """Receives each audit row after its commit, in the committing thread. Raises nothing."""
    node: str
    """This host's name, which identifies the node that wrote an event."""
    installation_id: str
    """Eight hexadecimal digits, the same on all nodes; not secret."""
    tally: Tally = field(default_factory=Tally)
    chain_ends: ChainEnds = field(default_factory=ChainEnds)
    refused_origins: OriginTally = field(default_factory=OriginTally)

    @property
    def limits(self) -> Limits:
        """The lifetimes of sessions and re-authentications."""
        return Limits(
            idle=timedelta(minutes=self.settings.session_idle_minutes),
            absolute=timedelta(hours=self.settings.session_hours),
            recent_proof=timedelta(minutes=self.settings.recent_proof_minutes),
        )

    def hashes_waiting(self) -> int:
        """Return how many password hashes wait in all processes; in others a second ago."""
        self.tally.waiting.set("hashes", self.queue.waiting)
        return self.tally.waiting.total("hashes")

    def close(self) -> None:
        """Close the database and stop the hashing threads."""
        self.queue.close()
        self.database.close()
