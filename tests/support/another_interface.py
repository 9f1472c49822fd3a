"""A server with one more interface than the product: `python -m tests.support.another_interface`.

The interface is declared in one place, by its settings, and has no application of its own.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from tests.support.installation import CHEAP
from watchword import bootstrap
from watchword.config import Settings
from watchword.config.settings import listener
from watchword.server.serve import serve


class MoreSettings(Settings, frozen=True, kw_only=True):
    """The product's settings, and those of one more interface."""

    annex: Annotated[str, listener("Annex")] = "127.0.0.1:8478"
    annex_url: Annotated[str, Meta(description="Public address of the annex.")] = ""


def more_settings(folder: Path, ports: tuple[int, int, int], url: str) -> MoreSettings:
    console, api, annex = (f"127.0.0.1:{port}" for port in ports)
    return MoreSettings(data_dir=folder, console=console, api=api, annex=annex, annex_url=url)


if __name__ == "__main__":
    console, api, annex = map(int, sys.argv[2:5])
    serve(
        more_settings(Path(sys.argv[1]), (console, api, annex), sys.argv[5]),
        lambda line: print(line, flush=True),
        open_app=lambda settings: bootstrap.open(settings, hashing=CHEAP),
    )
