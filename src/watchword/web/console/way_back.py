"""Where a page leads back to: what it belongs to, as it was looked at."""

from __future__ import annotations

from urllib.parse import quote

from watchword.domain.login import return_target
from watchword.web.console.administrators_table import PATH as ADMINISTRATORS
from watchword.web.console.administrators_table import wishes
from watchword.web.console.visit import Visit


def leading_to(page: str, target: str) -> str:
    """Return the address of a page that comes before another one of ours, and leads on to it."""
    return page if target == "/" else f"{page}?to={quote(target, safe='/')}"


def first_asked(visit: Visit) -> str:
    """Return the page that was first asked for, at one that had to come before it."""
    return return_target(visit.request.query_params.get("to") or visit.field("to"))


def page_behind(visit: Visit) -> str:
    """Return the page that the request's act belongs to; an act of no page leads to Overview."""
    first, slash, _rest = visit.request.scope["path"].strip("/").partition("/")
    if not slash:
        return "/"
    return wishes(visit).address if f"/{first}" == ADMINISTRATORS else f"/{first}"
