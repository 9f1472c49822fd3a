"""Reload of certificate and settings at SIGHUP, without ending connections.

An unusable certificate or setting is logged and the current one stays in use. A reload never ends
the server.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

import msgspec
from msgspec import Struct

from watchword import bootstrap
from watchword.config import Settings
from watchword.crypto.live_certificate import LiveCertificate
from watchword.domain.errors import Refusal
from watchword.server import logs
from watchword.server.systemd import ServiceManager

log = logging.getLogger("watchword.server")

LIVE: Final = ("log_level", "log_format")
"""The settings that change while the server runs. Others change at its next start."""


class Reload(Struct):
    """A reload. `reread` reads the settings; None where they have no source to read again."""

    settings: Settings
    certificate: LiveCertificate | None
    manager: ServiceManager
    reread: Callable[[], Settings] | None = None

    async def __call__(self) -> None:
        """Reload certificate and settings."""
        moment = bootstrap.monotonic_microseconds()
        self.manager.notify(RELOADING=1, MONOTONIC_USEC=moment)
        try:
            for part in (self._certificate, self._settings):
                await asyncio.to_thread(_attempt, part)
        finally:
            self.manager.notify(READY=1)

    async def renewed(self) -> None:
        """Load the certificate, which another process of this server has renewed."""
        await asyncio.to_thread(_attempt, self._certificate)

    def _certificate(self) -> None:
        if self.certificate is None:
            return  # plain HTTP
        self.certificate.reload()
        log.info("the certificate was reloaded; new connections use it")

    def _settings(self) -> None:
        if self.reread is None:
            return
        found = self.reread()
        names = [f.name for f in msgspec.structs.fields(Settings)]
        changed = [n for n in names if getattr(found, n) != getattr(self.settings, n)]
        late = [n for n in changed if n not in LIVE]
        if late:
            log.warning("changed settings that take effect at the next start: %s", ", ".join(late))
        taken = {n: getattr(found, n) for n in changed if n in LIVE}
        if taken:
            self.settings = msgspec.structs.replace(self.settings, **taken)
            logs.set_up(self.settings)
        log.info("the settings were reloaded; changed now: %s", ", ".join(taken) or "none")


def _attempt(part: Callable[[], None]) -> None:
    try:
        part()
    except Refusal as refusal:
        facts = ", ".join(f"{name}: {value}" for name, value in refusal.facts.items())
        log.warning("not reloaded, the current one stays in use: %s (%s)", refusal.code, facts)
    except Exception:
        log.exception("not reloaded, the current one stays in use")
