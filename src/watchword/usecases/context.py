"""What every use-case is given: one installation, wired by bootstrap.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from watchword.config import Settings
from watchword.crypto.chain import Chain
from watchword.crypto.hash_queue import HashQueue
from watchword.crypto.keyring import Keyring
from watchword.crypto.passwords import Pepper
from watchword.domain.audit import Recorded
from watchword.domain.sessions import Limits
from watchword.storage.database import Database
from watchword.usecases.event_counts import Tally
from watchword.usecases.origin_counts import OriginTally


class Clock(Protocol):
    """Where the time comes from; a test has its own."""

    def now(self) -> datetime:
        """Return the time, in UTC, with its zone."""
        ...


@dataclass(frozen=True)
class Watchword:
    """One installation. Two of them may live in one process: nothing here is global."""

    settings: Settings
    database: Database
    keyring: Keyring
    pepper: Pepper
    queue: HashQueue
    clock: Clock
    chain: Chain
    mirror: Callable[[Recorded], None]
    """Told of each audit row after its commit, in the thread that did the act. Raises nothing."""
    node: str
    """This host's name: which of several nodes wrote an event."""
    installation_id: str
    """Eight hexadecimal digits, the same on all nodes; no secret."""
    tally: Tally = field(default_factory=Tally)
    refused_origins: OriginTally = field(default_factory=OriginTally)

    @property
    def limits(self) -> Limits:
        """How long sessions and proofs last here."""
        return Limits(
            idle=timedelta(minutes=self.settings.session_idle_minutes),
            absolute=timedelta(hours=self.settings.session_hours),
            recent_proof=timedelta(minutes=self.settings.recent_proof_minutes),
        )

    def close(self) -> None:
        """Let go of the database and of the hashing threads."""
        self.queue.close()
        self.database.close()
