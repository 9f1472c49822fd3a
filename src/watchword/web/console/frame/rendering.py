"""Templates and static files. The public name of a static file contains a digest of its content."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from msgspec import Struct
from starlette.responses import HTMLResponse, Response

from watchword.crypto.strength import GUESSED_FIRST
from watchword.i18n import _, ngettext, number
from watchword.usecases.accounts import PRODUCT

_MEDIA_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_FOREVER: Final = {"cache-control": "public, max-age=31536000, immutable"}


class Asset(Struct, frozen=True):
    """One static file; `name` is the public name."""

    name: str
    body: bytes
    media_type: str

    def response(self) -> Response:
        """Return the response with the file, cacheable without limit."""
        return Response(self.body, media_type=self.media_type, headers=_FOREVER)


def load_assets() -> Mapping[str, Asset]:
    """Return the static files by their names without digest."""
    assets: dict[str, Asset] = {}
    for file in resources.files("watchword.web.console").joinpath("static").iterdir():
        stem, _dot, ending = file.name.rpartition(".")
        if ending in _MEDIA_TYPES:
            body = file.read_bytes()
            digest = hashlib.sha256(body).hexdigest()[:12]
            assets[file.name] = Asset(f"{stem}.{digest}.{ending}", body, _MEDIA_TYPES[ending])
    return assets


@functools.cache
def templates() -> Environment:
    """Return the template environment, which all consoles of a process share.

    A missing variable is an error: an empty text would hide it.
    """
    found = Environment(
        loader=PackageLoader("watchword.web.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals.update(
        _=_, ngettext=ngettext, number=number, guessed_first=" ".join([PRODUCT, *GUESSED_FIRST])
    )
    return found


class Pages:
    """Renders templates and finds static files."""

    def __init__(self) -> None:
        self.assets = load_assets()
        self._by_public_name = {asset.name: asset for asset in self.assets.values()}

    def asset(self, public_name: str) -> Asset | None:
        """Return the static file with this public name."""
        return self._by_public_name.get(public_name)

    def asset_url(self, name: str) -> str:
        """Return the address of a static file."""
        return f"/static/{self.assets[name].name}"

    def draw(self, template: str, status: int, context: Mapping[str, Any]) -> HTMLResponse:
        """Return the rendered page."""
        html = templates().get_template(template).render(context)
        return HTMLResponse(html, status_code=status)
