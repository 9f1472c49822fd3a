"""ASGI applications of an open installation, one for each interface, for embedding.

    app = watchword.bootstrap.open(settings)
    console = watchword.asgi.console(app)

The applications need no lifespan events. Call `app.close()` at the end. One process may open
several installations.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from watchword.usecases.context import Watchword
from watchword.web import ASGIApp
from watchword.web.http.repeats import Repeats


def console(
    app: Watchword,
    ca_pem: bytes | None = None,
    not_after: Callable[[], datetime] | None = None,
) -> ASGIApp:
    """Return the Management Console. `ca_pem` is offered at /ca.crt. `not_after` returns the expiry
    of the certificate, for Overview.
    """
    from watchword.web.console.app import build  # not for a process that serves only the API

    return build(app, ca_pem, not_after)


def api(
    app: Watchword,
    not_after: Callable[[], datetime] | None = None,
    console_url: str | None = None,
    repeats: Repeats | None = None,
) -> ASGIApp:
    """Return the Management API.

    `not_after` returns the expiry of the certificate, for the metrics. `console_url` is the public
    address of the console; by default that of the settings. `repeats` receives the answers that
    Watchword's own server gives again without the application.
    """
    from watchword.web.api.app import build

    return build(app, not_after, console_url, repeats)


def gateway(app: Watchword, console_url: str | None = None) -> ASGIApp:
    """Return the gateway, which reverse proxies ask about requests to applications. `console_url` is
    the public address of the console, where people log in; by default that of the settings.
    """
    from watchword.web.gateway.app import Gateway  # not for a server without a gateway

    return Gateway(
        app, console_url or app.settings.console_url or f"https://{app.settings.console}"
    )
