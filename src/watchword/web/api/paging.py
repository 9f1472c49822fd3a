"""Pagination of lists: the parameters `limit` and `after`."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

from watchword.i18n import N_
from watchword.web.api.bodies import BadBody
from watchword.web.api.operations import Parameter

DEFAULT_LIMIT: Final = 50
MOST: Final = 200
LIMIT: Final = Parameter(
    "limit",
    N_("Maximum number of items."),
    {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT},
)
AFTER: Final = Parameter("after", N_("The `next` value of the previous page."), {"type": "string"})


def limit_of(request: Request) -> int:
    """Return the parameter `limit`, 1 to 200. Raises BadBody."""
    text = request.query_params.get("limit", str(DEFAULT_LIMIT))
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= len("200") else 0
    if not 1 <= number <= MOST:
        raise BadBody(422, "invalid", "limit must be a number from 1 to 200.")
    return number
