"""Pages New Administrator and Edit, and the actions without a confirmation page."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from watchword.domain.errors import Problem, ProofNeeded, Refusal
from watchword.domain.input_text import trimmed, visible
from watchword.domain.secret import Secret
from watchword.i18n import _
from watchword.usecases import accounts
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.administrators import other_accounts
from watchword.usecases.administrators.authorization import Changed
from watchword.usecases.login import reauthentication
from watchword.web.console.administrators import other_account
from watchword.web.console.administrators.administrators_table import row
from watchword.web.console.frame.flash import Notice, message_of, stored
from watchword.web.console.frame.list_query import list_query
from watchword.web.console.frame.request_context import RequestContext
from watchword.web.console.login import enrolment_code

_TEXTS: Final = ("full_name", "email")


# --- New Administrator, Edit -----------------------------------------------------------------
async def show_new(
    context: RequestContext, refusal: Refusal | None = None, notice: Notice | None = None
) -> Response:
    """Return the page New Administrator.

    Re-authentication comes first, so that the passwords are typed only once.
    """
    if not reauthentication.is_recent(context.app, context.me):
        raise ProofNeeded
    return context.draw(
        "administrator_new.html",
        _("New Administrator"),
        refusal=refusal,
        notice=message_of(notice) if notice else None,
        here=list_query(context),
        shortest=context.app.settings.password_min_length,
        values={name: context.field(name) for name in ("username", "full_name", "email")},
    )


async def create(context: RequestContext) -> Response:
    """Create an administrator, who must choose another password at the first login."""
    if "password" not in context.form:  # "Confirm it is you" does not repeat passwords
        return await show_new(context, notice=Notice.TYPE_PASSWORD_AGAIN)
    new = NewAdministrator(
        username=context.field("username"),
        full_name=trimmed(context.field("full_name")),
        email=visible(context.field("email")),
        password=Secret(context.field("password")),
        must_change_password=True,
    )
    if context.field("password") != context.field("repeat_password"):
        not_the_same = Problem("repeat_password", "not-the-same")
        await context.in_thread(accounts.demand_valid, context.app, new, [not_the_same])
    created = await context.run(other_accounts.create(context.app, other_account.by(context), new))
    return await other_account.back_to_list(context, Notice.ADMINISTRATOR_CREATED, created.username)


async def show_edit(context: RequestContext, refusal: Refusal | None = None) -> Response:
    """Return the page Edit of one account."""
    account = await context.in_thread(
        accounts.by_name, context.app, context.actor, other_account.name(context)
    )
    typed = "full_name" in context.form
    stored = {"full_name": account.full_name, "email": account.email}
    return context.draw(
        "administrator_edit.html",
        _("Edit Administrator"),
        refusal=refusal,
        row=row(context, account),
        here=list_query(context),
        values={name: context.field(name) if typed else stored[name] for name in _TEXTS},
        was={f"was_{name}": context.form.get(f"was_{name}", stored[name]) for name in _TEXTS},
    )


async def save(context: RequestContext) -> Response:
    """Save full name and email address.

    A field that was not changed on the page is not written: another administrator may have changed
    it in the meantime.
    """
    texts = {
        "full_name": trimmed(context.field("full_name")),
        "email": visible(context.field("email")),
    }
    changed = {
        name: text for name, text in texts.items() if context.form.get(f"was_{name}") != text
    }
    if not changed:
        await context.in_thread(
            accounts.by_name, context.app, context.actor, other_account.name(context)
        )
        return await other_account.back_to_list(context, Notice.SAVED, other_account.name(context))
    await context.in_thread(
        other_accounts.change,
        context.app,
        other_account.by(context),
        other_account.name(context),
        full_name=changed.get("full_name"),
        email=changed.get("email"),
    )
    return await other_account.back_to_list(context, Notice.SAVED, other_account.name(context))


async def _enable(context: RequestContext) -> Response:
    changed = await context.in_thread(
        other_accounts.enable, context.app, other_account.by(context), other_account.name(context)
    )
    return await _changed(context, changed, Notice.ACCOUNT_ENABLED)


async def _unlock(context: RequestContext) -> Response:
    codes_stay_closed = await context.in_thread(
        other_accounts.unlock, context.app, other_account.by(context), other_account.name(context)
    )
    notice = Notice.UNLOCKED_BUT_CODES if codes_stay_closed else Notice.UNLOCKED
    return await other_account.back_to_list(context, notice, other_account.name(context))


async def _changed(context: RequestContext, changed: Changed, notice: Notice) -> Response:
    username = changed.account.username
    if changed.enrolment_code is not None:
        message = message_of(stored(notice, username))
        back = list_query(context).address
        return enrolment_code.draw(context, changed.enrolment_code, back, username, message)
    return await other_account.back_to_list(context, notice, username)


BUTTONS: Final = {"unlock": _unlock, "enable": _enable}
"""Actions without a confirmation page, by the last segment of their path."""
