"""`watchword application`: applications behind the gateway, and who may enter."""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING

import click

from watchword.cli.installation import Installation, installation_options, operator
from watchword.cli.terminal import plain_row, show_json, show_json_list, sure
from watchword.i18n import N_, _

if TYPE_CHECKING:
    from watchword.usecases.applications.applications import Grants, Managed

_yes = click.option("--yes", is_flag=True, help=N_("Do not ask."))
_as_json = click.option("--json", "as_json", is_flag=True, help=N_("Print JSON, for scripts."))
_LEVELS = ("password", "mfa")


@click.group(help=N_("Applications behind the gateway: create, list, show, apply, grant, revoke, "
                     "enable, disable, delete."))  # fmt: skip
def application() -> None:
    """Applications behind the gateway."""


@application.command(help=N_("Create an application, which admits no account yet."))
@click.argument("name")
@click.option("--host", "hosts", multiple=True, required=True, metavar="HOST",
              help=N_("Host name in the browser's address; several are possible."))  # fmt: skip
@click.option("--level", type=click.Choice(_LEVELS), default="mfa", show_default=True,
              help=N_("What a login must have proved."))  # fmt: skip
@click.option("--accept-api-passwords", is_flag=True,
              help=N_("Let scripts enter with the API password of a member."))  # fmt: skip
@installation_options
def create(
    installation: Installation,
    name: str,
    hosts: tuple[str, ...],
    level: str,
    accept_api_passwords: bool,
) -> None:
    """Create an application, which admits no account yet."""
    from watchword.domain.applications import Application, Level
    from watchword.usecases.administrators.authorization import By
    from watchword.usecases.applications import applications
    from watchword.usecases.applications.applications import Managed

    new = Application(
        name, hosts, level=Level(level), accept_api_passwords=accept_api_passwords
    )  # fmt: skip
    with installation.opened() as app:
        made = applications.create(app, By(operator()), Managed(new)).application
    click.echo(_("Application %(name)s is created. It admits no account yet: `watchword application "
                 "grant %(name)s` changes that.", name=made.name))  # fmt: skip


@application.command("list", help=N_("List the applications."))
@_as_json
@installation_options
def list_(installation: Installation, as_json: bool) -> None:
    """List the applications."""
    import msgspec

    from watchword.usecases.applications import applications
    from watchword.usecases.applications.descriptions import described

    with installation.opened() as app:
        found = applications.every(app, operator())
    if as_json:
        show_json_list(msgspec.to_builtins(described(row.managed)) for row in found)
        return
    if not found:
        click.echo(_("There is no application yet; `watchword application create` makes one."))
        return
    click.echo(_("name\tstate\tlevel\thosts\twho may enter"))
    for row in found:
        one = row.managed.application
        state = _("enabled") if one.is_enabled else _("disabled")
        line = plain_row(one.name, state, one.level.value, " ".join(one.hosts), _who(row.managed))
        sys.stdout.write(line + "\n")


def _who(managed: Managed) -> str:
    who = managed.application.who
    everyone = [_("everyone")] if who.everyone else []
    groups = [_("group %(name)s", name=name) for name in sorted(who.groups)]
    return ", ".join([*everyone, *groups, *managed.usernames]) or _("no account")


@application.command(help=N_("Show an application and its last entries."))
@click.argument("name")
@_as_json
@installation_options
def show(installation: Installation, name: str, as_json: bool) -> None:
    """Show an application and its last entries."""
    import msgspec

    from watchword.usecases.applications import applications
    from watchword.usecases.applications.descriptions import described

    with installation.opened() as app:
        found = applications.by_name(app, operator(), name)
    if as_json:
        show_json(msgspec.to_builtins(described(found.managed)))
        return
    one = found.managed.application
    sys.stdout.write(plain_row(_("name"), one.name) + "\n")
    sys.stdout.write(plain_row(_("hosts"), " ".join(one.hosts)) + "\n")
    sys.stdout.write(plain_row(_("who may enter"), _who(found.managed)) + "\n")
    sys.stdout.write(plain_row(_("public paths"), " ".join(one.public_paths)) + "\n")
    for entry in found.entries:
        last = (_("last entry"), entry.username, entry.at.isoformat(), entry.address, entry.client)
        sys.stdout.write(plain_row(*last) + "\n")


