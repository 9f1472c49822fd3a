"""System Administrators: the table, New Administrator, Edit, and what the buttons do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote, unquote

from starlette.responses import Response

from watchword.domain.accounts import Administrator
from watchword.domain.errors import Invalid, Problem, Refusal
from watchword.domain.mfa import Event, is_allowed
from watchword.domain.secret import Secret
from watchword.usecases import accounts, api_password, others
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.others import By
from watchword.web.console.notices import Notice
from watchword.web.console.rendering import utc
from watchword.web.console.visit import Act, Visit
from watchword.web.http.i18n import _

PATH: Final = "/administrators"
PAGE: Final = 50
RECENT_DAYS: Final = 7


def _by(visit: Visit) -> By:
    return By(visit.actor, visit.me.account, visit.me)


def _name(visit: Visit) -> str:
    return unquote(visit.request.path_params["name"])


def path_of(username: str, act: str) -> str:
    """Return the address of an act on an account."""
    return f"{PATH}/{quote(username, safe='')}/{act}"


async def show(visit: Visit, refusal: Refusal | None = None) -> Response:
    """The table: a page of names, those searched for."""
    search = visit.request.query_params.get("search", "")[:100]
    after = visit.request.query_params.get("after", "")[:200]
    found = await visit.hop(others.page, visit.app, search=search, after=after, limit=PAGE + 1)
    rows = [_row(visit, row.account, row.has_api_password) for row in found[:PAGE]]
    return visit.draw(
        "administrators.html",
        _("System Administrators"),
        refusal=refusal,
        rows=rows,
        search=search,
        next_after=found[PAGE - 1].key if len(found) > PAGE else None,
        is_first=not after,
    )


def _row(visit: Visit, account: Administrator, has_api_password: bool) -> dict[str, Any]:
    status = account.mfa.status
    return {
        "username": account.username,
        "full_name": account.full_name,
        "email": account.email,
        "status": status.value,
        "is_disabled": account.is_disabled,
        "has_api_password": has_api_password,
        "last_login": utc(account.last_login_at),
        "pending_since": utc(account.mfa.pending_since),
        "is_me": account.id == visit.me.account.id,
        "at": path_of(account.username, "")[:-1],
        "can_enable": is_allowed(status, Event.ENABLE),
        "can_disable": is_allowed(status, Event.DISABLE),
        "can_reset": is_allowed(status, Event.RESET),
    }


# --- New Administrator, Edit -----------------------------------------------------------------
async def show_new(visit: Visit, refusal: Refusal | None = None) -> Response:
    """The form for a new administrator."""
    return visit.draw(
        "administrator_new.html",
        _("New Administrator"),
        refusal=refusal,
        shortest=visit.app.settings.password_min_length,
        values={name: visit.field(name) for name in ("username", "full_name", "email")},
    )


async def create(visit: Visit) -> Response:
    """Create Administrator: they choose their own password at their first login."""
    new = NewAdministrator(
        username=visit.field("username"),
        full_name=visit.field("full_name").strip(),
        email=visit.field("email").strip(),
        password=Secret(visit.field("password")),
        must_change_password=True,
    )
    if visit.field("password") != visit.field("repeat_password"):
        accounts.demand_valid(visit.app, new, [Problem("repeat_password", "not-the-same")])
    await visit.run(others.create(visit.app, _by(visit), new))
    return await visit.go_and_say(PATH, Notice.ADMINISTRATOR_CREATED)


async def show_edit(visit: Visit, refusal: Refusal | None = None) -> Response:
    """The page of one account."""
    account = await visit.hop(accounts.by_name, visit.app, _name(visit))
    typed = "full_name" in visit.form
    return visit.draw(
        "administrator_edit.html",
        _("Edit Administrator"),
        refusal=refusal,
        row=_row(visit, account, has_api_password=False),
        shortest=visit.app.settings.password_min_length,
        values={
            "full_name": visit.field("full_name") if typed else account.full_name,
            "email": visit.field("email") if typed else account.email,
        },
    )


async def save(visit: Visit) -> Response:
    """Save full name and e-mail address."""
    await visit.hop(
        others.change,
        visit.app,
        _by(visit),
        _name(visit),
        full_name=visit.field("full_name").strip(),
        email=visit.field("email").strip(),
    )
    return await visit.go_and_say(PATH, Notice.SAVED)


async def set_password(visit: Visit) -> Response:
    """Set Password: they choose their own at the next login."""
    if "new_password" not in visit.form:
        return visit.go(path_of(_name(visit), "edit"))
    if visit.field("new_password") != visit.field("repeat_new_password"):
        raise Invalid(Problem("repeat_new_password", "not-the-same"))
    password = Secret(visit.field("new_password"))
    await visit.run(others.set_password(visit.app, _by(visit), _name(visit), password))
    return await visit.go_and_say(PATH, Notice.PASSWORD_SET)


# --- Confirm ---------------------------------------------------------------------------------
async def show_confirm(visit: Visit, refusal: Refusal | None = None) -> Response:
    """The page "Confirm": names the account and the effect, and repeats the button."""
    account = await visit.hop(accounts.by_name, visit.app, _name(visit))
    stored = await visit.hop(api_password.read, visit.app, account)
    act = visit.request.scope["path"].rpartition("/")[2]
    used = stored.last_used_at
    is_recent = used is not None and (visit.app.clock.now() - used).days < RECENT_DAYS
    return visit.draw(
        "administrator_confirm.html",
        _("Confirm"),
        refusal=refusal,
        act=act,
        action=visit.request.scope["path"],
        username=account.username,
        has_api_password=stored.mac is not None,
        last_used_at=utc(used) if is_recent else None,
        last_used_address=stored.last_used_address,
        back=PATH,
    )


def _mfa(event: Event, notice: Notice) -> Act:
    async def act(visit: Visit) -> Response:
        await visit.hop(
            others.change_mfa,
            visit.app,
            _by(visit),
            _name(visit),
            event,
            keep_api_password="revoke_api" not in visit.form,
        )
        return await visit.go_and_say(PATH, notice)

    return act


def _simple(use_case: Callable[..., object], notice: Notice) -> Act:
    async def act(visit: Visit) -> Response:
        await visit.hop(use_case, visit.app, _by(visit), _name(visit))
        return await visit.go_and_say(PATH, notice)

    return act


CONFIRMED: Final = {
    "reset-secret": _mfa(Event.RESET, Notice.OTHERS_SECRET_RESET),
    "disable-mfa": _mfa(Event.DISABLE, Notice.OTHERS_MFA_DISABLED),
    "delete": _simple(others.delete, Notice.DELETED),
}
"""Acts that a page headed "Confirm" stands in front of."""

BUTTONS: Final = {
    "enable-mfa": _mfa(Event.ENABLE, Notice.OTHERS_MFA_ENABLED),
    "revoke-api-password": _simple(others.revoke_api_password, Notice.API_PASSWORD_REVOKED),
    "end-sessions": _simple(others.end_sessions, Notice.SESSIONS_ENDED),
    "unlock": _simple(others.unlock, Notice.UNLOCKED),
    "disable": _simple(others.disable, Notice.ACCOUNT_DISABLED),
    "enable": _simple(others.enable, Notice.ACCOUNT_ENABLED),
}
"""Acts that are done at the first press, after "Confirm it is you" where needed."""
