"""The page System Administrators: the list of accounts, with search, order and pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import unquote, urlencode

from starlette.responses import Response

from watchword.domain.accounts import Administrator
from watchword.domain.errors import Refusal
from watchword.domain.mfa import Event, is_allowed
from watchword.i18n import _
from watchword.storage.administrator_query import Listed, Sort
from watchword.storage.audit_history import Showing
from watchword.usecases.administrators import other_accounts
from watchword.usecases.mfa import enrolment
from watchword.web.console.account import api_password_notes
from watchword.web.console.frame import paths
from watchword.web.console.frame.button_labels import button_label
from watchword.web.console.frame.flash import Message
from watchword.web.console.frame.list_query import ListQuery, list_query
from watchword.web.console.frame.request_context import RequestContext

PAGE: Final = 50


async def show(context: RequestContext, refusal: Refusal | None = None) -> Response:
    """Return one page of the list."""
    here = list_query(context)
    found = await context.in_thread(
        other_accounts.page, context.app, context.actor, search=here.search, sort=here.sort, descending=here.descending,
        after=here.after, limit=PAGE + 1,
    )  # fmt: skip
    listed = [each.account for each in found[:PAGE]]
    shown = await context.in_thread(enrolment.showings_of, context.app, context.actor, listed)
    more = replace(here, after=found[PAGE - 1].place).address if len(found) > PAGE else None
    return context.draw(
        "administrators.html",
        _("System Administrators"),
        refusal=refusal,
        errors_about=_refused(context) if refusal else None,
        rows=[_listed(context, each, shown.get(each.account.id, ())) for each in found[:PAGE]],
        here=here,
        columns=_columns(here),
        first_page=replace(here, after="").address if here.after else None,
        next_page=more,
    )


def _listed(context: RequestContext, listed: Listed, showings: Sequence[Showing]) -> dict[str, Any]:
    times = (listed.api_created_at, listed.api_last_used_at)
    badge = api_password_notes.badge(context.app, *times)
    return row(context, listed.account) | {
        "has_api_password": listed.has_api_password,
        "api_badge": badge,
        "showings": len(showings),
        "shown_at": sorted({s.address for s in showings}),
    }


def _refused(context: RequestContext) -> Message:
    """Return the refused action and its account: each row has the same buttons."""
    act = button_label(context.request.scope["path"])
    name = unquote(context.request.path_params.get("name", ""))
    return Message(
        _("You pressed: %(act)s, for the account %(name)s.", act=act, name="%(name)s"), name
    )


def _columns(here: ListQuery) -> list[dict[str, str]]:
    """Return the column headings. The link of the sorted column reverses the order."""
    labels = [
        (_("Username"), Sort.USERNAME),
        (_("Full name"), Sort.FULL_NAME),
        (_("Email"), Sort.EMAIL),
        (_("MFA"), None),
        (_("API password"), None),
        (_("Last login"), Sort.LAST_LOGIN),
    ]
    columns = []
    for label, by in labels:
        is_sorted = by is here.sort
        turned = is_sorted and not here.descending
        order = "descending" if here.descending else "ascending"
        columns.append(
            {
                "label": label,
                "href": ListQuery(here.search, by, turned).address if by else "",
                "order": order if is_sorted else "",
            }
        )
    return columns


def row(context: RequestContext, account: Administrator) -> dict[str, Any]:
    """Return the data of an account for the templates."""
    status = account.mfa.status
    return {
        "username": account.username,
        "full_name": account.full_name,
        "email": account.email,
        "status": status.value,
        "is_disabled": account.is_disabled,
        "last_login": account.last_login_at,
        "pending_since": account.mfa.pending_since,
        "is_me": account.id == context.me.account.id,
        "at": paths.of_account(account.username, "")[:-1],
        "audit_log": "/audit-log?" + urlencode({"account": account.username}),
        "can_enable": is_allowed(status, Event.ENABLE),
        "can_disable": is_allowed(status, Event.DISABLE),
        "can_reset": is_allowed(status, Event.RESET),
    }
