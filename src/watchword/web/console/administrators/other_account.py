"""Parts shared by the pages and actions about another administrator's account."""

from __future__ import annotations

from urllib.parse import unquote

from starlette.responses import Response

from watchword.usecases.administrators.authorization import By
from watchword.web.console.frame.flash import Also, Notice
from watchword.web.console.frame.list_query import list_query
from watchword.web.console.frame.request_context import Visit


def by(visit: Visit) -> By:
    """Return the acting administrator and session."""
    return By(visit.actor, visit.me.account, visit.me)


def name(visit: Visit) -> str:
    """Return the username from the path."""
    return unquote(visit.request.path_params["name"])


async def said(visit: Visit, notice: Notice, username: str, also: Also | None = None) -> Response:
    """Redirect to the list, with a notice about the account."""
    return await visit.go_and_say(list_query(visit).address, notice, username, also)
