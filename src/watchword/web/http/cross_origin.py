"""Protection against cross-origin requests: unsafe requests must come from own pages.

`Sec-Fetch-Site` decides if it is present: only `same-origin` passes. Otherwise `Origin`, if
present, must be an own origin. For a browser that sends neither (w3m, lynx) the form token
protects, which every form contains (forms.py).
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from starlette.datastructures import Headers

from watchword.domain import host_names
from watchword.usecases.audit import refused_origins
from watchword.usecases.context import Watchword
from watchword.web.http.coalesced_log import is_logged
from watchword.web.http.request_scope import printable

log = logging.getLogger("watchword.server")
_MOST_NOTED: Final = 200
"""Characters of a client's value that are logged and stored."""
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def is_foreign(headers: Headers, asked: str, public_origin: str) -> bool:
    """Return whether an unsafe request comes from another origin.

    `asked` is the requested origin, from scheme and Host or from a trusted proxy.
    `public_origin` is the configured one, which is accepted even if a proxy changes Host. `Origin:
    null` is foreign.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site != "same-origin"
    origin = headers.get("origin")
    if origin is None:
        return False
    return not any(host_names.is_same_origin(origin, own) for own in (asked, public_origin))


def is_refused(app: Watchword, headers: Headers, asked: str, public_origin: str) -> bool:
    """Return whether an unsafe request comes from another origin; log and count it if so.

    The log helps if a proxy changes Host, because then every form is refused.
    """
    if not is_foreign(headers, asked, public_origin):
        return False
    sent = headers.get("origin", f"(Sec-Fetch-Site: {headers.get('sec-fetch-site', '')})")
    _note(app, printable(sent[:_MOST_NOTED]), printable(asked[:_MOST_NOTED]), public_origin)
    return True


def _note(app: Watchword, sent: str, asked: str, public_origin: str) -> None:
    """Log and count a refused origin. The count is stored in the background."""
    count, is_due = app.refused_origins.count(sent, asked, app.clock.now())
    if is_logged(count):
        log.warning("refused a request from another origin: %s requested %s; public address: %s "
                    "(%d so far)", sent, asked, public_origin or "not set", count)  # fmt: skip
    if is_due:
        asyncio.get_running_loop().run_in_executor(None, refused_origins.store, app)


def is_navigation_from_elsewhere(headers: Headers) -> bool:
    """Return whether the browser followed a link on another site.

    Such a request has no SameSite=Strict cookies. A reload from an own page sends them, so a user
    who is logged in and follows a link in a mail need not log in again.
    """
    return (
        headers.get("sec-fetch-site") == "cross-site"
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )
