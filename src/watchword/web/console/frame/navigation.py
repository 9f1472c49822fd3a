"""Addresses of the page to open next: return targets, and the page of an action."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, unquote, urlencode

from watchword.domain.return_target import return_target
from watchword.web.console.frame import paths
from watchword.web.console.frame.list_query import list_query
from watchword.web.console.frame.request_context import Visit

EDIT: Final = "edit"
_FROM: Final = "from"
_MOST_CHARACTERS: Final = 200
"""Of a username in an address."""


def leading_to(page: str, target: str, username: str = "") -> str:
    """Return the address of a page that opens `target` when it is complete.

    `username` is the name typed so far, for a page that asks for it.
    """
    asked = {"to": target if target != "/" else "", "username": username[:_MOST_CHARACTERS]}
    query = urlencode({k: v for k, v in asked.items() if v}, quote_via=quote, safe="/")
    return f"{page}?{query}" if query else page


def typed_username(visit: Visit) -> str:
    """Return the username that was typed on this page or on the previous one."""
    before = visit.request.query_params.get("username", "")[:_MOST_CHARACTERS]
    return visit.field("username") or before


def first_asked(visit: Visit) -> str:
    """Return the page that was requested first, from the query or the form of this page."""
    return return_target(visit.request.query_params.get("to") or visit.field("to"))


def page_behind(visit: Visit) -> str:
    """Return the page that contains the requested action; Overview if no page does."""
    first, slash, _rest = visit.request.scope["path"].strip("/").partition("/")
    if not slash:
        return "/"
    return came_from(visit)[0] if f"/{first}" == paths.ADMINISTRATORS else f"/{first}"


def came_from(visit: Visit) -> tuple[str, dict[str, str]]:
    """Return the page where an action on another account started, and the form field for it.

    The page is the edit page of that account, or the list.
    """
    name = visit.request.path_params.get("name")
    given = visit.field(_FROM) or visit.request.query_params.get(_FROM)
    if name is None or given != EDIT:
        return list_query(visit).address, {}
    return list_query(visit).at(paths.of_account(unquote(name), EDIT)), {_FROM: EDIT}
