"""For embedders: an opened installation as plain ASGI apps, one for each interface.

    app = watchword.bootstrap.open(settings)
    console = watchword.asgi.console(app)

No lifespan is needed; call `app.close()` when done. Several installations can live in one
process.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from watchword.usecases.context import Watchword
from watchword.web import ASGIApp
from watchword.web.api import app as api_app
from watchword.web.console import app as console_app


def console(app: Watchword, ca_pem: bytes | None = None) -> ASGIApp:
    """Return the Management Console; `ca_pem` is what /ca.crt offers."""
    return console_app.build(app, ca_pem)


def api(
    app: Watchword,
    not_after: Callable[[], datetime] | None = None,
    console_url: str | None = None,
) -> ASGIApp:
    """Return the Management API; `not_after` tells when the certificate in front runs out,
    `console_url` where people reach the console, unless the settings tell it.
    """
    return api_app.build(app, not_after, console_url)
