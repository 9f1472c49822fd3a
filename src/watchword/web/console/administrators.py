"""System Administrators: the table, New Administrator, Edit, and what the buttons do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote, unquote, urlencode

from starlette.responses import Response

from watchword.domain.accounts import Administrator
from watchword.domain.errors import Invalid, Problem, Refusal
from watchword.domain.mfa import Event, is_allowed
from watchword.domain.secret import Secret
from watchword.storage.directory import Sort
from watchword.usecases import accounts, api_password, others
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.others import By, MfaChanged
from watchword.web.console import enrolment_codes
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
    """The table: a page of it, searched and sorted as asked."""
    asked = visit.request.query_params
    search, after = asked.get("search", "")[:100], asked.get("after", "")[:400]
    sort = Sort(asked["sort"]) if asked.get("sort") in list(Sort) else Sort.USERNAME
    descending = asked.get("order") == "descending"
    found = await visit.hop(
        others.page, visit.app, search=search, sort=sort, descending=descending, after=after,
        limit=PAGE + 1,
    )  # fmt: skip
    rows = [_row(visit, row.account, row.has_api_password) for row in found[:PAGE]]
    here = {"search": search, "sort": sort.value, "order": "descending" if descending else ""}
    return visit.draw(
        "administrators.html",
        _("System Administrators"),
        refusal=refusal,
        rows=rows,
        search=search,
        sort=sort.value,
        descending=descending,
        columns=_columns(search, sort, descending=descending),
        first_page=_at(here) if after else None,
        next_page=_at({**here, "after": found[PAGE - 1].place}) if len(found) > PAGE else None,
    )


def _at(asked: dict[str, str]) -> str:
    """Return the table's address with these wishes; empty ones are left out."""
    wishes = {name: value for name, value in asked.items() if value}
    return f"{PATH}?{urlencode(wishes)}" if wishes else PATH


def _columns(search: str, sort: Sort, *, descending: bool) -> list[dict[str, str]]:
    """Return the headings; those that sort have an address, which turns the order around when
    the table is sorted by them already.
    """
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
        is_sorted = by is sort
        order = "descending" if is_sorted and not descending else ""
        columns.append(
            {
                "label": label,
                "href": _at({"search": search, "sort": by.value, "order": order}) if by else "",
                "order": ("descending" if descending else "ascending") if is_sorted else "",
            }
        )
    return columns


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
        changed = await visit.hop(
            others.change_mfa,
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


async def _changed(visit: Visit, changed: MfaChanged, notice: Notice) -> Response:
    if changed.enrolment_code is not None:
        return enrolment_codes.draw(visit, changed.enrolment_code, PATH, changed.account.username)
    return await visit.go_and_say(PATH, notice)


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
    "enable": _enable,
}
"""Acts that are done at the first press, after "Confirm it is you" where needed."""