@application.command(help=N_("Create and change the applications of a TOML file."))
@click.argument("file", type=click.File("rb"))
@installation_options
def apply(installation: Installation, file: IO[bytes]) -> None:
    """Create and change the applications of a TOML file."""
    from watchword.cli.application_files import read
    from watchword.usecases.administrators.authorization import By
    from watchword.usecases.applications import applications

    wanted = read(file)
    with installation.opened() as app:
        outcomes = applications.apply(app, By(operator()), wanted)
    for name, outcome in outcomes:
        sentence = {
            "created": N_("Application %(name)s is created."),
            "changed": N_("Application %(name)s is changed."),
            "same": N_("Application %(name)s needs no change."),
        }[outcome]
        click.echo(_(sentence, name=name))


_everyone = click.option("--everyone", is_flag=True, help=N_("Every account."))
_groups = click.option("--group", "groups", multiple=True, metavar="GROUP",
                       help=N_("The accounts of a group; several are possible."))  # fmt: skip
_accounts = click.option("--account", "accounts", multiple=True, metavar="NAME",
                         help=N_("One account; several are possible."))  # fmt: skip


@application.command(help=N_("Admit accounts to an application."))
@click.argument("name")
@_everyone
@_groups
@_accounts
@installation_options
def grant(
    installation: Installation,
    name: str,
    everyone: bool,
    groups: tuple[str, ...],
    accounts: tuple[str, ...],
) -> None:
    """Admit accounts to an application."""
    from watchword.usecases.administrators.authorization import By
    from watchword.usecases.applications import applications

    more = _grants(everyone, groups, accounts)
    with installation.opened() as app:
        _show_who(applications.grant(app, By(operator()), name, more))


@application.command(help=N_("Withdraw what `watchword application grant` has granted."))
@click.argument("name")
@_everyone
@_groups
@_accounts
@installation_options
def revoke(
    installation: Installation,
    name: str,
    everyone: bool,
    groups: tuple[str, ...],
    accounts: tuple[str, ...],
) -> None:
    """Withdraw what `watchword application grant` has granted."""
    from watchword.usecases.administrators.authorization import By
    from watchword.usecases.applications import applications

    less = _grants(everyone, groups, accounts)
    with installation.opened() as app:
        _show_who(applications.revoke(app, By(operator()), name, less))


def _grants(everyone: bool, groups: tuple[str, ...], accounts: tuple[str, ...]) -> Grants:
    """Raises UsageError without any of the three."""
    from watchword.domain.roles import normal_groups
    from watchword.usecases.applications.applications import Grants

    if not (everyone or groups or accounts):
        raise click.UsageError(_("Name at least one of --everyone, --group and --account."))
    return Grants(everyone, frozenset(normal_groups(groups)), frozenset(accounts))


def _show_who(managed: Managed) -> None:
    name, who = managed.application.name, _who(managed)
    click.echo(_("%(name)s admits: %(who)s.", name=name, who=who))


@application.command(help=N_("Disable an application: it admits no account."))
@click.argument("name")
@_yes
@installation_options
def disable(installation: Installation, name: str, yes: bool) -> None:
    """Disable an application: it admits no account."""
    from watchword.usecases.administrators.authorization import By
    from watchword.usecases.applications import applications

    with installation.opened() as app:
        one = applications.by_name(app, operator(), name).managed.application
        sure(_("Disable the application %(name)s?", name=one.name), yes=yes)
        applications.set_enabled(app, By(operator()), name, is_enabled=False)
    click.echo(_("The application %(name)s is disabled.", name=one.name))


@application.command(help=N_("Enable a disabled application again."))
@click.argument("name")
@installation_options
def enable(installation: Installation, name: str) -> None:
    """Enable a disabled application again."""
    from watchword.usecases.administrators.authorization import By
    from watchword.usecases.applications import applications

    with installation.opened() as app:
        done = applications.set_enabled(app, By(operator()), name, is_enabled=True)
    click.echo(_("The application %(name)s is enabled.", name=done.application.name))


@application.command(help=N_("Delete an application with its grants and sessions."))
@click.argument("name")
@_yes
@installation_options
def delete(installation: Installation, name: str, yes: bool) -> None:
    """Delete an application with its grants and sessions."""
    from watchword.usecases.administrators.authorization import By
    from watchword.usecases.applications import applications

    with installation.opened() as app:
        one = applications.by_name(app, operator(), name).managed.application
        sure(_("Delete the application %(name)s? This cannot be undone.", name=one.name), yes=yes)
        applications.delete(app, By(operator()), name)
    click.echo(_("The application %(name)s is deleted.", name=one.name))
