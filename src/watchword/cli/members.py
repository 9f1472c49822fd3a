"""`watchword member`: accounts that enter applications and manage only themselves."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import click

from watchword.cli import account_commands as shared
from watchword.cli.installation import Installation, installation_options, operator
from watchword.cli.terminal import read_password, show_json_list
from watchword.domain.errors import AlreadySo
from watchword.domain.roles import Role, normal_groups
from watchword.i18n import N_, _

if TYPE_CHECKING:
    from watchword.storage.administrator_query import Listed


@click.group(help=N_("Members: create, list, groups, disable, enable, unlock, promote, delete."))
def member() -> None:
    """Members: create, list, groups, disable, enable, unlock, promote, delete."""


@member.command(help=N_("Create a member, or with --script an account without a password."))
@click.argument("name")
@shared.full_name
@shared.email
@click.option("--group", "groups", multiple=True, metavar="G", help=N_("A group; may be repeated."))
@shared.password_stdin
@shared.must_change
@click.option(
    "--script", is_flag=True,
    help=N_("The account cannot log in. Its API password is printed once."),
)  # fmt: skip
@installation_options
def create(
    installation: Installation,
    name: str,
    full_name: str,
    email: str,
    groups: tuple[str, ...],
    password_stdin: bool,
    must_change: bool,
    script: bool,
) -> None:
    """Create a member, or with --script an account without a password."""
    from watchword.crypto.passwords import run
    from watchword.usecases.accounts import NewAdministrator
    from watchword.usecases.administrators import other_accounts, script_accounts

    if script and (password_stdin or must_change):
        raise click.UsageError(_("A script account has no password."))
    with installation.opened() as app:
        password = None if script else read_password(from_stdin=password_stdin)
        new = NewAdministrator(
            name, full_name, email, password, must_change, Role.MEMBER, normal_groups(groups)
        )
        by = shared.by(Role.MEMBER)
        if script:
            made, secret = script_accounts.create(app, by, new)
        else:
            made, secret = run(other_accounts.create(app, by, new)), None
    click.echo(_("Member %(name)s is created.", name=made.username), err=secret is not None)
    if secret is not None:
        # Only the password goes to standard output, so that a script can read it.
        click.echo(_("This is shown once and cannot be shown again:"), err=True)
        click.echo(secret.reveal())


@member.command("list", help=N_("List the members."))
@shared.as_json
@installation_options
def list_(installation: Installation, as_json: bool) -> None:
    """List the members."""
    from watchword.usecases import accounts

    nothing = _("There is no member. `watchword member create NAME` makes one.")
    with installation.opened() as app:
        found = accounts.listed(app, operator(), Role.MEMBER)
        if as_json:
            show_json_list(map(_row_as_json, found))
        else:
            shared.print_rows((each.account for each in found), nothing)


def _row_as_json(row: Listed) -> dict[str, Any]:
    return shared.row_as_json(row.account) | {
        "groups": [*row.groups],
        "has_password": row.account.has_password,
    }


@member.command(
    "set-password",
    help=N_("Set a member's password. MFA and the API password do not change."),
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
    """Set a member's password. MFA and the API password do not change."""
    shared.set_password(
        installation, Role.MEMBER, name, from_stdin=password_stdin,
        must_change=must_change, revoke_api_password=revoke_api_password,
    )  # fmt: skip


@member.command(help=N_("Show the groups of a member, or replace them."))
@click.argument("name")
@click.argument("groups", nargs=-1, metavar="[GROUP]...")
@click.option("--none", is_flag=True, help=N_("Remove the member from all groups."))
@installation_options
def groups(installation: Installation, name: str, groups: tuple[str, ...], none: bool) -> None:
    """Show the groups of a member, or replace them."""
    from watchword.usecases.administrators import account_details, other_accounts

    with installation.opened() as app:
        if groups or none:
            wanted = normal_groups(() if none else groups)
            with contextlib.suppress(AlreadySo):
                other_accounts.change(app, shared.by(Role.MEMBER), name, groups=wanted)
            click.echo(_("The groups of %(name)s are saved.", name=name))
            return
        _account, found = account_details.with_groups(app, operator(), name, Role.MEMBER)
        for each in found:
            click.echo(each)


@member.command(help=N_("Delete a member with all of their data."))
@click.argument("name")
@shared.yes
@installation_options
def delete(installation: Installation, name: str, yes: bool) -> None:
    """Delete a member with all of their data."""
    shared.delete(installation, Role.MEMBER, name, yes=yes)


@member.command(help=N_("Disable an account: it cannot log in and its API password is refused."))
@click.argument("name")
@shared.yes
@installation_options
def disable(installation: Installation, name: str, yes: bool) -> None:
    """Disable an account: it cannot log in and its API password is refused."""
    shared.disable(installation, Role.MEMBER, name, yes=yes)


@member.command(help=N_("Enable a disabled account again."))
@click.argument("name")
@installation_options
def enable(installation: Installation, name: str) -> None:
    """Enable a disabled account again."""
    shared.enable(installation, Role.MEMBER, name)


@member.command(help=N_("Delete the failed attempts that throttle an account."))
@click.argument("name")
@installation_options
def unlock(installation: Installation, name: str) -> None:
    """Delete the failed attempts that throttle an account."""
    shared.unlock(installation, Role.MEMBER, name)


@member.command(help=N_("Make a member an administrator."))
@click.argument("name")
@shared.yes
@installation_options
def promote(installation: Installation, name: str, yes: bool) -> None:
    """Make a member an administrator."""
    question = _("Make %(name)s an administrator? Their sessions end and their API password is "
                 "revoked.", name=name)  # fmt: skip
    shared.change_role(installation, Role.ADMINISTRATOR, name, question, yes=yes)
