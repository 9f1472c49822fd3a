"""Problem documents (RFC 9457) and their kinds, for the API and the console.

`type` is the address of the console's page about the kind, PATH/CODE.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from watchword.domain.errors import Invalid, Refusal
from watchword.i18n import _
from watchword.web.http import field_messages
from watchword.web.http.refusal_messages import answer_for

PATH: Final = "/problems"
EXAMPLE_CONSOLE: Final = "https://127.0.0.1:8470"
EXAMPLE_REQUEST: Final = "4Vd0kF2mQx9LsT7b"


class ProblemKind(Struct, frozen=True):
    """A kind of problem. Its texts are marked for translation.

    `refusal` is an example for a kind that use-cases raise. For other kinds `detail` is the detail
    of the example.
    """

    code: str
    status: int
    title: str
    happened: str
    remedy: str
    detail: str = ""
    refusal: Refusal | None = None

    def example_detail(self) -> str:
        """Return the detail of the example, translated and filled; the remedy by default."""
        return detail_of(self.refusal) if self.refusal else _(self.detail or self.remedy)

    def example(self, console: str = EXAMPLE_CONSOLE) -> dict[str, Any]:
        """Return an example document of a server whose console has this address."""
        found = list(wrong_fields(self.refusal)) if isinstance(self.refusal, Invalid) else None
        request = "" if self.code == "unauthorized" else EXAMPLE_REQUEST
        return document(
            self, console + PATH, self.example_detail(), errors=found, request_id=request
        )


def document(
    kind: ProblemKind,
    pages: str,
    detail: str = "",
    *,
    errors: list[dict[str, str]] | None = None,
    request_id: str = "",
) -> dict[str, Any]:
    """Return a problem document. `pages` is the address above the pages of the kinds."""
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
    """Return `detail` for a refusal. For invalid fields it contains the sentence of each field,
    because many programs show nothing else.
    """
    if isinstance(refusal, Invalid):
        return " ".join(found["detail"] for found in wrong_fields(refusal))
    return answer_for(refusal).sentence


def wrong_fields(refusal: Invalid) -> Iterator[dict[str, str]]:
    """Yield the entries of a document's `errors`, one for each field."""
    for problem in refusal.problems:
        sentence = field_messages.sentence(problem)
        yield {"pointer": f"/{problem.field}", "code": problem.rule, "detail": sentence}
