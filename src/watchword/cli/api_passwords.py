"""`watchword api-password`: generate and revoke API passwords."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import click

from watchword.cli.installation import Installation, installation_options, operator
from watchword.cli.terminal import sure
from watchword.domain.api_password import OVERLAPS
from watchword.i18n import N_, _

_OVERLAPS: Final = {f"{each // timedelta(hours=1)}h": each for each in OVERLAPS[1:]}
_yes = click.option("--yes", is_flag=True, help=N_("Do not ask."))


@click.group(
    "api-password", help=N_("API passwords for the Management API: one for each administrator.")
)
def api_password() -> None:
    """API passwords for the Management API: one for each administrator."""


@api_password.command(
    help=N_("Generate a new API password and print it once. The old one stops working.")
)
@click.argument("name")
@click.option(
    "--keep-old", type=click.Choice([*_OVERLAPS]),
    help=N_("How long the old API password still works. Default: not at all."),
)  # fmt: skip
@_yes
@installation_options
def generate(installation: Installation, name: str, keep_old: str | None, yes: bool) -> None:
    """Generate a new API password and print it once. The old one stops working."""
    from watchword.usecases import accounts
    from watchword.usecases.api import api_password

    with installation.opened() as app:
        account = accounts.by_name(app, operator(), name)
        if api_password.read(app, operator(), account).mac is not None and keep_old is None:
            sure(_("Replace the API password of %(name)s? The old one stops working.", name=name),
                 yes=yes)  # fmt: skip
        overlap = _OVERLAPS.get(keep_old or "", OVERLAPS[0])
        password = api_password.generate_by_operator(app, operator(), name, overlap)
        stored = api_password.read(app, operator(), account)
        end = api_password.expires_at(app, stored)
        old = api_password.old_in_force(app, stored)
    if end is not None:
        click.echo(_("It is valid until %(time)s.", time=_formatted(end)), err=True)
    if old is not None and old.ends_at is not None:
        click.echo(_("The old API password works until %(time)s.", time=_formatted(old.ends_at)),
                   err=True)  # fmt: skip
    # Only the password goes to standard output, so that a script can read it.
    click.echo(_("This is shown once and cannot be shown again:"), err=True)
    click.echo(password.reveal())


def _formatted(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC")


@api_password.command(help=N_("Revoke the API password."))
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
