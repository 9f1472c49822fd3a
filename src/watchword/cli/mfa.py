"""`watchword mfa`: show and change the MFA status of an administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from watchword.cli.installation import Installation, installation_options, operator
from watchword.cli.terminal import hand_over, show_json, sure
from watchword.i18n import N_, _

if TYPE_CHECKING:
    from watchword.domain.mfa import Event

_yes = click.option("--yes", is_flag=True, help=N_("Do not ask."))
_revoke = click.option(
    "--revoke-api-password", is_flag=True, help=N_("Revoke the account's API password too.")
)


@click.group(help=N_("Multi-factor authentication of an administrator."))
def mfa() -> None:
    """Multi-factor authentication of an administrator."""


@mfa.command(help=N_("Show the status: disabled, pending or active."))
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help=N_("Print JSON, for scripts."))
@installation_options
def status(installation: Installation, name: str, as_json: bool) -> None:
    """Show the status: disabled, pending or active."""
    from watchword.usecases import accounts

    with installation.opened() as app:
        account = accounts.by_name(app, operator(), name)
    state = account.mfa
    if as_json:
        since = state.pending_since
        show_json(
            {
                "username": account.username,
                "enabled": state.is_enabled,
                "status": state.status.value,
                "pending_since": since.isoformat() if since else None,
            }
        )
        return
    click.echo(state.status.value)


@mfa.command(help=N_("Enable MFA: the next login shows a QR code."))
@click.argument("name")
@_yes
@installation_options
def enable(installation: Installation, name: str, yes: bool) -> None:
    """Enable MFA: the next login shows a QR code."""
    from watchword.domain.mfa import Event

    question = _("Enable MFA of %(name)s? The API will accept only their API password.", name=name)
    _change(installation, name, Event.ENABLE, question, revoke=False, yes=yes)


@mfa.command(help=N_("Make the secret invalid: the next login shows a new QR code."))
@click.argument("name")
@_revoke
@_yes
@installation_options
def reset(installation: Installation, name: str, revoke_api_password: bool, yes: bool) -> None:
    """Make the secret invalid: the next login shows a new QR code."""
    from watchword.domain.mfa import Event

    question = _("Reset the secret of %(name)s? Codes and recovery codes stop working.", name=name)
    _change(installation, name, Event.RESET, question, revoke=revoke_api_password, yes=yes)


@mfa.command(help=N_("Disable MFA: a login asks for no code."))
@click.argument("name")
@_revoke
@_yes
@installation_options
def disable(installation: Installation, name: str, revoke_api_password: bool, yes: bool) -> None:
    """Disable MFA: a login asks for no code."""
    from watchword.domain.mfa import Event

    question = _("Disable MFA of %(name)s? Their password will be enough to log in.", name=name)
    _change(installation, name, Event.DISABLE, question, revoke=revoke_api_password, yes=yes)


def _change(
    installation: Installation, name: str, event: Event, question: str, *, revoke: bool, yes: bool
) -> None:
    from watchword.usecases import accounts
    from watchword.usecases.administrators import other_credentials
    from watchword.usecases.administrators.authorization import By

    with installation.opened() as app:
        accounts.by_name(app, operator(), name)  # refuses an unknown name first
        sure(question, yes=yes)
        by = By(operator())
        changed = other_credentials.change_mfa(app, by, name, event, keep_api_password=not revoke)
    account, code = changed.account, changed.enrolment_code
    click.echo(
        _("MFA of %(name)s is now %(status)s.", name=account.username, status=account.mfa.status),
        err=code is not None,
    )
    if changed.api_password_revoked:
        click.echo(_("Their API password is revoked."), err=code is not None)
    hand_over(code)
