"""`watchword keys`: list, rotate and retire the encryption keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from watchword.cli import progress
from watchword.cli.installation import Installation, installation_options, operator
from watchword.cli.terminal import show_json, sure
from watchword.i18n import N_, _

if TYPE_CHECKING:
    from watchword.storage.key_usage import Holder
    from watchword.usecases.context import Watchword
    from watchword.usecases.operations.key_rotation import Rotation

_yes = click.option("--yes", is_flag=True, help=N_("Do not ask."))
_MOST_NAMES = 20


@click.group(help=N_("The keys that secrets are encrypted with: list, rotate, retire."))
def keys() -> None:
    """The keys that secrets are encrypted with: list, rotate, retire."""


@keys.command(
    "list", help=N_("List the keys, oldest first, with the number of values that depend on each.")
)
@click.option("--json", "as_json", is_flag=True, help=N_("Print JSON, for scripts."))
@installation_options
def list_(installation: Installation, as_json: bool) -> None:
    """List the keys, oldest first, with the number of values that depend on each."""
    from watchword.usecases.operations import key_rotation as use

    with installation.opened() as app:
        found = use.states(app, operator())
    rows = [
        {
            "id": key.id,
            "state": key.state,
            "sealed": key.sealed,
            "passwords": sum(h.has_password for h in key.holders),
            "recovery_codes": sum(h.recovery_codes for h in key.holders),
            "api_passwords": sum(h.has_api_password or h.has_old_api_password for h in key.holders),
        }
        for key in found
    ]
    if as_json:
        show_json(rows)
        return
    click.echo(_("id\tstate\tencrypted\tpasswords\trecovery codes\tAPI passwords"))
    for row in rows:
        click.echo("\t".join(str(value) for value in row.values()))


@keys.command(
    help=N_("Make a new key and encrypt all values with it. The server may keep running. The same "
           "command completes an interrupted run.")
)  # fmt: skip
@click.option(
    "--prepare", is_flag=True,
    help=N_("Only add the new key; --activate puts it into use. For several nodes."),
)  # fmt: skip
@click.option(
    "--activate", is_flag=True,
    help=N_("Put the prepared key into use and encrypt all values with it; makes no new key."),
)  # fmt: skip
@_yes
@installation_options
def rotate(installation: Installation, prepare: bool, activate: bool, yes: bool) -> None:
    """Make a new key and encrypt all values with it."""
    from watchword.usecases.operations import key_rotation as use

    if prepare and activate:
        raise click.UsageError(
            _("--prepare and --activate are two steps. Copy the keyring between them.")
        )
    with installation.opened() as app:
        if prepare:
            _prepare(app)
            return
        _ask_about_nodes(app, activate=activate, yes=yes)
        with progress.shown(progress.encrypted) as show:
            result = use.rotate(app, operator(), show, may_publish=not activate)
        _print_result(app, result)
        _print_next_step_of_nodes(app)


def _prepare(app: Watchword) -> None:
    from watchword.crypto.keyring import path_in
    from watchword.usecases.operations import key_rotation as use

    key_id = use.prepare(app, operator())
    click.echo(_("Key %(id)s is prepared and not in use yet.", id=key_id))
    click.echo(
        _("Copy %(path)s to every other node, then run `watchword keys rotate --activate` here.",
          path=path_in(app.settings.data_dir)), err=True,
    )  # fmt: skip


def _print_next_step_of_nodes(app: Watchword) -> None:
    from watchword.crypto.keyring import path_in

    if app.database.is_sqlite:
        return
    click.echo(
        _("With several nodes: copy %(path)s to every other node once more, then run `watchword "
          "keys rotate --activate` here again: it encrypts the values that they stored meanwhile.",
          path=path_in(app.settings.data_dir)), err=True,
    )  # fmt: skip


def _ask_about_nodes(app: Watchword, *, activate: bool, yes: bool) -> None:
    """Ask on PostgreSQL, where other nodes may not have the new key yet."""
    if app.database.is_sqlite:
        return
    if activate:
        question = _("Does every other node have this keyring? A node without it cannot read values "
                     "that are encrypted from now on.")  # fmt: skip
    else:
        question = _("Is this the only node? With several, use --prepare first: other nodes cannot "
                     "read values that are encrypted from now on.")  # fmt: skip
    sure(question, yes=yes)


def _print_result(app: Watchword, result: Rotation) -> None:
    from watchword.domain.operational_errors import CannotDecrypt
    from watchword.usecases.operations import key_rotation as use

    for row in result.broken:
        name = use.name_of(app, row)
        click.echo(_("%(table)s.%(column)s of row %(key)s cannot be decrypted with any key.",
                     table=row.table, column=row.column, key=row.key), err=True)  # fmt: skip
        if name:
            click.echo(_("  It is the MFA secret of %(name)s: `watchword mfa reset %(name)s` "
                         "makes a new one.", name=name), err=True)  # fmt: skip
    if result.broken:
        raise CannotDecrypt(place=f"{result.broken[0].table}.{result.broken[0].column}")
    click.echo(_("Key %(id)s is in use. Values encrypted with it: %(count)s.", id=result.key_id,
                 count=result.sealed_anew))  # fmt: skip
    counts = ", ".join(f"{table} {count}" for table, count in result.proved.items())
    if result.late:
        click.echo(_("%(count)s values were encrypted with the old key meanwhile, by a node that "
                     "still uses it.", count=result.late))  # fmt: skip
    else:
        click.echo(_("All values can be decrypted with it: %(counts)s.", counts=counts))
    click.echo(_("The old key is kept until `watchword keys retire`."))


@keys.command(help=N_("Delete the old keys when no value depends on them."))
@click.option(
    "--force", is_flag=True,
    help=N_("Delete them although passwords, recovery codes or API passwords stop working."),
)  # fmt: skip
@_yes
@installation_options
def retire(installation: Installation, force: bool, yes: bool) -> None:
    """Delete the old keys when no value depends on them."""
    from watchword.usecases.operations import key_retirement as use

    with installation.opened() as app:
        holders = use.holders_of_old(app, operator())
        _print_holders(holders)
        if holders and force:
            sure(_("End these credentials?"), yes=yes)
        ids = use.retire(app, operator(), force=force)
    if not ids:
        click.echo(_("There is no old key."))
        return
    click.echo(_("Retired: %(ids)s.", ids=", ".join(ids)))
    click.echo(_("Older backups need their own keyring. Copy the new keyring to every node."))


def _print_holders(holders: list[Holder]) -> None:
    """Print the credentials that depend on the old keys, and how each is renewed."""
    passwords = [h.username for h in holders if h.has_password]
    recovery = [h.username for h in holders if h.recovery_codes]
    api = [h.username for h in holders if h.has_api_password or h.has_old_api_password]
    enrolment = [h.username for h in holders if h.has_enrolment_code]
    if passwords:
        _err(_("Passwords: %(names)s. The next console login renews them, or `watchword "
               "administrator set-password`.", names=_listed(passwords)))  # fmt: skip
    if recovery:
        _err(_("Recovery codes: %(names)s. \"Generate New Recovery Codes\" on Your MFA Settings "
               "makes new ones.", names=_listed(recovery)))  # fmt: skip
    if api:
        _err(_("API passwords: %(names)s. \"Generate New API Password\" or `watchword "
               "api-password generate` makes a new one.", names=_listed(api)))  # fmt: skip
    if enrolment:
        _err(_("Enrolment codes: %(names)s. Each is valid for three days; `watchword mfa disable` "
               "and `watchword mfa enable` make a new one.", names=_listed(enrolment)))  # fmt: skip


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMES])
    more = len(names) - _MOST_NAMES
    return _("%(names)s and %(more)s more", names=shown, more=more) if more > 0 else shown


def _err(line: str) -> None:
    click.echo(line, err=True)
