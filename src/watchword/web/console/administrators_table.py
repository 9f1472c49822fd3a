"""System Administrators: the table of accounts, searched, sorted and paged.

What somebody wishes to see is a query. Buttons carry it along as their field `back`, so that an
act ends on the page of the table where it was pressed; it is read anew each time, and becomes an
address of this page only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote, urlencode

from starlette.responses import Response

from watchword.domain.accounts import Administrator
from watchword.domain.errors import Refusal
from watchword.domain.mfa import Event, is_allowed
from watchword.storage.audit import Showing
from watchword.storage.directory import Listed, Sort
from watchword.usecases import enrolment, others
from watchword.web.console import api_password_notes
from watchword.web.console.notices import Told
from watchword.web.console.pressed import pressed
from watchword.web.console.rendering import utc
from watchword.web.console.visit import Visit
from watchword.web.http.i18n import _

PATH: Final = "/administrators"
BACK: Final = "back"
PAGE: Final = 50
_MOST_CHARACTERS: Final = 2000
_MOST_FIELDS: Final = 10


@dataclass(frozen=True)
class Wishes:
    """Which page of the table somebody looks at."""

    search: str = ""
    sort: Sort = Sort.USERNAME
    descending: bool = False
    after: str = ""

    @property
    def query(self) -> str:
        """As a query; wishes that go without saying are left out."""
        wishes = {
            "search": self.search,
            "sort": self.sort.value if self.sort is not Sort.USERNAME else "",
            "order": "descending" if self.descending else "",
            "after": self.after,
        }
        return urlencode({name: value for name, value in wishes.items() if value})

    @property
    def address(self) -> str:
        """The table's address with these wishes."""
        return f"{PATH}?{self.query}" if self.query else PATH

    def at(self, path: str) -> str:
        """Return the address of a page that leads back here."""
        return f"{path}?{urlencode({BACK: self.query})}" if self.query else path


def wishes(visit: Visit) -> Wishes:
    """Return what the request wishes to see: on the table by its own query, elsewhere by what
    the table gave along.
    """
    if visit.request.scope["path"] == PATH:
        return _read(visit.request.query_params)
    back = visit.field(BACK) or visit.request.query_params.get(BACK, "")
    try:
        return _read(dict(parse_qsl(back[:_MOST_CHARACTERS], max_num_fields=_MOST_FIELDS)))
    except ValueError:  # too many fields
        return Wishes()


def _read(asked: Mapping[str, str]) -> Wishes:
    return Wishes(
        search=asked.get("search", "")[:100],
        sort=Sort(asked["sort"]) if asked.get("sort") in list(Sort) else Sort.USERNAME,
        descending=asked.get("order") == "descending",
        after=asked.get("after", "")[:400],
    )


def path_of(username: str, act: str) -> str:
    """Return the address of an act on an account."""
    return f"{PATH}/{quote(username, safe='')}/{act}"


async def show(visit: Visit, refusal: Refusal | None = None) -> Response:
    """The table: a page of it, searched and sorted as asked."""
    here = wishes(visit)
    found = await visit.hop(
        others.page, visit.app, search=here.search, sort=here.sort, descending=here.descending,
        after=here.after, limit=PAGE + 1,
    )  # fmt: skip
    listed = [each.account for each in found[:PAGE]]
    shown = await visit.hop(enrolment.showings_of, visit.app, listed)
    more = replace(here, after=found[PAGE - 1].place).address if len(found) > PAGE else None
    return visit.draw(
        "administrators.html",
        _("System Administrators"),
        refusal=refusal,
        errors_about=_refused(visit) if refusal else None,
        rows=[_listed(visit, each, shown.get(each.account.id, ())) for each in found[:PAGE]],
        here=here,
        columns=_columns(here),
        first_page=replace(here, after="").address if here.after else None,
        next_page=more,
    )


def _listed(visit: Visit, listed: Listed, showings: Sequence[Showing]) -> dict[str, Any]:
    times = (listed.api_created_at, listed.api_last_used_at)
    badge = api_password_notes.badge(visit.app, *times)
    return row(visit, listed.account) | {
        "has_api_password": listed.has_api_password,
        "api_badge": badge,
        "showings": len(showings),
        "shown_at": sorted({s.address for s in showings}),
    }


def _refused(visit: Visit) -> Told:
    """Return which button it was: each row has one of that name."""
    act = pressed(visit.request.scope["path"])
    name = unquote(visit.request.path_params.get("name", ""))
    return Told(
        _("You pressed: %(act)s, for the account %(name)s.", act=act, name="%(name)s"), name
    )


def _columns(here: Wishes) -> list[dict[str, str]]:
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
        is_sorted = by is here.sort
        turned = is_sorted and not here.descending
        order = "descending" if here.descending else "ascending"
        columns.append(
            {
                "label": label,
                "href": Wishes(here.search, by, turned).address if by else "",
                "order": order if is_sorted else "",
            }
        )
    return columns


def row(visit: Visit, account: Administrator) -> dict[str, Any]:
    """Return what the pages show of an account."""
    status = account.mfa.status
    return {
        "username": account.username,
        "full_name": account.full_name,
        "email": account.email,
        "status": status.value,
        "is_disabled": account.is_disabled,
        "last_login": utc(account.last_login_at),
        "pending_since": utc(account.mfa.pending_since),
        "is_me": account.id == visit.me.account.id,
        "at": path_of(account.username, "")[:-1],
        "audit_log": "/audit-log?" + urlencode({"account": account.username}),
        "can_enable": is_allowed(status, Event.ENABLE),
        "can_disable": is_allowed(status, Event.DISABLE),
        "can_reset": is_allowed(status, Event.RESET),
    }
