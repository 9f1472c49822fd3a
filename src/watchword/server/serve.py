"""One command: lock, open, certificate, listen, tell where; and one clean end."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import IO, Final

import uvloop

from watchword import __version__, asgi, bootstrap
from watchword.config import Settings, address
from watchword.crypto import live_certificate
from watchword.crypto.live_certificate import LiveCertificate
from watchword.domain.errors import AlreadyServed, PlaceUnusable, Refusal
from watchword.server import hostnames, listeners
from watchword.server.listeners import DoorListener
from watchword.usecases import first_run, upkeep
from watchword.usecases.context import Watchword
from watchword.web.http.i18n import _

log = logging.getLogger("watchword.server")

UPKEEP_SECONDS: Final = 600
Tell = Callable[[str], None]


def serve(
    settings: Settings, tell: Tell, *, open_app: Callable[..., Watchword] | None = None
) -> None:
    """Serve until asked to stop. Raises a Refusal when it cannot start.

    `open_app` opens the installation; tests hand in one with a clock or cheap hashes.
    """
    bootstrap.make_data_folder(settings.data_dir)
    lock = None if settings.database_url else _lock(settings.data_dir / "serve.lock")
    app = (open_app or bootstrap.open)(settings)
    try:
        certificate = _certificate(app)
        doors = [
            DoorListener("console", address(settings.console),
                         asgi.console(app, certificate.ca_pem)),
            DoorListener("api", address(settings.api), asgi.api(app)),
        ]  # fmt: skip
        bound = [(door, listeners.bind(door.setting, door.address)) for door in doors]
        _introduce(app, certificate, tell)
        ready = listeners.run(
            bound, certificate.context, lambda: tell(_("Watchword is ready.")),
            _upkeep(app, certificate),
        )  # fmt: skip
        uvloop.run(ready)
    finally:
        app.close()
        if lock is not None:
            lock.close()


def _lock(path: Path) -> IO[str]:
    """Hold the data folder, as long as the file is open. Raises AlreadyServed."""
    try:
        file = open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "w")  # noqa: SIM115, PTH123
    except OSError as error:
        raise PlaceUnusable(what=str(path.parent), reason=error.strerror or "") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise AlreadyServed(path=str(path.parent)) from None
    return file


def _certificate(app: Watchword) -> LiveCertificate:
    settings, now = app.settings, app.clock.now()
    if settings.tls_certificate:
        paths = Path(settings.tls_certificate), Path(settings.tls_key)
        return live_certificate.own(*paths, now)
    names, folder = hostnames.names_for(settings), settings.data_dir / "tls"
    certificate = live_certificate.local(folder, names, names.dns, now)
    if certificate.left_out:
        log.warning(
            "the local CA may not sign for %s, so clients will not trust the server by that name; "
            "for a new CA, which has to be trusted anew, move %s away and start again",
            ", ".join(certificate.left_out), folder,
        )  # fmt: skip
    return certificate


def _introduce(app: Watchword, certificate: LiveCertificate, tell: Tell) -> None:
    settings = app.settings
    console = hostnames.public_url(address(settings.console), settings.console_url)
    api = hostnames.public_url(address(settings.api), settings.api_url)
    database = "SQLite" if app.database.is_sqlite else "PostgreSQL"
    tell(_("Watchword %(version)s     data %(folder)s (%(database)s)", version=__version__,
           folder=settings.data_dir, database=database))  # fmt: skip
    tell(_("Management Console  %(url)s", url=console))
    tell(_("Management API      %(url)s", url=api))
    if certificate.ca_fingerprint:
        tell(_("TLS  local CA, SHA-256 %(print)s", print=certificate.ca_fingerprint))
        tell(_("     to trust it: %(url)sca.crt", url=console))
    token = first_run.issue_link(app)
    if token is not None:
        tell(_("No administrator yet. Create the first one within 60 minutes, by this link:"))
        tell(f"{console}first-run/{token.reveal()}")


def _upkeep(
    app: Watchword, certificate: LiveCertificate, every: float = UPKEEP_SECONDS
) -> Callable[[], Awaitable[None]]:
    """Return what runs beside: the certificate's renewal, the sweeping, and a look
    at the keyring's file.
    """

    def renew() -> None:
        if certificate.renew_if_due(app.clock.now()):
            log.info("the server's certificate was renewed")

    def sweep() -> None:
        upkeep.sweep(app)

    def look_at_keyring() -> None:
        upkeep.look_at_keyring(app)

    async def rounds() -> None:
        while True:
            await asyncio.sleep(every)
            for chore in (renew, sweep, look_at_keyring):
                await asyncio.to_thread(_attempt, chore)

    return rounds


def _attempt(chore: Callable[[], None]) -> None:
    """Do it; when it fails the next round tries again. Neither the server nor the other chore
    stops for it, or one bad moment would let the certificate run out months later.
    """
    try:
        chore()
    except Refusal as refusal:
        log.warning("upkeep: %s %s", refusal.code, refusal.facts)
    except Exception:
        log.exception("upkeep")
