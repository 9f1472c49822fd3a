"""`watchword serve`, `watchword health` and `watchword first-run`."""

from __future__ import annotations

import gc
import logging

import click

from watchword.cli.installation import Installation, installation_options, operator
from watchword.cli.terminal import give_up_output
from watchword.i18n import N_, _

log = logging.getLogger("watchword.server")

_ELSEWHERE = N_(
    "  Hint: no `watchword serve` runs on this data folder on this host. Start it. For a server in "
    "another container or on another host set WATCHWORD_CONSOLE and WATCHWORD_API to its addresses."
)


class _Serve(click.Command):
    """A command with an option for the listen address of each interface."""

    def get_params(self, context: click.Context) -> list[click.Parameter]:
        """Return the options. They are read from the settings here, so that `watchword --help`
        does not load them.
        """
        from watchword.config import titles

        listeners = [
            click.Option([f"--{name}"], metavar="HOST:PORT",
                         help=_("Where the %(title)s listens.", title=_(title)))
            for name, title in titles().items()
        ]  # fmt: skip
        *own, help_option = super().get_params(context)
        return [*own, *listeners, help_option]


@click.command(cls=_Serve, help=N_("Serve the Management Console and the Management API."))
@installation_options
@click.option("--workers", metavar="N", help=N_("Processes that answer requests (1)."))
def serve(installation: Installation, **given: str | None) -> None:
    """Serve the Management Console and the Management API."""
    gc.disable()  # until the server is ready: nothing that starting makes is garbage
    from watchword.cli import memory
    from watchword.server import logs, signals

    signals.end_cleanly()
    memory.keep_private()
    flags = {name: value for name, value in given.items() if value is not None}
    loaded = installation.settings(flags)
    settings = loaded.settings
    logs.set_up(settings)
    with signals.early_exit_logged():
        from watchword import bootstrap
        from watchword.server.serve import serve as run

        bootstrap.report_owners(settings.data_dir, loaded.files)
        run(settings, _print, reread=lambda: installation.settings(flags).settings)


def _print(line: str) -> None:
    # Flushed: a program that starts the server through a pipe waits for the link and for "ready".
    # A closed pipe or a full disk must not stop the server.
    try:
        print(line, flush=True)  # noqa: T201
    except OSError as error:
        give_up_output()
        log.warning("standard output is lost (%s), with the lines printed there", error.strerror)


@click.command(
    help=N_("Check whether the running server answers. Exit codes: 0 it answers, 1 it does not. For "
           "a container's health check.")
)  # fmt: skip
@installation_options
@click.pass_context
def health(context: click.Context, installation: Installation) -> None:
    """Check whether the running server answers."""
    from watchword.server import running
    from watchword.server.health import answers

    settings = running.current(installation.settings().settings)
    if answers(settings):
        click.echo(_("The server answers at %(address)s.", address=settings.api))
        return
    click.echo(_("No server answers at %(address)s.", address=settings.api), err=True)
    click.echo(_(_ELSEWHERE), err=True)
    context.exit(1)


@click.command("first-run", help=N_("Print a new first-run link, while no administrator exists."))
@installation_options
def first_run(installation: Installation) -> None:
    """Print a new first-run link, while no administrator exists."""
    from watchword.config import interface, is_plain
    from watchword.domain.errors import FirstRunOver
    from watchword.server import running
    from watchword.server.health import answers
    from watchword.server.hostnames import public_url
    from watchword.usecases.administrators.first_run import issue_link

    with installation.opened(may_make=True) as app:
        token = issue_link(app, operator())
        if token is None:
            raise FirstRunOver
        settings = running.current(app.settings)
        scheme = "http" if is_plain(settings) else "https"
        console = interface(settings, "console")
        url = public_url(console.listen, console.public_url, scheme)
        click.echo(
            _("Create the first administrator within 60 minutes, by this link (earlier links no "
              "longer work):")
        )  # fmt: skip
        click.echo(f"{url}first-run/{token.reveal()}")
        if not answers(settings):
            click.echo(_(_ELSEWHERE), err=True)
