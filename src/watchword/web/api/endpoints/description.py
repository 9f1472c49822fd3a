"""GET /openapi.json and GET /docs: the description of the API, for programs and for people.

Each is made when it is first requested, from the declared operations.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from importlib import resources
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from watchword.i18n import N_, _
from watchword.web.api import docs_page, openapi
from watchword.web.api.operations import Api, Group, Operation, Success
from watchword.web.http.request_scope import arrival_of

HTML: Final = "text/html"
group = Group(N_("Server"))


@group.operation(
    "GET", "/openapi.json",
    summary=N_("This description, as OpenAPI 3.1"),
    answers=(Success(200, N_("The document."), dict),),
)  # fmt: skip
async def get_openapi(api: Api, _request: Request) -> Response:
    """Return the OpenAPI document."""
    return Response(_document(api.operations), media_type="application/json")


@group.operation(
    "GET", "/docs",
    summary=N_("This description, as a page"),
    answers=(Success(200, N_("The page."), str, media_type=HTML),),
)  # fmt: skip
async def get_docs(api: Api, request: Request) -> Response:
    """Return the page."""
    style = _style()
    headers = {"content-security-policy": _policy(style)}
    url = api.app.settings.api_url.rstrip("/") or arrival_of(request.scope).origin
    html = _page(api.operations, style, url, request.scope["state"]["problem_pages"])
    return Response(html, media_type=HTML, headers=headers)


@lru_cache(maxsize=1)
def _document(operations: tuple[Operation, ...]) -> bytes:
    return msgspec.json.encode(openapi.document(operations))


@lru_cache(maxsize=4)
def _page(operations: tuple[Operation, ...], style: str, url: str, problems_at: str) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    templates = Environment(
        loader=PackageLoader("watchword.web.api"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals.update(_=_)
    page = docs_page.page_of(openapi.document(operations), url)
    return templates.get_template("docs.html").render(
        page=page, style=style, problems_at=problems_at
    )


@lru_cache(maxsize=1)
def _style() -> str:
    return resources.files("watchword.web.api").joinpath("templates", "docs.css").read_text()


def _policy(style: str) -> str:
    """Return a policy that allows the page's own style sheet, by its digest, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
