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
from watchword.web.console.frame.flash import Notice, stored, told
from watchword.web.console.frame.list_query import list_query
from watchword.web.console.frame.request_context import Visit
from watchword.web.console.login import enrolment_code

_TEXTS: Final = ("full_name", "email")


# --- New Administrator, Edit -----------------------------------------------------------------
async def show_new(
    visit: Visit, refusal: Refusal | None = None, notice: Notice | None = None
) -> Response:
    """Return the page New Administrator.

    Re-authentication comes first, so that the passwords are typed only once.
    """
    if not reauthentication.is_recent(visit.app, visit.me):
        raise ProofNeeded
    return visit.draw(
        "administrator_new.html",
        _("New Administrator"),
        refusal=refusal,
        notice=told(notice) if notice else None,
        here=list_query(visit),
        shortest=visit.app.settings.password_min_length,
        values={name: visit.field(name) for name in ("username", "full_name", "email")},
    )


async def create(visit: Visit) -> Response:
    """Create an administrator, who must choose another password at the first login."""
    if "password" not in visit.form:  # "Confirm it is you" does not repeat passwords
        return await show_new(visit, notice=Notice.TYPE_PASSWORD_AGAIN)
    new = NewAdministrator(
        username=visit.field("username"),
        full_name=trimmed(visit.field("full_name")),
        email=visible(visit.field("email")),
        password=Secret(visit.field("password")),
        must_change_password=True,
    )
    if visit.field("password") != visit.field("repeat_password"):
        not_the_same = Problem("repeat_password", "not-the-same")
        await visit.hop(accounts.demand_valid, visit.app, new, [not_the_same])
    created = await visit.run(other_accounts.create(visit.app, other_account.by(visit), new))
    return await other_account.said(visit, Notice.ADMINISTRATOR_CREATED, created.username)


async def show_edit(visit: Visit, refusal: Refusal | None = None) -> Response:
    """Return the page Edit of one account."""
    account = await visit.hop(accounts.by_name, visit.app, visit.actor, other_account.name(visit))
    typed = "full_name" in visit.form
    stored = {"full_name": account.full_name, "email": account.email}
    return visit.draw(
        "administrator_edit.html",
        _("Edit Administrator"),
        refusal=refusal,
        row=row(visit, account),
        here=list_query(visit),
        values={name: visit.field(name) if typed else stored[name] for name in _TEXTS},
        was={f"was_{name}": visit.form.get(f"was_{name}", stored[name]) for name in _TEXTS},
    )


async def save(visit: Visit) -> Response:
    """Save full name and email address.

    A field that was not changed on the page is not written: another administrator may have changed
    it in the meantime.
    """
    texts = {
        "full_name": trimmed(visit.field("full_name")),
        "email": visible(visit.field("email")),
    }
    changed = {name: text for name, text in texts.items() if visit.form.get(f"was_{name}") != text}
    if not changed:
        await visit.hop(accounts.by_name, visit.app, visit.actor, other_account.name(visit))
        return await other_account.said(visit, Notice.SAVED, other_account.name(visit))
    await visit.hop(
        other_accounts.change,
        visit.app,
        other_account.by(visit),
        other_account.name(visit),
        full_name=changed.get("full_name"),
        email=changed.get("email"),
    )
    return await other_account.said(visit, Notice.SAVED, other_account.name(visit))


async def _enable(visit: Visit) -> Response:
    changed = await visit.hop(
        other_accounts.enable, visit.app, other_account.by(visit), other_account.name(visit)
    )
    return await _changed(visit, changed, Notice.ACCOUNT_ENABLED)


async def _unlock(visit: Visit) -> Response:
    codes_stay_closed = await visit.hop(
        other_accounts.unlock, visit.app, other_account.by(visit), other_account.name(visit)
    )
    notice = Notice.UNLOCKED_BUT_CODES if codes_stay_closed else Notice.UNLOCKED
    return await other_account.said(visit, notice, other_account.name(visit))


async def _changed(visit: Visit, changed: Changed, notice: Notice) -> Response:
    username = changed.account.username
    if changed.enrolment_code is not None:
        said = told(stored(notice, username))
        back = list_query(visit).address
        return enrolment_code.draw(visit, changed.enrolment_code, back, username, said)
    return await other_account.said(visit, notice, username)


BUTTONS: Final = {"unlock": _unlock, "enable": _enable}
"""Actions without a confirmation page, by the last segment of their path."""
