"""The page System Administrators: the list of accounts, with search, filters, order and pages."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from msgspec.structs import replace
from starlette.responses import Response

from watchword.domain.accounts import Administrator
from watchword.domain.errors import NoSuchAdministrator, NoSuchMember, Refusal
from watchword.domain.mfa import Event, is_allowed
from watchword.domain.roles import Role
from watchword.i18n import N_, _
from watchword.i18n import number as as_number
from watchword.storage.administrator_filters import Counts, Only
from watchword.storage.administrator_query import Listed, Sort
from watchword.storage.counts import MOST_COUNTED
from watchword.usecases import accounts
from watchword.usecases.administrators import administrator_list
from watchword.web.console.account import api_password_notes
from watchword.web.console.frame import paths
from watchword.web.console.frame.list_query import ListQuery, list_query
from watchword.web.console.frame.request_context import RequestContext

PAGE: Final = 50
_OPEN: Final = "open"
"""The field of the search form that asks for the account of an exact username."""
_CHIPS: Final = {
    None: N_("All"),
    Only.MFA_OFF: N_("MFA off"),
    Only.PENDING: N_("MFA pending"),
    Only.ACTIVE: N_("MFA active"),
    Only.NO_API_PASSWORD: N_("No API password"),
    Only.DISABLED: N_("Account disabled"),
    Only.NEVER_LOGGED_IN: N_("Never logged in"),
}


async def show(context: RequestContext, refusal: Refusal | None = None) -> Response:
    """Return one page of the list, or redirect a search for an exact username to that account."""
    here = list_query(context)
    if found_account := await _exact(context, here):
        return context.redirect(here.at(paths.of_account(found_account, here.role)))
    found = await context.in_thread(administrator_list.read, context.app, context.actor, here, PAGE)
    rows, first = found.rows, replace(here, after="", before="")
    return context.draw(
        "administrators.html",
        _("System Administrators") if here.role is Role.ADMINISTRATOR else _("Members"),
        refusal=refusal,
        rows=[_listed(context, each, here) for each in rows],
        here=here,
        role=here.role.value,
        list_path=paths.list_of(here.role),
        new_path=paths.new_of(here.role),
        first_page=first.address,
        chips=_chips(first, found.counts),
        columns=_columns(here),
        previous_page=replace(first, before=rows[0].place).address
        if found.has_previous and rows
        else None,
        next_page=replace(first, after=rows[-1].place).address if found.has_next else None,
    )


async def _exact(context: RequestContext, here: ListQuery) -> str | None:
    """Return the username that the form searched for, if there is such an account. The list's own
    address contains no `open`, so the way back from the account leads to the list.
    """
    if here.only or not here.search or _OPEN not in context.request.query_params:
        return None
    try:
        found = await context.in_thread(
            accounts.by_name, context.app, context.actor, here.search, here.role
        )
    except (NoSuchAdministrator, NoSuchMember):
        return None
    return found.username


def _listed(context: RequestContext, listed: Listed, here: ListQuery) -> dict[str, Any]:
    times = (listed.api_created_at, listed.api_last_used_at)
    return row(context, listed.account) | {
        "href": here.at(paths.of_account(listed.account.username, here.role)),
        "has_api_password": listed.has_api_password,
        "api_badge": api_password_notes.badge(context.app, *times),
    }


def _chips(first: ListQuery, counts: Counts) -> list[dict[str, Any]]:
    """Return the filters. A count that was not finished has a plus sign."""
    return [
        {
            "label": _(label),
            "href": replace(first, only=only).address,
            "count": _count(counts.total if only is None else counts.of[only], counts),
            "is_current": first.only is only,
        }
        for only, label in _CHIPS.items()
    ]


def _count(number: int, counts: Counts) -> str:
    if number > MOST_COUNTED or counts.are_minimum:
        return _("%(count)s+", count=as_number(min(number, MOST_COUNTED)))
    return as_number(number)


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
        following = replace(here, sort=by, descending=turned, after="", before="") if by else None
        address = following.address if following else ""
        columns.append({"label": label, "href": address, "order": order if is_sorted else ""})
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
        "role": account.role.value,
        "has_password": account.has_password,
        "last_login": account.last_login_at,
        "last_login_address": account.last_login_address,
        "password_set_at": account.password_set_at,
        "must_change_password": account.must_change_password,
        "is_me": account.id == context.me.account.id,
        "at": paths.of_account(account.username, account.role),
        "audit_log": "/audit-log?" + urlencode({"account": account.username}),
        "can_enable": is_allowed(status, Event.ENABLE),
        "can_disable": is_allowed(status, Event.DISABLE),
        "can_reset": is_allowed(status, Event.RESET),
    }
