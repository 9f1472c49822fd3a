"""Which requests that change something may come in: those of our own pages.

Where `Sec-Fetch-Site` is present it decides, and only `same-origin` passes; else an `Origin`
that is present must be ours; a browser that sends neither (w3m, lynx) is held by the form's
token, which every form carries anyway (forms.py).
"""

from __future__ import annotations

import logging
from typing import Final

from starlette.datastructures import Headers

from watchword.domain import host_names
from watchword.web.http.coalesced_log import CoalescedLog

_noted = CoalescedLog(
    logging.getLogger("watchword.server"),
    "refused a request of another origin: it came from %s and asked %s; public address: %s",
)
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


def is_refused(headers: Headers, asked: str, public_origin: str) -> bool:
    """Return whether an unsafe request comes from another origin, and log it with both origins:
    behind a proxy that changes Host every form is refused.
    """
    if not is_foreign(headers, asked, public_origin):
        return False
    sent = headers.get("origin", f"(Sec-Fetch-Site: {headers.get('sec-fetch-site', '')})")
    _noted.note(sent[:200], asked[:200], public_origin or "not set")
    return True


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
