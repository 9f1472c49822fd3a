"""`watchword api`: the description of the Management API."""

from __future__ import annotations

import click

from watchword import i18n
from watchword.cli.terminal import show_json
from watchword.i18n import N_


@click.group(help=N_("The Management API: its description."))
def api() -> None:
    """The Management API: its description."""


@api.command(help=N_("Print the OpenAPI document, as the server offers it at /openapi.json."))
def openapi() -> None:
    """Print the OpenAPI document, as the server offers it at /openapi.json."""
    from watchword.web.api.openapi import document
    from watchword.web.api.table import TABLE

    with i18n.using(i18n.SOURCE):
        show_json(document(TABLE))
