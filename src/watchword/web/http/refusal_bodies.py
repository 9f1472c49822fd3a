"""Bodies of answers to requests that the HTTP parser refuses: ambiguous, too large or too slow."""

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
    """Return a short text, for browsers and unknown clients."""
    kind = BY_STATUS[status]
    said = f"{status} {status.phrase}\n\n{kind.happened} {kind.example_detail()}\n"
    return "text/plain; charset=utf-8", said.encode()


def problems(console_url: str) -> Unread:
    """Return a function that builds problem documents of the API."""
    pages = console_url.rstrip("/") + PATH

    def problem(status: HTTPStatus) -> Body:
        kind = BY_STATUS[status]
        body = document(kind, pages, kind.example_detail())
        return "application/problem+json", msgspec.json.encode(body)

    return problem
