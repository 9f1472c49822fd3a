"""`watchword backup` and `watchword restore`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchword.cli.installation import Place, operator, place_options
from watchword.cli.terminal import read_passphrase, sure
from watchword.i18n import _

if TYPE_CHECKING:
    from watchword.storage.restore_cleanup import Ended

_file = click.Path(path_type=Path, dir_okay=False)
_stdin = click.option(
    "--passphrase-stdin", is_flag=True, help=_("Read the passphrase from standard input.")
)


@click.command(
    help=_("Write database, keys and local CA to a new file, encrypted with a passphrase. The "
           "server may run meanwhile. Without the passphrase nobody can read the file, you "
           "included.")
)  # fmt: skip
@click.argument("file", type=_file)
@_stdin
@place_options
def backup(place: Place, file: Path, passphrase_stdin: bool) -> None:
    """Write database, keys and local CA to a new file, encrypted with a passphrase."""
    from watchword.usecases.operations import backup as backups

    backups.demand_sqlite(place.settings().settings)
    backups.demand_free(file)
    with place.opened() as app:
        passphrase = read_passphrase(from_stdin=passphrase_stdin, is_new=True)
        backups.create(app, operator(), file, passphrase)
    click.echo(_("The backup is written to %(file)s. Keep the passphrase in another place.",
                 file=file))  # fmt: skip


@click.command(
    help=_("Put a backup into the data folder. The server must not run. All sessions and "
           "recovery codes end, and no code that was used before works again.")
)  # fmt: skip
@click.argument("file", type=_file, required=False)
@_stdin
@click.option("--replace", is_flag=True,
              help=_("Replace what is there; the old database, keys and CA are kept aside."))  # fmt: skip
@click.option("--revoke-api-passwords", is_flag=True, help=_("End all API passwords too."))
@click.option(
    "--after-database-restore", is_flag=True,
    help=_("Without FILE: the database was restored by its own programs (pg_restore); end the "
           "sessions, recovery codes and used codes in it."),
)  # fmt: skip
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@place_options
def restore(
    place: Place,
    file: Path | None,
    passphrase_stdin: bool,
    replace: bool,
    revoke_api_passwords: bool,
    after_database_restore: bool,
    yes: bool,
) -> None:
    """Put a backup into the data folder, or end what a restored database holds open."""
    if after_database_restore == (file is not None):
        raise click.UsageError(_("Give either FILE or --after-database-restore."))
    if file is None:
        _finish(place, revoke_api_passwords=revoke_api_passwords, yes=yes)
        return
    from watchword import bootstrap
    from watchword.cli import memory
    from watchword.usecases.operations import restore as restoring

    settings = place.settings().settings
    wanted = restoring.Wanted(replace, revoke_api_passwords)
    restoring.demand_possible(settings, file, wanted)
    restoring.demand_unserved(settings)
    if replace:
        sure(_("Replace the database and keys in %(folder)s?", folder=settings.data_dir), yes=yes)
    memory.keep_private()
    passphrase = read_passphrase(from_stdin=passphrase_stdin, is_new=False)
    with bootstrap.data_folder_to_fill(settings.data_dir):
        done = restoring.from_backup(settings, operator(), file, passphrase, wanted, bootstrap.open)
    click.echo(_("The backup of %(at)s (Watchword %(version)s) is restored.",
                 at=f"{done.manifest.created_at:%Y-%m-%d %H:%M UTC}",
                 version=done.manifest.version))  # fmt: skip
    if done.aside is not None:
        click.echo(_("What was there before is kept in %(folder)s.", folder=done.aside))
    if not done.manifest.has_ca:
        click.echo(_("The backup holds no local certificate authority; where the folder has none, "
                     "a new one is made at the start, which has to be trusted anew."))  # fmt: skip
    _tell_what_is_next(done.ended)


def _finish(place: Place, *, revoke_api_passwords: bool, yes: bool) -> None:
    from watchword import bootstrap
    from watchword.cli import memory
    from watchword.usecases.operations.after_restore import end_what_was_open

    settings = place.settings().settings
    sure(_("End all sessions and recovery codes of this installation?"), yes=yes)
    memory.keep_private()
    # As a server opens it: the restored schema may be an older one.
    app = bootstrap.open(settings, may_make=False)
    try:
        ended = end_what_was_open(app, operator(), revoke_api_passwords=revoke_api_passwords)
    finally:
        app.close()
    _tell_what_is_next(ended)


def _tell_what_is_next(ended: Ended) -> None:
    click.echo(
        _("Ended: %(sessions)s sessions, %(codes)s recovery codes. What is next:",
          sessions=ended.sessions, codes=ended.recovery_codes)
    )  # fmt: skip
    for line in (
        _("Start the server: watchword serve"),
        _("Log in with a new code: those of the next one or two minutes are refused, wait for "
          "the one after."),
        _("Generate new recovery codes: console, Your MFA Settings, each administrator."),
        _("What was changed after the backup was made has to be done again: passwords, MFA, "
          "accounts that were disabled or deleted."),
    ):  # fmt: skip
        click.echo(f"  - {line}")
