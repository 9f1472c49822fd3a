"""The command `serve`: lock, open, certificate, listeners, printed addresses, clean stop."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import uvloop
from msgspec.structs import replace

from watchword import __version__, bootstrap
from watchword.config import Settings, is_plain
from watchword.crypto import live_certificate
from watchword.crypto.live_certificate import LiveCertificate
from watchword.domain.errors import Refusal
from watchword.domain.operational_errors import DatabaseUnavailable
from watchword.files import data_dir_lock
from watchword.i18n import _
from watchword.server import hostnames, interfaces, listeners, running, signals, workers
from watchword.server.listeners import Hooks, InterfaceListener
from watchword.server.nursery import Nursery
from watchword.server.periodic import MAINTENANCE_SECONDS, attempt, periodically
from watchword.server.reload import Reload
from watchword.server.systemd import ServiceManager
from watchword.server.worker import Serving
from watchword.usecases.administrators import first_run
from watchword.usecases.audit import audit_log, login_counts, refused_origins
from watchword.usecases.audit.chain_watch import ChainWatch
from watchword.usecases.context import Watchword
from watchword.usecases.operations import maintenance

log = logging.getLogger("watchword.server")

SWITCH_SECONDS: Final = 0.0005
"""After this time a thread that computes lets a waiting one run. By default (0.005) a page that a
worker thread makes delays the event loop, and with it every other answer, by several milliseconds.
"""
SERVING: Final = "Serving"
Show = Callable[[str], None]


def serve(
    settings: Settings,
    show: Show,
    *,
    open_app: Callable[..., Watchword] | None = None,
    reread: Callable[[], Settings] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT. Raises a Refusal when it cannot start.

    `show` prints a line for people. `open_app` opens the installation; tests give one with another
    clock or cheap hashes. `reread` reads the settings again at SIGHUP.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    manager = ServiceManager(os.environ)
    bootstrap.make_data_folder(settings.data_dir)
    held = None if settings.database_url else data_dir_lock.hold(settings.data_dir)
    nursery = None
    app = (open_app or bootstrap.open)(settings)
    try:
        certificate = _certificate(app)
        listening = interfaces.listen(app, certificate)
        _print_addresses(app, certificate, listening, show)

        on_hangup = Reload(settings, certificate, manager, reread)
        hooks = _hooks(app, certificate, manager, show, on_hangup)
        context = certificate.context if certificate else None
        addresses = {each.interface.name: each.interface.listen for each in listening}
        if settings.workers > 1:
            nursery = _nursery(Serving(app, listening, certificate, reread), app, listening)
        with running.recorded(settings, addresses):
            if nursery is None:
                uvloop.run(listeners.run(listening, context, hooks))
            else:
                uvloop.run(_distribute(nursery, app, certificate, listening, hooks))
        log.info("stopped")
    finally:
        signals.ignore_end()
        if nursery is not None:
            nursery.close()
        app.close()
        if held is not None:
            held.close()


def _nursery(serving: Serving, app: Watchword, listening: Sequence[InterfaceListener]) -> Nursery:
    # What a single process loads when it is needed: here into memory that the workers share.
    import zxcvbn  # noqa: F401

    from watchword.web.console import app as _console  # noqa: F401

    app.database.disconnect()
    return Nursery(serving.work, [each.bound for each in listening])


async def _distribute(
    nursery: Nursery,
    app: Watchword,
    certificate: LiveCertificate | None,
    listening: Sequence[InterfaceListener],
    hooks: Hooks,
) -> None:
    """Serve by several workers. They also receive each reload and renewal of the certificate."""
    all_workers = workers.Workers(nursery, app.settings.workers)
    if certificate is not None:
        call, renewed = asyncio.get_running_loop().call_soon_threadsafe, workers.RENEWED
        certificate.on_renewed = partial(call, all_workers.tell, renewed)

    async def reload() -> None:
        if hooks.on_hangup is not None:
            await hooks.on_hangup()
        all_workers.tell(workers.RELOAD)

    await workers.run(all_workers, listening, replace(hooks, on_hangup=reload))


def _hooks(
    app: Watchword,
    certificate: LiveCertificate | None,
    manager: ServiceManager,
    show: Show,
    on_hangup: Reload,
) -> Hooks:
    """Return the actions when the server is ready, while it serves, and when it stops."""

    def ready() -> None:
        gc.freeze()  # modules and the application stay to the end: no collection looks at them
        gc.enable()
        log.info("ready: version %s", __version__)
        show(_("Watchword is ready."))
        manager.notify(READY=1, STATUS=SERVING)

    def stop() -> None:
        app.queue.end()
        manager.notify(STOPPING=1, STATUS="Completing requests")

    background = _background(app, certificate, manager)
    return Hooks(on_ready=ready, background=background, on_stop=stop, on_hangup=on_hangup)


def _certificate(app: Watchword) -> LiveCertificate | None:
    """Return the certificate of the interfaces; None when they speak plain HTTP."""
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
            "for a new CA, which every client has to trust, move %s away and restart",
            ", ".join(missing), folder,
        )  # fmt: skip
    return certificate


def _print_addresses(
    app: Watchword,
    certificate: LiveCertificate | None,
    listening: Sequence[InterfaceListener],
    show: Show,
) -> None:
    settings = app.settings
    console = next(each.url for each in listening if each.interface.name == "console")
    database = "SQLite" if app.database.is_sqlite else "PostgreSQL"
    show(_("Watchword %(version)s     data folder %(folder)s, database %(database)s",
           version=__version__, folder=settings.data_dir.absolute(), database=database))  # fmt: skip
    for each in listening:
        show(f"{_(each.interface.title):<18}  {each.url}")
    if settings.insecure_plain_http_on_loopback:
        log.warning("plain HTTP (insecure_plain_http_on_loopback): passwords are sent unencrypted; "
                    "only for trying things out on this machine")  # fmt: skip
    if certificate and certificate.ca_fingerprint:
        show(_("TLS  local CA, SHA-256 %(print)s", print=certificate.ca_fingerprint))
        show(_("     this server's certificate, SHA-256 %(print)s", print=certificate.fingerprint))
        show(_("     to trust it: %(url)sca.crt", url=console))
    token = first_run.issue_link(app)
    if token is not None:
        show(_("No administrator yet. Create the first one within 60 minutes, by this link:"))
        show(f"{console}first-run/{token.reveal()}")


def _background(
    app: Watchword, certificate: LiveCertificate | None, manager: ServiceManager
) -> Callable[[], Awaitable[None]]:
    """Return the background work: maintenance and watchdog."""

    async def look() -> str:
        # An unavailable database must not end the server: a new one could not start, and this one
        # answers 503 until the database is available again.
        try:
            await asyncio.to_thread(maintenance.demand_ready, app)
        except DatabaseUnavailable as refusal:  # already logged by storage, once for each outage
            return f"Not ready: {refusal.code}"
        except Refusal as refusal:
            log.warning("not ready: %s %s", refusal.code, refusal.facts)
            return f"Not ready: {refusal.code}"
        except Exception:  # such as a missing table, which a restart would not repair
            log.exception("not ready")
            return "Not ready: error"
        return SERVING

    async def run() -> None:
        await asyncio.gather(_maintenance(app, certificate)(), manager.feed_watchdog(look))

    return run


def _maintenance(
    app: Watchword, certificate: LiveCertificate | None, every: float = MAINTENANCE_SECONDS
) -> Callable[[], Awaitable[None]]:
    """Return the periodic tasks: renewal of the certificate, counts for the charts, deletion of
    expired rows, check of the audit chain, check of the keyring file.
    """

    def renew() -> None:
        if certificate and certificate.renew_if_due(app.clock.now()):
            log.info("the server's certificate was renewed: SHA-256 %s", certificate.fingerprint)

    def sweep() -> None:
        maintenance.sweep(app)
        maintenance.record_long_pending(app)
        refused_origins.store(app)
        audit_log.prune(app)

    count_logins = partial(login_counts.count_new, app)
    follow_chain = partial(_follow_chain, ChainWatch(app))
    look_at_keyring = partial(maintenance.look_at_keyring, app)

    async def rounds() -> None:
        # Immediately: after an upgrade, the charts show nothing until all events are counted.
        await asyncio.to_thread(attempt, count_logins)
        # `count_logins` before `sweep`, which deletes events.
        await periodically([renew, count_logins, sweep, follow_chain, look_at_keyring], every)

    return rounds


def _follow_chain(watch: ChainWatch) -> None:
    if (event_id := watch.step()) is not None:
        log.error("the audit log was changed in the database, from event %s on: follow "
                  "docs/security/incident.md, then run `watchword audit resolve`", event_id)  # fmt: skip
