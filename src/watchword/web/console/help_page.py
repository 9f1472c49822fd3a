"""The page Help: what the console can do, and advice for a lost phone or a locked account."""

from __future__ import annotations

from starlette.responses import Response

from watchword.domain.errors import Refusal
from watchword.i18n import _
from watchword.web.console.frame.request_context import RequestContext


async def show(context: RequestContext, _refusal: Refusal | None = None) -> Response:
    """Return the page. It is readable without a login, for administrators who cannot log in."""
    return context.draw("help.html", _("Help"), api_docs=f"{context.api_url}/docs")
