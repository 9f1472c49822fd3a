"""Parts shared by the pages and actions about another administrator's account."""

from __future__ import annotations

from urllib.parse import unquote

from starlette.responses import Response

from watchword.domain.roles import Role
from watchword.usecases.administrators.authorization import By
from watchword.web.console.frame import paths
from watchword.web.console.frame.flash import Also, Notice
from watchword.web.console.frame.list_query import list_query
from watchword.web.console.frame.request_context import RequestContext


def by(context: RequestContext) -> By:
    """Return the acting administrator and session."""
    return By(context.actor, context.me.account, context.me, role=role(context))


def role(context: RequestContext) -> Role:
    """Return the role of the accounts that the page is about, from its path."""
    return paths.role_of(context.request.scope["path"])


def name(context: RequestContext) -> str:
    """Return the username from the path."""
    return unquote(context.request.path_params["name"])


async def to_page(
    context: RequestContext, notice: Notice, username: str, also: Also | None = None
) -> Response:
    """Redirect to the account's page, with a notice about the account."""
    page = list_query(context).at(paths.of_account(username, role(context)))
    return await context.redirect_with_notice(page, notice, username, also)


async def to_list(context: RequestContext, notice: Notice, username: str) -> Response:
    """Redirect to the list, with a notice about an account that no longer exists."""
    return await context.redirect_with_notice(list_query(context).address, notice, username)
