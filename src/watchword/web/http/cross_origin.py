"""Which requests that change something may come in: those of our own pages.

Where `Sec-Fetch-Site` is present it decides, and only `same-origin` passes; else an `Origin`
that is present must be ours; a browser that sends neither (w3m, lynx) is held by the form's
token, which every form carries anyway (forms.py).
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
"""Characters of what a client sent."""
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def is_foreign(headers: Headers, asked: str, public_origin: str) -> bool:
    """Return whether an unsafe request comes from another origin.

    `asked` is the origin that the client asked, by scheme and Host or as a trusted proxy tells;
    `public_origin` the configured one, which is ours whatever a proxy makes of Host. `Origin:
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
    """Return whether an unsafe request comes from another origin, and note it with both origins:
    behind a proxy that changes Host every form is refused.
    """
    if not is_foreign(headers, asked, public_origin):
        return False
    sent = headers.get("origin", f"(Sec-Fetch-Site: {headers.get('sec-fetch-site', '')})")
    _note(app, printable(sent[:_MOST_NOTED]), printable(asked[:_MOST_NOTED]), public_origin)
    return True


def _note(app: Watchword, sent: str, asked: str, public_origin: str) -> None:
    """Log and count it. The answer does not wait until the count is stored."""
    count, is_due = app.refused_origins.count(sent, asked, app.clock.now())
    if is_logged(count):
        log.warning("refused a request of another origin: it came from %s and asked %s; public "
                    "address: %s (%d so far)", sent, asked, public_origin or "not set", count)  # fmt: skip
    if is_due:
        asyncio.get_running_loop().run_in_executor(None, refused_origins.store, app)


def is_navigation_from_elsewhere(headers: Headers) -> bool:
    """Return whether somebody followed a link on another site to us.

    Such a request comes without our SameSite=Strict cookies; one reload from our own page
    brings them, so that a link in a mail does not ask for a login that is there already.
    """
    return (
        headers.get("sec-fetch-site") == "cross-site"
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )
