"""Bodies of answers to requests that no application read: unclear, too large or too slow."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

import msgspec

from watchword.web.http.problem_documents import PATH, document
from watchword.web.http.problem_kinds import BY_STATUS

Body = tuple[str, bytes]
"""Media type and content."""
Unread = Callable[[HTTPStatus], Body]


def text(status: HTTPStatus) -> Body:
    """Return a short text, for a browser and for a client of unknown kind."""
    kind = BY_STATUS[status]
    told = f"{status} {status.phrase}\n\n{kind.happened} {kind.said_detail()}\n"
    return "text/plain; charset=utf-8", told.encode()


def problems(console_url: str) -> Unread:
    """Return what makes the API's problem documents."""
    pages = console_url.rstrip("/") + PATH

    def problem(status: HTTPStatus) -> Body:
        kind = BY_STATUS[status]
        body = document(kind, pages, kind.said_detail())
        return "application/problem+json", msgspec.json.encode(body)

    return problem
