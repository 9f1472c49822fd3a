"""The query of the list of administrators or of members: search, filter, order and position.

Links and forms carry the query in their parameter `back`, so that the way back from an account
leads to the page of the list where it started. The server parses it again each time, so it can only
lead to the list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlencode

from watchword.domain.roles import Role
from watchword.storage.administrator_filters import Only
from watchword.storage.administrator_query import Sort
from watchword.usecases.administrators.administrator_list import Wanted
from watchword.web.console.frame import paths
from watchword.web.console.frame.request_context import RequestContext

BACK: Final = "back"
_MOST_CHARACTERS: Final = 2000
_MOST_FIELDS: Final = 10


class ListQuery(Wanted, frozen=True):
    """Search, filter, order and position in the list of administrators, as an address."""

    @property
    def query(self) -> str:
        """The query of the address; defaults are left out."""
        values = {
            "search": self.search,
            "only": self.only.value if self.only else "",
            "sort": self.sort.value if self.sort is not Sort.USERNAME else "",
            "order": "descending" if self.descending else "",
            "after": self.after,
            "before": self.before,
        }
        return urlencode({name: value for name, value in values.items() if value})

    @property
    def address(self) -> str:
        """The list's address with this query."""
        path = paths.list_of(self.role)
        return f"{path}?{self.query}" if self.query else path

    def at(self, path: str, asked: Mapping[str, str] | None = None) -> str:
        """Return the address of a page that returns to this list."""
        values = {**(asked or {}), **({BACK: self.query} if self.query else {})}
        return f"{path}?{urlencode(values)}" if values else path


def list_query(context: RequestContext) -> ListQuery:
    """Return the list query of a request: its own query on the list, the field `back` elsewhere."""
    path = context.request.scope["path"]
    role = paths.role_of(path)
    if path == paths.list_of(role):
        return _read(context.request.query_params, role)
    back = context.field(BACK) or context.request.query_params.get(BACK, "")
    try:
        asked = dict(parse_qsl(back[:_MOST_CHARACTERS], max_num_fields=_MOST_FIELDS))
        return _read(asked, role)
    except ValueError:  # too many fields
        return ListQuery(role=role)


def _read(asked: Mapping[str, str], role: Role) -> ListQuery:
    return ListQuery(
        search=asked.get("search", "")[:100].strip(),
        only=Only(asked["only"]) if asked.get("only") in list(Only) else None,
        sort=Sort(asked["sort"]) if asked.get("sort") in list(Sort) else Sort.USERNAME,
        descending=asked.get("order") == "descending",
        after=asked.get("after", "")[:400],
        before=asked.get("before", "")[:400],
        role=role,
    )
