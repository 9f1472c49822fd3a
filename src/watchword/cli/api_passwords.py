"""`watchword api-password`: generate and revoke API passwords."""

from __future__ import annotations

import click

from watchword.cli.installation import Installation, installation_options, operator
from watchword.cli.terminal import sure
from watchword.i18n import _

_yes = click.option("--yes", is_flag=True, help=_("Do not ask."))


@click.group(
    "api-password", help=_("API passwords for the Management API: one for each administrator.")
)
def api_password() -> None:
    """API passwords for the Management API: one for each administrator."""


@api_password.command(
    help=_("Generate a new API password and print it once. The old one stops working.")
)
@click.argument("name")
@_yes
@installation_options
def generate(installation: Installation, name: str, yes: bool) -> None:
    """Generate a new API password and print it once. The old one stops working."""
    from watchword.usecases import accounts
    from watchword.usecases.api import api_password

    with installation.opened() as app:
        if (
            api_password.read(app, operator(), accounts.by_name(app, operator(), name)).mac
            is not None
        ):
            sure(_("Replace the API password of %(name)s? The old one stops working.", name=name),
                 yes=yes)  # fmt: skip
        password = api_password.generate_by_operator(app, operator(), name)
        stored = api_password.read(app, operator(), accounts.by_name(app, operator(), name))
        end = api_password.expires_at(app, stored)
    if end is not None:
        click.echo(_("It is valid until %(time)s.", time=end.strftime("%Y-%m-%d %H:%M UTC")),
                   err=True)  # fmt: skip
    # Only the password goes to standard output, so that a script can read it.
    click.echo(_("This is shown once and cannot be shown again:"), err=True)
    click.echo(password.reveal())


@api_password.command(help=_("Revoke the API password."))
@click.argument("name")
@_yes
@installation_options
def revoke(installation: Installation, name: str, yes: bool) -> None:
    """Revoke the API password."""
    from watchword.usecases import accounts
    from watchword.usecases.administrators import other_credentials
    from watchword.usecases.administrators.authorization import By

    with installation.opened() as app:
        accounts.by_name(app, operator(), name)  # refuses an unknown name first
        sure(_("Revoke the API password of %(name)s?", name=name), yes=yes)
        other_credentials.revoke_api_password(app, By(operator()), name)
    click.echo(_("The API password of %(name)s is revoked.", name=name))
