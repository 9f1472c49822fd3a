"""GET /openapi.json and GET /docs: what this API is, for programs and for people.

Both are made once, when they are first asked for, from the document that openapi.py makes of
the table of routes.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import cached_property
from importlib import resources
from typing import Any, Final

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from watchword.i18n import _
from watchword.web.api import docs_page

HTML: Final = "text/html"


def _policy(style: str) -> str:
    """Return the page's policy: its own style sheet, by its digest, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


def draw(document: dict[str, Any], style: str, base: str) -> str:
    """Return the page of a document; `base` is the address that the examples call."""
    templates = Environment(
        loader=PackageLoader("watchword.web.api"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals.update(_=_)
    page = docs_page.page_of(document, base)
    return templates.get_template("docs.html").render(page=page, style=style)


class Description:
    """The endpoints. `document` makes the OpenAPI document; `base` is the API's address."""

    def __init__(self, document: Callable[[], dict[str, Any]], base: str) -> None:
        self._document = document
        self._base = base

    @cached_property
    def _openapi(self) -> bytes:
        return msgspec.json.encode(self._document())

    @cached_property
    def _page(self) -> tuple[str, str]:
        style = resources.files("watchword.web.api").joinpath("templates", "docs.css").read_text()
        return draw(self._document(), style, self._base), _policy(style)

    async def openapi(self, _request: Request) -> Response:
        """Answer with the OpenAPI document."""
        return Response(self._openapi, media_type="application/json")

    async def page(self, _request: Request) -> Response:
        """Answer with the page."""
        html, policy = self._page
        headers = {"content-security-policy": policy}
        return Response(html, media_type=HTML, headers=headers)
