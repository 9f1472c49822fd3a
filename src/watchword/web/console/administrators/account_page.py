"""The page of one account: its details, credentials, sessions and newest events.

Other actions than those here have a confirmation page: confirmed_actions.py.
"""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import Response

from watchword.domain.errors import ProofNeeded, Refusal
from watchword.domain.input_text import trimmed, visible
from watchword.domain.roles import groups_of
from watchword.domain.sessions import Session
from watchword.i18n import _
from watchword.storage.audit_query import AuditRow
from watchword.storage.credentials import StoredApiPassword
from watchword.storage.known_browsers import KnownBrowser
from watchword.usecases import accounts
from watchword.usecases.administrators import account_details, other_accounts
from watchword.usecases.administrators.account_details import Details
from watchword.usecases.api import api_password
from watchword.usecases.login import reauthentication
from watchword.web.console.account import api_password_notes, login_chart
from watchword.web.console.administrators import other_account
from watchword.web.console.administrators.administrators_table import row
from watchword.web.console.frame import paths
from watchword.web.console.frame.client_names import client_name
from watchword.web.console.frame.event_sentence import sentence_of
from watchword.web.console.frame.flash import Notice, message_of, shortened, stored
from watchword.web.console.frame.list_query import list_query
from watchword.web.console.frame.navigation import page_of_action
from watchword.web.console.frame.request_context import RequestContext
from watchword.web.console.login import enrolment_code

_TEXTS: Final = ("full_name", "email", "groups")
_EDIT: Final = "edit"
"""Query parameter of the page with the form, which asks for re-authentication first."""


async def show(context: RequestContext, refusal: Refusal | None = None) -> Response:
    """Return the page. The form is on it only if it can be sent: the page itself needs no
    re-authentication.
    """
    is_typed = "full_name" in context.form
    can_save = is_typed or reauthentication.is_recent(context.app, context.me)
    if _EDIT in context.request.query_params and not can_save:
        raise ProofNeeded
    found = await context.in_thread(
        account_details.read,
        context.app,
        context.actor,
        other_account.name(context),
        other_account.role(context),
    )
    here, account = list_query(context), found.account
    name = shortened(account.username)
    is_member = not account.is_administrator
    title = _("Member %(name)s", name=name) if is_member else _("Administrator %(name)s", name=name)
    return context.draw(
        "administrator.html",
        title,
        refusal=refusal,
        row=row(context, account),
        here=here,
        back={"back": here.query} if here.query else {},
        edit_url=here.at(paths.of_account(account.username, account.role), {_EDIT: "yes"}),
        groups=found.groups,
        has_groups=is_member or bool(found.groups),
        can_save=can_save,
        mfa={
            "pending_since": account.mfa.pending_since,
            "activated_at": account.mfa.activated_at,
            "recovery_left": found.recovery_codes_left,
            "showings": found.showings,
        },
        api_password=_api_password(context, found.api_password),
        sessions=[_client(s) for s in found.sessions],
        browsers=[_client(b) | {"id": b.id} for b in found.browsers],
        events=[_event(each) for each in found.events],
        chart=login_chart.chart(found.login_days),
        **_texts(context, found, is_typed=is_typed),
    )


def _texts(context: RequestContext, found: Details, *, is_typed: bool) -> dict[str, Any]:
    """Return the values of the form's fields, and the stored ones they were rendered with."""
    account = found.account
    before = {
        "full_name": account.full_name,
        "email": account.email,
        "groups": ", ".join(found.groups),
    }
    return {
        "values": {name: context.field(name) if is_typed else before[name] for name in _TEXTS},
        "was": {f"was_{name}": context.form.get(f"was_{name}", before[name]) for name in _TEXTS},
    }


def _api_password(context: RequestContext, now: StoredApiPassword) -> dict[str, Any]:
    old = api_password.old_in_force(context.app, now)
    return {
        "exists": now.mac is not None,
        "old": _api_password(context, old) if old else None,
        "hint": now.hint,
        "badge": api_password_notes.badge(context.app, now.created_at, now.last_used_at),
        "created_at": now.created_at,
        "created_by": now.created_by,
        "last_used_at": now.last_used_at,
        "last_used_address": now.last_used_address,
        "last_used_client": client_name(now.last_used_client) if now.last_used_client else "",
        "expires_at": api_password.expires_at(context.app, now),
        "regular_used_at": now.regular_used_at,
        "regular_used_address": now.regular_used_address,
    }


def _client(each: Session | KnownBrowser) -> dict[str, Any]:
    return {
        "client": client_name(each.user_agent),
        "user_agent": each.user_agent,
        "address": each.address,
        "since": each.created_at,
        "last_seen": each.last_seen_at,
    }


def _event(event: AuditRow) -> dict[str, Any]:
    return {
        "at": event.at,
        "sentence": sentence_of(event),
        "address": event.address,
    }


async def save(context: RequestContext) -> Response:
    """Save full name, email address and groups.

    A field that was not changed on the page is not written: another administrator may have changed
    it in the meantime.
    """
    texts = {
        "full_name": trimmed(context.field("full_name")),
        "email": visible(context.field("email")),
        "groups": context.field("groups"),
    }
    changed = {
        name: text for name, text in texts.items() if context.form.get(f"was_{name}") != text
    }
    name = other_account.name(context)
    if changed:
        await context.in_thread(
            other_accounts.change,
            context.app,
            other_account.by(context),
            name,
            full_name=changed.get("full_name"),
            email=changed.get("email"),
            groups=groups_of(changed["groups"])
            if "groups" in context.form and "groups" in changed
            else None,
        )
    else:
        role = other_account.role(context)
        await context.in_thread(accounts.by_name, context.app, context.actor, name, role)
    notice = Notice.SAVED_WITH_GROUPS if "groups" in context.form else Notice.SAVED
    return await other_account.to_page(context, notice, name)


async def _enable(context: RequestContext) -> Response:
    changed = await context.in_thread(
        other_accounts.enable, context.app, other_account.by(context), other_account.name(context)
    )
    username = changed.account.username
    if changed.enrolment_code is not None:
        message = message_of(stored(Notice.ACCOUNT_ENABLED, username))
        back = page_of_action(context)
        return enrolment_code.draw(context, changed.enrolment_code, back, username, message)
    return await other_account.to_page(context, Notice.ACCOUNT_ENABLED, username)


async def _unlock(context: RequestContext) -> Response:
    codes_stay_closed = await context.in_thread(
        other_accounts.unlock, context.app, other_account.by(context), other_account.name(context)
    )
    notice = Notice.UNLOCKED_BUT_CODES if codes_stay_closed else Notice.UNLOCKED
    return await other_account.to_page(context, notice, other_account.name(context))


BUTTONS: Final = {"unlock": _unlock, "enable": _enable}
"""Actions without a confirmation page, by the last segment of their path."""
