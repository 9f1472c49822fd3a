"""Errors of the API: RFC 9457 problem documents with a stable code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec
from starlette.responses import Response
from starlette.types import Scope

from watchword.domain.errors import Invalid, Refusal
from watchword.web.http import refusal_messages
from watchword.web.http.problem_documents import (
    ProblemKind,
    detail_of,
    document,
    wrong_fields,
)
from watchword.web.http.problem_kinds import BY_STATUS, KINDS

MEDIA_TYPE: Final = "application/problem+json"
REALM: Final = "Watchword Management API"
CHALLENGE: Final = f'Basic realm="{REALM}", charset="UTF-8"'


def problem(
    scope: Scope,
    kind: ProblemKind,
    detail: str = "",
    *,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
    has_request_id: bool = True,
) -> Response:
    """Return a problem document for the request of that scope."""
    state = scope["state"]
    request_id = state["request_id"] if has_request_id else ""
    pages = state["problem_pages"]
    body = document(kind, pages, detail, errors=errors, request_id=request_id)
    return Response(
        msgspec.json.encode(body), kind.status, media_type=MEDIA_TYPE, headers=dict(headers or {})
    )


def for_status(scope: Scope, status: int, *, headers: Mapping[str, str] | None = None) -> Response:
    """Return the problem document of an HTTP error without a refusal."""
    kind = BY_STATUS[status]
    return problem(scope, kind, kind.example_detail(), headers=headers)


def for_refusal(scope: Scope, refusal: Refusal) -> Response:
    """Return the problem document of a refusal; `detail` contains the remedy."""
    kind = KINDS[refusal.code]
    found = list(wrong_fields(refusal)) if isinstance(refusal, Invalid) else None
    seconds = refusal_messages.retry_after(refusal)
    headers = {} if seconds is None else {"retry-after": str(seconds)}
    return problem(scope, kind, detail_of(refusal), errors=found, headers=headers)


def unauthorized(scope: Scope) -> Response:
    """Return the 401. It has the same bytes for every cause, so it does not reveal the cause."""
    kind = KINDS["unauthorized"]
    challenge = {"www-authenticate": CHALLENGE}
    return problem(scope, kind, kind.example_detail(), headers=challenge, has_request_id=False)
