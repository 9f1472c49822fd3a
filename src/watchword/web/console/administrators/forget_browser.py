"""The page "Confirm: Forget Browser for NAME", and its action."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from watchword.domain.errors import Busy, Refusal
from watchword.i18n import _
from watchword.usecases.account.recognised_browsers import ACT
from watchword.usecases.administrators import account_usage, other_credentials
from watchword.web.console.administrators import account_page, other_account
from watchword.web.console.frame.client_names import client_name
from watchword.web.console.frame.flash import Notice, shortened
from watchword.web.console.frame.list_query import list_query
from watchword.web.console.frame.navigation import page_of_action
from watchword.web.console.frame.request_context import RequestContext

NAME: Final = ACT
"""The last segment of the path."""
_FIELD: Final = "browser"


def _id(context: RequestContext) -> str:
    return context.request.query_params.get(_FIELD) or context.field(_FIELD)


async def show(context: RequestContext, refusal: Refusal | None = None) -> Response:
    """Return the page. A refusal other than Busy is shown on the account's page."""
    if refusal is not None and not isinstance(refusal, Busy):
        return await account_page.show(context, refusal)
    account, browser = await context.in_thread(
        account_usage.browser,
        context.app,
        context.actor,
        context.me,
        other_account.name(context),
        _id(context),
        other_account.role(context),
    )
    label = _("Forget Browser")
    return context.draw(
        "browser_confirm.html",
        _("Confirm: %(act)s for %(name)s", act=label, name=shortened(account.username)),
        refusal=refusal,
        label=label,
        action=context.request.scope["path"],
        username=account.username,
        here=list_query(context),
        cancel_url=page_of_action(context),
        fields={_FIELD: browser.id},
        client=client_name(browser.user_agent),
        address=browser.address,
        last_seen=browser.last_seen_at,
    )


async def act(context: RequestContext) -> Response:
    """Forget the browser."""
    username = other_account.name(context)
    await context.in_thread(
        other_credentials.forget_browser,
        context.app,
        other_account.by(context),
        username,
        _id(context),
    )
    return await other_account.to_page(context, Notice.OTHERS_BROWSER_FORGOTTEN, username)
