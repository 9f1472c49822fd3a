"""Addresses of the page to open next: return targets, and the page of an action.

The menu is in request_context.py.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, unquote, urlencode

from watchword.domain.return_target import return_target
from watchword.web.console.frame import paths
from watchword.web.console.frame.list_query import list_query
from watchword.web.console.frame.request_context import RequestContext

_MOST_CHARACTERS: Final = 200
"""Of a username in an address."""


def with_target(page: str, target: str, username: str = "") -> str:
    """Return the address of a page that opens `target` when it is complete.

    `username` is the name typed so far, for a page that asks for it.
    """
    asked = {"to": target if target != "/" else "", "username": username[:_MOST_CHARACTERS]}
    query = urlencode({k: v for k, v in asked.items() if v}, quote_via=quote, safe="/")
    return f"{page}?{query}" if query else page


def typed_username(context: RequestContext) -> str:
    """Return the username that was typed on this page or on the previous one."""
    before = context.request.query_params.get("username", "")[:_MOST_CHARACTERS]
    return context.field("username") or before


def requested_target(context: RequestContext) -> str:
    """Return the page that was requested first, from the query or the form of this page."""
    return return_target(context.request.query_params.get("to") or context.field("to"))


def page_of_action(context: RequestContext) -> str:
    """Return the page that contains the requested action; Overview if no page does."""
    first, slash, _rest = context.request.scope["path"].strip("/").partition("/")
    role = paths.role_of(f"/{first}")
    if f"/{first}" == paths.new_of(role):
        return list_query(context).address
    if f"/{first}" == paths.NEW_APPLICATION:
        return paths.APPLICATIONS
    if not slash:
        return "/"
    if f"/{first}" == paths.APPLICATIONS:
        return paths.of_application(context.request.path_params["name"])
    if f"/{first}" != paths.list_of(role):
        return f"/{first}"
    name = unquote(context.request.path_params["name"])
    return list_query(context).at(paths.of_account(name, role))
