"""`watchword administrator`: create, list, disable, enable, unlock, demote and delete."""

from __future__ import annotations

import click

from watchword.cli import account_commands as shared
from watchword.cli.installation import Installation, installation_options, operator
from watchword.cli.terminal import read_password, show_json_list
from watchword.domain.roles import Role
from watchword.i18n import N_, _


@click.group(
    help=N_("System administrators: create, list, disable, enable, unlock, demote, delete.")
)
def administrator() -> None:
    """System administrators: create, list, disable, enable, unlock, demote, delete."""


@administrator.command(help=N_("Create an administrator."))
@click.argument("name")
@shared.full_name
@shared.email
@shared.password_stdin
@shared.must_change
@installation_options
def create(
    installation: Installation,
    name: str,
    full_name: str,
    email: str,
    password_stdin: bool,
    must_change: bool,
) -> None:
    """Create an administrator."""
    from watchword.crypto.passwords import run
    from watchword.usecases import accounts
    from watchword.usecases.administrators import other_accounts

    with installation.opened(may_make=True) as app:
        password = read_password(from_stdin=password_stdin)
        new = accounts.NewAdministrator(name, full_name, email, password, must_change)
        made = run(other_accounts.create(app, shared.by(Role.ADMINISTRATOR), new))
    click.echo(_("Administrator %(name)s is created.", name=made.username))
    if made.has_colon:
        click.echo(_("The username contains a colon; Your MFA Settings explains what that means."))


@administrator.command("list", help=N_("List the administrators."))
@shared.as_json
@installation_options
def list_(installation: Installation, as_json: bool) -> None:
    """List the administrators."""
    from watchword.usecases import accounts

    nothing = _("There is no administrator yet; `watchword first-run` prints a link.")
    with installation.opened() as app:
        found = accounts.everyone(app, operator())
        if as_json:
            show_json_list(map(shared.row_as_json, found))
        else:
            shared.print_rows(found, nothing)


@administrator.command(
    "set-password",
    help=N_("Set an administrator's password. MFA and the API password do not change."),
)
@click.argument("name")
@shared.password_stdin
@shared.must_change
@shared.revoke_api_password
@installation_options
def set_password(
    installation: Installation,
    name: str,
    password_stdin: bool,
    must_change: bool,
    revoke_api_password: bool,
) -> None:
    """Set an administrator's password. MFA and the API password do not change."""
    shared.set_password(
        installation, Role.ADMINISTRATOR, name, from_stdin=password_stdin,
        must_change=must_change, revoke_api_password=revoke_api_password,
    )  # fmt: skip


@administrator.command(help=N_("Delete an administrator with all of their data."))
@click.argument("name")
@shared.yes
@installation_options
def delete(installation: Installation, name: str, yes: bool) -> None:
    """Delete an administrator with all of their data."""
    shared.delete(installation, Role.ADMINISTRATOR, name, yes=yes)


@administrator.command(
    help=N_("Disable an account: it cannot log in and its API password is refused.")
)
@click.argument("name")
@shared.yes
@installation_options
def disable(installation: Installation, name: str, yes: bool) -> None:
    """Disable an account: it cannot log in and its API password is refused."""
    shared.disable(installation, Role.ADMINISTRATOR, name, yes=yes)


@administrator.command(help=N_("Enable a disabled account again."))
@click.argument("name")
@installation_options
def enable(installation: Installation, name: str) -> None:
    """Enable a disabled account again."""
    shared.enable(installation, Role.ADMINISTRATOR, name)


@administrator.command(help=N_("Delete the failed attempts that throttle an account."))
@click.argument("name")
@installation_options
def unlock(installation: Installation, name: str) -> None:
    """Delete the failed attempts that throttle an account."""
    shared.unlock(installation, Role.ADMINISTRATOR, name)


@administrator.command(help=N_("Make an administrator a member, which manages nothing."))
@click.argument("name")
@shared.yes
@installation_options
def demote(installation: Installation, name: str, yes: bool) -> None:
    """Make an administrator a member, which manages nothing."""
    question = _("Make %(name)s a member? Their sessions end and their API password is revoked.",
                 name=name)  # fmt: skip
    shared.change_role(installation, Role.MEMBER, name, question, yes=yes)
