"""`watchword api`: the description of the Management API."""

from __future__ import annotations

import click

from watchword.cli.terminal import show_json
from watchword.i18n import _


@click.group(help=_("The Management API: its description."))
def api() -> None:
    """The Management API: its description."""


@api.command(help=_("Print the OpenAPI document, as the server offers it at /openapi.json."))
def openapi() -> None:
    """Print the OpenAPI document, as the server offers it at /openapi.json."""
    from watchword.web.api.openapi import document
    from watchword.web.api.table import TABLE

    show_json(document(TABLE))
