"""Parts shared by the pages and actions about another administrator's account."""

from __future__ import annotations

from urllib.parse import unquote

from starlette.responses import Response

from watchword.usecases.administrators.authorization import By
from watchword.web.console.frame.flash import Also, Notice
from watchword.web.console.frame.list_query import list_query
from watchword.web.console.frame.request_context import RequestContext


def by(context: RequestContext) -> By:
    """Return the acting administrator and session."""
    return By(context.actor, context.me.account, context.me)


def name(context: RequestContext) -> str:
    """Return the username from the path."""
    return unquote(context.request.path_params["name"])


async def back_to_list(
    context: RequestContext, notice: Notice, username: str, also: Also | None = None
) -> Response:
    """Redirect to the list, with a notice about the account."""
    return await context.redirect_with_notice(list_query(context).address, notice, username, also)
