"""`watchword config`: check, show and describe the settings."""

from __future__ import annotations

import re

import click

from watchword.cli.installation import Installation, installation_options
from watchword.cli.terminal import show_json
from watchword.i18n import N_, _


@click.group(help=N_("Settings: check them, show them."))
def config() -> None:
    """Settings: check them, show them."""


@config.command(help=N_("Check the settings of file, environment and flags."))
@installation_options
def check(installation: Installation) -> None:
    """Check the settings of file, environment and flags."""
    from watchword.config import interfaces
    from watchword.server import listeners
    from watchword.storage.database import url_for

    settings = installation.settings().settings
    url_for(settings.database_url, settings.data_dir)
    for each in interfaces(settings):
        listeners.demand_own(each.name, each.listen)
    click.echo(_("The settings are valid."))


@config.command(help=N_("Show each setting and its source. Passwords in addresses are left out."))
@click.option("--json", "as_json", is_flag=True, help=N_("Print JSON, for scripts."))
@installation_options
def show(installation: Installation, as_json: bool) -> None:
    """Show each setting and its source. Passwords in addresses are left out."""
    loaded = installation.settings()
    rows = {
        name: (_without_password(name, str(getattr(loaded.settings, name))), origin)
        for name, origin in loaded.origins.items()
    }
    if as_json:
        show_json({name: {"value": v, "origin": o} for name, (v, o) in rows.items()})
        return
    for name, (value, origin) in rows.items():
        shown = value or '""'
        click.echo(f"{name} = {shown}\t({origin})")


@config.command(help=N_("Describe each setting: its values, its default, its variable."))
@click.option("--markdown", is_flag=True, help=N_("Print the page docs/reference/settings.md."))
def reference(markdown: bool) -> None:
    """Describe each setting: its values, its default, its variable."""
    from watchword.config import reference as page

    if markdown:
        click.echo(page.markdown(), nl=False)
        return
    for each in page.describe():
        click.echo(f"{each.name} = {each.default}\t({each.kind}; {each.environment})")
        click.echo(f"    {each.text}")


def _without_password(name: str, value: str) -> str:
    if name != "database_url" or not value:
        return value
    # All up to the last @: a password may hold any sign, also one that should have been escaped.
    value = re.sub(r"(?s)//([^:@/]*):.*@", r"//\1:[redacted]@", value)
    # libpq takes it in the query too, and one for the key of a client's certificate.
    return re.sub(r"(?i)([?&](?:ssl)?password=)[^&]*", r"\1[redacted]", value)
