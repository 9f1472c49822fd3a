"""Reference of the Management API's problems: one page for each code, and a list.

The `type` of a problem document is the address of its page. The pages need no login, and no
database without a session.
"""

from __future__ import annotations

import json

from starlette.responses import Response

from watchword import i18n
from watchword.i18n import _
from watchword.web.console.frame.request_context import RequestContext
from watchword.web.http.problem_documents import PATH
from watchword.web.http.problem_kinds import KINDS
from watchword.web.http.request_scope import arrival_of


def show(context: RequestContext, code: str) -> Response:
    """Return the page of one code."""
    kind = KINDS.get(code)
    if kind is None:
        text = _("The Management API has no problem with this code.")
        return context.message(
            _("No such problem"), text, status=404, link=(PATH, _("All problems"))
        )
    console = context.app.settings.console_url.rstrip("/")
    with i18n.using(i18n.SOURCE):  # as the API answers
        example = kind.example(console or arrival_of(context.request.scope).origin)
    return context.draw(
        "problem.html",
        _(kind.title),
        kind=kind,
        happened=_(kind.happened),
        remedy=_(kind.remedy),
        example=json.dumps(example, indent=2, ensure_ascii=False),
        list_href=PATH,
    )


def show_all(context: RequestContext) -> Response:
    """Return the list of all codes."""
    kinds = [(kind, _(kind.title)) for kind in KINDS.values()]
    return context.draw("problems.html", _("Problems of the Management API"), kinds=kinds, at=PATH)
