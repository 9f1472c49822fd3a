"""A problem document (RFC 9457) and the kind it belongs to: what both interfaces make of it.

`type` leads to the page that the console serves for the kind, at PATH/CODE.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from watchword.domain.errors import Invalid, Refusal
from watchword.i18n import _
from watchword.web.http import field_messages
from watchword.web.http.refusal_messages import answer_for

PATH: Final = "/problems"
EXAMPLE_CONSOLE: Final = "https://127.0.0.1:8470"
EXAMPLE_REQUEST: Final = "4Vd0kF2mQx9LsT7b"


@dataclass(frozen=True)
class ProblemKind:
    """One kind; its texts are marked for translation. `refusal` is an example of it, when it
    comes from a use-case; `detail` is that of the example otherwise.
    """

    code: str
    status: int
    title: str
    happened: str
    remedy: str
    detail: str = ""
    refusal: Refusal | None = None

    def said_detail(self) -> str:
        """Return the detail of the example, in the reader's language and filled. Where nothing
        else is to be told, it is what to do.
        """
        return detail_of(self.refusal) if self.refusal else _(self.detail or self.remedy)

    def example(self, console: str = EXAMPLE_CONSOLE) -> dict[str, Any]:
        """Return a document of this kind, as a server whose console is there answers it."""
        found = list(wrong_fields(self.refusal)) if isinstance(self.refusal, Invalid) else None
        request = "" if self.code == "unauthorized" else EXAMPLE_REQUEST
        return document(self, console + PATH, self.said_detail(), errors=found, request_id=request)


def document(
    kind: ProblemKind,
    pages: str,
    detail: str = "",
    *,
    errors: list[dict[str, str]] | None = None,
    request_id: str = "",
) -> dict[str, Any]:
    """Return a problem document. `pages` is the address that the pages of kinds are below."""
    body: dict[str, Any] = {
        "type": f"{pages}/{kind.code}",
        "title": _(kind.title),
        "status": kind.status,
        "code": kind.code,
    }
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = errors
    if request_id:
        body["instance"] = f"urn:watchword:request:{request_id}"
    return body


def detail_of(refusal: Refusal) -> str:
    """Return what a document says of a refusal in `detail`: of wrong fields what is wrong with
    each, since many programs show nothing but this.
    """
    if isinstance(refusal, Invalid):
        return " ".join(found["detail"] for found in wrong_fields(refusal))
    return answer_for(refusal).sentence


def wrong_fields(refusal: Invalid) -> Iterator[dict[str, str]]:
    """Yield what a document's `errors` say of each field."""
    for problem in refusal.problems:
        sentence = field_messages.sentence(problem)
        yield {"pointer": f"/{problem.field}", "code": problem.rule, "detail": sentence}
