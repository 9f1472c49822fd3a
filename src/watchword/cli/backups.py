"""`watchword backup` and `watchword restore`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchword.cli import progress
from watchword.cli.installation import Installation, installation_options, operator
from watchword.cli.terminal import read_passphrase, sure
from watchword.i18n import N_, _

if TYPE_CHECKING:
    from watchword.storage.restore_cleanup import Ended

_file = click.Path(path_type=Path, dir_okay=False)
_stdin = click.option(
    "--passphrase-stdin", is_flag=True, help=N_("Read the passphrase from standard input.")
)


@click.command(
    help=N_("Write database, keys and local CA to a new file, encrypted with a passphrase. The "
           "server may keep running. Without the passphrase the file cannot be read.")
)  # fmt: skip
@click.argument("file", type=_file)
@_stdin
@installation_options
def backup(installation: Installation, file: Path, passphrase_stdin: bool) -> None:
    """Write database, keys and local CA to a new file, encrypted with a passphrase."""
    from watchword.usecases.operations import backup as backups

    backups.demand_sqlite(installation.settings().settings)
    backups.demand_free(file)
    with installation.opened() as app:
        passphrase = read_passphrase(from_stdin=passphrase_stdin, is_new=True)
        with progress.shown(progress.copied) as show:
            backups.create(app, operator(), file, passphrase, progress=show)
    click.echo(_("The backup is written to %(file)s. Keep the passphrase in another place.",
                 file=file))  # fmt: skip


@click.command(
    help=N_("Restore a backup into the data folder. The server must not run. All sessions and "
           "recovery codes end, and codes that were used before stay used.")
)  # fmt: skip
@click.argument("file", type=_file, required=False)
@_stdin
@click.option("--replace", is_flag=True,
              help=N_("Replace existing data; the old database, keys and CA are kept in another folder."))  # fmt: skip
@click.option("--revoke-api-passwords", is_flag=True, help=N_("Revoke all API passwords too."))
@click.option(
    "--after-database-restore", is_flag=True,
    help=N_("Without FILE: the database was restored with pg_restore; end the sessions and recovery "
           "codes in it, and mark codes as used."),
)  # fmt: skip
@click.option("--yes", is_flag=True, help=N_("Do not ask."))
@installation_options
def restore(
    installation: Installation,
    file: Path | None,
    passphrase_stdin: bool,
    replace: bool,
    revoke_api_passwords: bool,
    after_database_restore: bool,
    yes: bool,
) -> None:
    """Restore a backup, or end the sessions and codes in a restored database."""
    if after_database_restore == (file is not None):
        raise click.UsageError(_("Give either FILE or --after-database-restore."))
    if file is None:
        _finish(installation, revoke_api_passwords=revoke_api_passwords, yes=yes)
        return
    from watchword import bootstrap
    from watchword.cli import memory
    from watchword.usecases.operations import restore as restoring

    settings = installation.settings().settings
    wanted = restoring.Wanted(replace, revoke_api_passwords)
    restoring.demand_possible(settings, file, wanted)
    restoring.demand_unserved(settings)
    if replace:
        sure(_("Replace the database and keys in %(folder)s?", folder=settings.data_dir), yes=yes)
    memory.keep_private()
    passphrase = read_passphrase(from_stdin=passphrase_stdin, is_new=False)
    with (
        bootstrap.data_folder_to_fill(settings.data_dir),
        progress.shown(progress.copied) as show,
    ):
        done = restoring.from_backup(
            settings, operator(), file, passphrase, wanted, bootstrap.open, show
        )
    click.echo(_("The backup of %(at)s (Watchword %(version)s) is restored.",
                 at=f"{done.manifest.created_at:%Y-%m-%d %H:%M UTC}",
                 version=done.manifest.version))  # fmt: skip
    if done.aside is not None:
        click.echo(_("The old data is kept in %(folder)s.", folder=done.aside))
    if not done.manifest.has_ca:
        click.echo(_("The backup contains no local certificate authority. Where the folder has none, "
                     "the server makes a new one, which every client has to trust."))  # fmt: skip
    _print_next_steps(done.ended)


def _finish(installation: Installation, *, revoke_api_passwords: bool, yes: bool) -> None:
    from watchword import bootstrap
    from watchword.cli import memory
    from watchword.usecases.operations.after_restore import end_what_was_open

    settings = installation.settings().settings
    sure(_("End all sessions and recovery codes of this installation?"), yes=yes)
    memory.keep_private()
    # Opened as by a server, which upgrades the schema: the restored one may be older.
    app = bootstrap.open(settings, may_make=False)
    try:
        ended = end_what_was_open(app, operator(), revoke_api_passwords=revoke_api_passwords)
    finally:
        app.close()
    _print_next_steps(ended)


def _print_next_steps(ended: Ended) -> None:
    click.echo(
        _("Ended: %(sessions)s sessions, %(codes)s recovery codes. Next steps:",
          sessions=ended.sessions, codes=ended.recovery_codes)
    )  # fmt: skip
    for line in (
        _("Start the server: watchword serve"),
        _("Log in with a new code. Codes of the next one or two minutes are refused: wait for a "
          "later one."),
        _("Generate new recovery codes: console, Your MFA Settings, each administrator."),
        _("Repeat the changes that were made after the backup: passwords, MFA, accounts that were "
          "disabled or deleted."),
    ):  # fmt: skip
        click.echo(f"  - {line}")
