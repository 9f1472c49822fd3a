"""Every error of the API: an RFC 9457 problem document with a stable code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from starlette.responses import Response

from watchword.domain.errors import Invalid, Refusal
from watchword.web.http import errors, field_problems
from watchword.web.http.i18n import _

MEDIA_TYPE: Final = "application/problem+json"
REALM: Final = "Watchword Management API"
CHALLENGE: Final = f'Basic realm="{REALM}", charset="UTF-8"'
TITLES: Final[Mapping[int, tuple[str, str]]] = {
    400: ("bad-request", "Bad request"),
    403: ("cross-origin", "Refused: this request came from another site"),
    404: ("not-found", "There is no such resource"),
    405: ("method-not-allowed", "This resource does not take that method"),
    413: ("too-large", "The request is too large"),
    415: ("unsupported-media-type", "The body is not of a kind this resource takes"),
    412: ("precondition-failed", "The resource was changed since it was read"),
    500: ("internal-error", "Something went wrong on the server"),
}


def type_of(code: str) -> str:
    """Return the URI that names the kind of problem."""
    return f"urn:watchword:problem:{code}"


def problem(
    status: int,
    code: str,
    title: str,
    detail: str = "",
    *,
    instance: str = "",
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a problem document; `type` names a page of the documentation by its code."""
    body: dict[str, Any] = {
        "type": type_of(code),
        "title": title,
        "status": status,
        "code": code,
    }
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = errors
    if instance:
        body["instance"] = f"urn:watchword:request:{instance}"
    return Response(
        msgspec.json.encode(body), status, media_type=MEDIA_TYPE, headers=dict(headers or {})
    )


def for_status(status: int, *, instance: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return the problem of a plain HTTP error."""
    code, title = TITLES.get(status, (f"http-{status}", "The request cannot be answered"))
    return problem(status, code, _(title), instance=instance, headers=headers)


def for_refusal(refusal: Refusal, *, instance: str) -> Response:
    """Return the problem of a refusal; what to do about it is in `detail`."""
    row = errors.answer_for(refusal)
    found = None
    if isinstance(refusal, Invalid):
        found = [
            {"pointer": f"/{p.field}", "code": p.rule, "detail": field_problems.sentence(p)}
            for p in refusal.problems
        ]
    seconds = errors.retry_after(refusal)
    headers = {} if seconds is None else {"retry-after": str(seconds)}
    return problem(
        row.status,
        refusal.code,
        row.title,
        row.sentence,
        instance=instance,
        errors=found,
        headers=headers,
    )


def unauthorized() -> Response:
    """Return the 401: the same bytes for every cause, so that it tells nobody which it was."""
    return problem(
        401,
        "unauthorized",
        _("Username and password are needed, or are not right"),
        _("Send HTTP Basic credentials. While MFA is enabled for an account, pending or "
          "active, its regular password does not work here: generate an API password in the "
          "Management Console, on Your MFA Settings, and use that with the username."),
        headers={"www-authenticate": CHALLENGE},
    )  # fmt: skip
