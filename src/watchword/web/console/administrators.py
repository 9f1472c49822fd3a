"""System Administrators: New Administrator, Edit, Confirm, and what the buttons do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import unquote

from starlette.responses import Response

from watchword.domain.errors import Invalid, OwnAccount, Problem, Refusal
from watchword.domain.mfa import Event
from watchword.domain.secret import Secret
from watchword.usecases import (
    accounts,
    api_password,
    enrolment_proof,
    others,
    others_credentials,
)
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.acting import By, Changed
from watchword.web.console import enrolment_codes
from watchword.web.console.administrators_table import path_of, row, wishes
from watchword.web.console.notices import Notice, stored, told
from watchword.web.console.rendering import utc
from watchword.web.console.visit import Act, Visit
from watchword.web.http.i18n import _

RECENT_DAYS: Final = 7
_TEXTS: Final = ("full_name", "email")


def _by(visit: Visit) -> By:
    return By(visit.actor, visit.me.account, visit.me)


def _name(visit: Visit) -> str:
    return unquote(visit.request.path_params["name"])


# --- New Administrator, Edit -----------------------------------------------------------------
async def show_new(
    visit: Visit, refusal: Refusal | None = None, notice: Notice | None = None
) -> Response:
    """The form for a new administrator."""
    return visit.draw(
        "administrator_new.html",
        _("New Administrator"),
        refusal=refusal,
        notice=told(notice) if notice else None,
        here=wishes(visit),
        shortest=visit.app.settings.password_min_length,
        values={name: visit.field(name) for name in ("username", "full_name", "email")},
    )


async def create(visit: Visit) -> Response:
    """Create Administrator: they choose their own password at their first login."""
    if "password" not in visit.form:  # "Confirm it is you" came between, and keeps none
        return await show_new(visit, notice=Notice.TYPE_PASSWORD_AGAIN)
    new = NewAdministrator(
        username=visit.field("username"),
        full_name=visit.field("full_name").strip(),
        email=visit.field("email").strip(),
        password=Secret(visit.field("password")),
        must_change_password=True,
    )
    if visit.field("password") != visit.field("repeat_password"):
        not_the_same = Problem("repeat_password", "not-the-same")
        await visit.hop(accounts.demand_valid, visit.app, new, [not_the_same])
    created = await visit.run(others.create(visit.app, _by(visit), new))
    return await _said(visit, Notice.ADMINISTRATOR_CREATED, created.username)


async def show_edit(visit: Visit, refusal: Refusal | None = None) -> Response:
    """The page of one account."""
    account = await visit.hop(accounts.by_name, visit.app, _name(visit))
    typed = "full_name" in visit.form
    found = await visit.hop(api_password.read, visit.app, account)
    stored = {"full_name": account.full_name, "email": account.email}
    return visit.draw(
        "administrator_edit.html",
        _("Edit Administrator"),
        refusal=refusal,
        row=row(visit, account, has_api_password=found.mac is not None),
        revoke_api="revoke_api" in visit.form,
        here=wishes(visit),
        shortest=visit.app.settings.password_min_length,
        values={name: visit.field(name) if typed else stored[name] for name in _TEXTS},
        was={f"was_{name}": visit.form.get(f"was_{name}", stored[name]) for name in _TEXTS},
    )


async def save(visit: Visit) -> Response:
    """Save full name and e-mail address: what was changed on the page, so that what somebody
    else has changed of the other one meanwhile stays.
    """
    texts = {name: visit.field(name).strip() for name in _TEXTS}
    changed = {name: text for name, text in texts.items() if visit.form.get(f"was_{name}") != text}
    if not changed:
        await visit.hop(accounts.by_name, visit.app, _name(visit))
        return await _said(visit, Notice.SAVED, _name(visit))
    await visit.hop(
        others.change,
        visit.app,
        _by(visit),
        _name(visit),
        full_name=changed.get("full_name"),
        email=changed.get("email"),
    )
    return await _said(visit, Notice.SAVED, _name(visit))


async def set_password(visit: Visit) -> Response:
    """Set Password: they choose their own at the next login."""
    if "new_password" not in visit.form:
        page = wishes(visit).at(path_of(_name(visit), "edit"))
        return await visit.go_and_say(page, Notice.TYPE_PASSWORD_AGAIN)
    if visit.field("new_password") != visit.field("repeat_new_password"):
        raise Invalid(Problem("repeat_new_password", "not-the-same"))
    password = Secret(visit.field("new_password"))
    revokes = "revoke_api" in visit.form
    account = await visit.run(
        others.set_password(
            visit.app, _by(visit), _name(visit), password, revokes_api_password=revokes
        )
    )
    code_ended = enrolment_proof.ends_with_the_password(visit.app, account)
    notice = Notice.PASSWORD_SET_CODE_ENDED if code_ended else Notice.PASSWORD_SET
    return await _said(visit, notice, _name(visit))


# --- Confirm ---------------------------------------------------------------------------------
async def show_confirm(visit: Visit, refusal: Refusal | None = None) -> Response:
    """The page "Confirm": names the account and the effect, and repeats the button. Raises
    OwnAccount at once: nothing of it is done to oneself.
    """
    act = visit.request.scope["path"].rpartition("/")[2]
    account = await visit.hop(accounts.by_name, visit.app, _name(visit))
    if account.id == visit.me.account.id:
        raise OwnAccount(act=act)
    found = await visit.hop(api_password.read, visit.app, account)
    used = found.last_used_at
    is_recent = used is not None and (visit.app.clock.now() - used).days < RECENT_DAYS
    return visit.draw(
        "administrator_confirm.html",
        _("Confirm"),
        refusal=refusal,
        act=act,
        action=visit.request.scope["path"],
        username=account.username,
        has_api_password=found.mac is not None,
        last_used_at=utc(used) if is_recent else None,
        last_used_address=found.last_used_address,
        here=wishes(visit),
    )


def _mfa(event: Event, notice: Notice) -> Act:
    async def act(visit: Visit) -> Response:
        changed = await visit.hop(
            others_credentials.change_mfa,
            visit.app,
            _by(visit),
            _name(visit),
            event,
            keep_api_password="revoke_api" not in visit.form,
        )
        return await _changed(visit, changed, notice)

    return act


async def _enable(visit: Visit) -> Response:
    changed = await visit.hop(others.enable, visit.app, _by(visit), _name(visit))
    return await _changed(visit, changed, Notice.ACCOUNT_ENABLED)


async def _unlock(visit: Visit) -> Response:
    codes_stay_closed = await visit.hop(others.unlock, visit.app, _by(visit), _name(visit))
    notice = Notice.UNLOCKED_BUT_CODES if codes_stay_closed else Notice.UNLOCKED
    return await _said(visit, notice, _name(visit))


async def _changed(visit: Visit, changed: Changed, notice: Notice) -> Response:
    username = changed.account.username
    if changed.enrolment_code is not None:
        said = told(stored(notice, username))
        back = wishes(visit).address
        return enrolment_codes.draw(visit, changed.enrolment_code, back, username, said)
    return await _said(visit, notice, username)


def _simple(use_case: Callable[..., object], notice: Notice) -> Act:
    async def act(visit: Visit) -> Response:
        await visit.hop(use_case, visit.app, _by(visit), _name(visit))
        return await _said(visit, notice, _name(visit))

    return act


async def _said(visit: Visit, notice: Notice, username: str) -> Response:
    """Lead back to the table, which says what was done, and to whom."""
    return await visit.go_and_say(wishes(visit).address, notice, username)


CONFIRMED: Final = {
    "reset-secret": _mfa(Event.RESET, Notice.OTHERS_SECRET_RESET),
    "disable-mfa": _mfa(Event.DISABLE, Notice.OTHERS_MFA_DISABLED),
    "delete": _simple(others.delete, Notice.DELETED),
}
"""Acts that a page headed "Confirm" stands in front of."""

BUTTONS: Final = {
    "enable-mfa": _mfa(Event.ENABLE, Notice.OTHERS_MFA_ENABLED),
    "revoke-api-password": _simple(
        others_credentials.revoke_api_password, Notice.OTHERS_API_PASSWORD_REVOKED
    ),
    "end-sessions": _simple(others_credentials.end_sessions, Notice.SESSIONS_ENDED),
    "unlock": _unlock,
    "disable": _simple(others.disable, Notice.ACCOUNT_DISABLED),
    "enable": _enable,
}
"""Acts that are done at the first press, after "Confirm it is you" where needed."""
