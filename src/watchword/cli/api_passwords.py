"""`watchword api-password ...`"""

from __future__ import annotations

import click

from watchword.cli.installation import Place, operator, place_options
from watchword.cli.terminal import sure
from watchword.i18n import _

_yes = click.option("--yes", is_flag=True, help=_("Do not ask."))


@click.group(
    "api-password", help=_("API passwords: one for each administrator, for the Management API.")
)
def api_password() -> None:
    """API passwords: one for each administrator, for the Management API."""


@api_password.command(
    help=_("Generate a new API password and print it, once; the old one is dead.")
)
@click.argument("name")
@_yes
@place_options
def generate(place: Place, name: str, yes: bool) -> None:
    """Generate a new API password and print it, once; the old one is dead."""
    from watchword.usecases import accounts
    from watchword.usecases.api import api_password

    with place.opened() as app:
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
        click.echo(_("It is good until %(time)s.", time=end.strftime("%Y-%m-%d %H:%M UTC")),
                   err=True)  # fmt: skip
    # The password alone on standard output, so that a script can take it.
    click.echo(_("This is shown once and cannot be shown again:"), err=True)
    click.echo(password.reveal())


@api_password.command(help=_("Revoke the API password."))
@click.argument("name")
@_yes
@place_options
def revoke(place: Place, name: str, yes: bool) -> None:
    """Revoke the API password."""
    from watchword.usecases import accounts
    from watchword.usecases.administrators import other_credentials
    from watchword.usecases.administrators.authorization import By

    with place.opened() as app:
        accounts.by_name(app, operator(), name)  # before a question about nobody
        sure(_("Revoke the API password of %(name)s?", name=name), yes=yes)
        other_credentials.revoke_api_password(app, By(operator()), name)
    click.echo(_("The API password of %(name)s is revoked.", name=name))
