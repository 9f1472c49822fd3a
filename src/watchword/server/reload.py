"""SIGHUP: the certificate and the settings are read again, and nobody is thrown out.

What is not usable is told in the log, and what was good goes on: a reload never ends a server.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import msgspec

from watchword import bootstrap
from watchword.config import Settings
from watchword.crypto.live_certificate import LiveCertificate
from watchword.domain.errors import Refusal
from watchword.server import logs
from watchword.server.systemd import ServiceManager

log = logging.getLogger("watchword.server")

LIVE: Final = ("log_level", "log_format")
"""The settings that change while the server runs; every other one at its next start."""


@dataclass
class Reload:
    """What to read again. `reread` is None where the settings have no source of their own."""

    settings: Settings
    certificate: LiveCertificate | None
    manager: ServiceManager
    reread: Callable[[], Settings] | None = None

    async def __call__(self) -> None:
        """Read everything again."""
        moment = bootstrap.monotonic_microseconds()
        self.manager.tell(RELOADING=1, MONOTONIC_USEC=moment)
        try:
            for part in (self._certificate, self._settings):
                await asyncio.to_thread(_attempt, part)
        finally:
            self.manager.tell(READY=1)

    def _certificate(self) -> None:
        if self.certificate is None:
            return  # plain HTTP
        self.certificate.reload()
        log.info("the certificate was read again; new connections are shown it")

    def _settings(self) -> None:
        if self.reread is None:
            return
        found = self.reread()
        names = [f.name for f in msgspec.structs.fields(Settings)]
        changed = [n for n in names if getattr(found, n) != getattr(self.settings, n)]
        late = [n for n in changed if n not in LIVE]
        if late:
            log.warning("changed, but used from the next start on: %s", ", ".join(late))
        taken = {n: getattr(found, n) for n in changed if n in LIVE}
        if taken:
            self.settings = msgspec.structs.replace(self.settings, **taken)
            logs.set_up(self.settings)
        log.info("the settings were read again; changed now: %s", ", ".join(taken) or "nothing")


def _attempt(part: Callable[[], None]) -> None:
    try:
        part()
    except Refusal as refusal:
        facts = ", ".join(f"{name}: {value}" for name, value in refusal.facts.items())
        log.warning("not reloaded, the old one goes on: %s (%s)", refusal.code, facts)
    except Exception:
        log.exception("not reloaded, the old one goes on")
