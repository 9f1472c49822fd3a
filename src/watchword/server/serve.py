"""One command: lock, open, certificate, listen, tell where; and one clean end."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import uvloop

from watchword import __version__, bootstrap
from watchword.config import Settings, is_plain
from watchword.crypto import live_certificate, strength
from watchword.crypto.live_certificate import LiveCertificate
from watchword.domain.errors import Refusal
from watchword.domain.operational_errors import DatabaseUnavailable
from watchword.files import data_dir_lock
from watchword.i18n import _
from watchword.server import hostnames, interfaces, listeners, running, signals
from watchword.server.listeners import InterfaceListener, Moments
from watchword.server.reload import Reload
from watchword.server.systemd import ServiceManager
from watchword.usecases.administrators import first_run
from watchword.usecases.audit import audit_log, refused_origins
from watchword.usecases.audit.chain_watch import ChainWatch
from watchword.usecases.context import Watchword
from watchword.usecases.operations import maintenance

log = logging.getLogger("watchword.server")

UPKEEP_SECONDS: Final = 600
SERVING: Final = "Serving"
Tell = Callable[[str], None]


def serve(
    settings: Settings,
    tell: Tell,
    *,
    open_app: Callable[..., Watchword] | None = None,
    reread: Callable[[], Settings] | None = None,
) -> None:
    """Serve until asked to stop. Raises a Refusal when it cannot start.

    `open_app` opens the installation; tests hand in one with a clock or cheap hashes. `reread`
    reads the settings anew, at SIGHUP.
    """
    manager = ServiceManager(os.environ)
    bootstrap.make_data_folder(settings.data_dir)
    held = None if settings.database_url else data_dir_lock.hold(settings.data_dir)
    app = (open_app or bootstrap.open)(settings)
    try:
        certificate = _certificate(app)
        listening = interfaces.listen(app, certificate)
        _introduce(app, certificate, listening, tell)

        on_hangup = Reload(settings, certificate, manager, reread)
        moments = _moments(app, certificate, manager, tell, on_hangup)
        context = certificate.context if certificate else None
        addresses = {each.interface.name: each.interface.listen for each in listening}
        with running.recorded(settings, addresses):
            uvloop.run(listeners.run(listening, context, moments))
        log.info("stopped")
    finally:
        signals.is_ending()
        app.close()
        if held is not None:
            held.close()


def _moments(
    app: Watchword,
    certificate: LiveCertificate | None,
    manager: ServiceManager,
    tell: Tell,
    on_hangup: Reload,
) -> Moments:
    """Return what is told, to whom, when the server is ready, and what ends with it."""

    def ready() -> None:
        log.info("ready: version %s", __version__)
        tell(_("Watchword is ready."))
        manager.tell(READY=1, STATUS=SERVING)

    def stop() -> None:
        app.queue.end()
        manager.tell(STOPPING=1, STATUS="Giving the last answers")

    beside = _beside(app, certificate, manager)
    return Moments(on_ready=ready, beside=beside, on_stop=stop, on_hangup=on_hangup)


def _certificate(app: Watchword) -> LiveCertificate | None:
    """Return what the interfaces show; None when they speak plain HTTP."""
    settings, now = app.settings, app.clock.now()
    if is_plain(settings):
        return None
    if settings.tls_certificate:
        paths = Path(settings.tls_certificate), Path(settings.tls_key)
        return live_certificate.own(*paths, now)
    names, folder = hostnames.names_for(settings), settings.data_dir / "tls"
    certificate = live_certificate.local(folder, names, names.dns, now)
    missing = [n for n in certificate.left_out if n not in hostnames.behind_proxies(settings)]
    if missing:
        log.warning(
            "the local CA may not sign for %s, so clients will not trust the server by that name; "
            "for a new CA, which has to be trusted anew, move %s away and start again",
            ", ".join(missing), folder,
        )  # fmt: skip
    return certificate


def _introduce(
    app: Watchword,
    certificate: LiveCertificate | None,
    listening: Sequence[InterfaceListener],
    tell: Tell,
) -> None:
    settings = app.settings
    console = next(each.url for each in listening if each.interface.name == "console")
    database = "SQLite" if app.database.is_sqlite else "PostgreSQL"
    tell(_("Watchword %(version)s     data folder %(folder)s, database %(database)s",
           version=__version__, folder=settings.data_dir.absolute(), database=database))  # fmt: skip
    for each in listening:
        tell(f"{_(each.interface.title):<18}  {each.url}")
    if settings.insecure_plain_http_on_loopback:
        log.warning("plain HTTP (insecure_plain_http_on_loopback): passwords are readable on the "
                    "way; for trying things out on this machine only")  # fmt: skip
    if certificate and certificate.ca_fingerprint:
        tell(_("TLS  local CA, SHA-256 %(print)s", print=certificate.ca_fingerprint))
        tell(_("     this server's certificate, SHA-256 %(print)s", print=certificate.fingerprint))
        tell(_("     to trust it: %(url)sca.crt", url=console))
    token = first_run.issue_link(app)
    if token is not None:
        tell(_("No administrator yet. Create the first one within 60 minutes, by this link:"))
        tell(f"{console}first-run/{token.reveal()}")


def _beside(
    app: Watchword, certificate: LiveCertificate | None, manager: ServiceManager
) -> Callable[[], Awaitable[None]]:
    """Return what runs alongside: the word lists of the password check, the upkeep, and the
    watchdog's food.
    """

    async def look() -> str:
        # A database that is away is no reason to end: a new server could not even start, and
        # this one answers 503 until it is back.
        try:
            await asyncio.to_thread(maintenance.demand_ready, app)
        except DatabaseUnavailable as refusal:  # logged by the database itself, once
            return f"Not ready: {refusal.code}"
        except Refusal as refusal:
            log.warning("not ready: %s %s", refusal.code, refusal.facts)
            return f"Not ready: {refusal.code}"
        except Exception:  # such as a table that is missing: a restart does not bring it back
            log.exception("not ready")
            return "Not ready: error"
        return SERVING

    async def all_of_it() -> None:
        await asyncio.to_thread(strength.load)
        await asyncio.gather(_upkeep(app, certificate)(), manager.feed_watchdog(look))

    return all_of_it


def _upkeep(
    app: Watchword, certificate: LiveCertificate | None, every: float = UPKEEP_SECONDS
) -> Callable[[], Awaitable[None]]:
    """Return what runs beside: the certificate's renewal, the sweeping, and a look
    at the keyring's file.
    """

    def renew() -> None:
        if certificate and certificate.renew_if_due(app.clock.now()):
            log.info("the server's certificate was renewed: SHA-256 %s", certificate.fingerprint)

    def sweep() -> None:
        maintenance.sweep(app)
        maintenance.tell_of_long_pending(app)
        refused_origins.store(app)
        audit_log.prune(app)

    follow_chain = partial(_follow_chain, ChainWatch(app))

    def look_at_keyring() -> None:
        maintenance.look_at_keyring(app)

    async def rounds() -> None:
        while True:
            await asyncio.sleep(every)
            for chore in (renew, sweep, follow_chain, look_at_keyring):
                await asyncio.to_thread(_attempt, chore)

    return rounds


def _follow_chain(watch: ChainWatch) -> None:
    if (event_id := watch.step()) is not None:
        log.error("the audit log was changed in the database, from event %s on: follow "
                  "docs/security/incident.md, then run `watchword audit resolve`", event_id)  # fmt: skip


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
