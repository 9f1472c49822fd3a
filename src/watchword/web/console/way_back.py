"""Where a page leads back to: what it belongs to, as it was looked at."""

from __future__ import annotations

from watchword.web.console.administrators_table import PATH as ADMINISTRATORS
from watchword.web.console.administrators_table import wishes
from watchword.web.console.visit import Visit


def page_behind(visit: Visit) -> str:
    """Return the page that the request's act belongs to; an act of no page leads to Overview."""
    first, slash, _rest = visit.request.scope["path"].strip("/").partition("/")
    if not slash:
        return "/"
    return wishes(visit).address if f"/{first}" == ADMINISTRATORS else f"/{first}"
