"""`watchword serve` and `watchword first-run`."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import TYPE_CHECKING, Any

import click

from watchword.cli.place import Place, operator, place_options
from watchword.web.http.i18n import _

if TYPE_CHECKING:
    from watchword.config import Settings


@click.command(help=_("Serve the Management Console and the Management API."))
@place_options
@click.option("--console", metavar="HOST:PORT", help=_("Where the Management Console listens."))
@click.option("--api", metavar="HOST:PORT", help=_("Where the Management API listens."))
def serve(place: Place, console: str | None, api: str | None) -> None:
    """Serve the Management Console and the Management API."""
    given = {"console": console, "api": api}
    settings = place.settings({k: v for k, v in given.items() if v is not None}).settings
    _log_to_stderr(settings)
    from watchword.server import serve as run

    run(settings, _print)


def _print(line: str) -> None:
    # Flushed: whoever starts us through a pipe waits for the link and for "ready".
    print(line, flush=True)  # noqa: T201


# What these say at "info" is of use to nobody who runs a server.
_QUIET = ("alembic", "uvicorn", "asyncio")


class _WithoutMessages(logging.Formatter):
    """Of an exception the kinds and the places it came through, never its message, which may
    quote what somebody typed or what is stored.
    """

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        error: BaseException | None = ei[1]
        lines: list[str] = []
        while error is not None:
            frames = traceback.extract_tb(error.__traceback__)
            lines += [f"  {f.filename}:{f.lineno} in {f.name}" for f in frames]
            lines += [type(error).__name__]
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join(lines)


def _log_to_stderr(settings: Settings) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_WithoutMessages("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler], level=settings.log_level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


@click.command("first-run", help=_("Print a new first-run link, while no administrator exists."))
@place_options
def first_run(place: Place) -> None:
    """Print a new first-run link, while no administrator exists."""
    from watchword.config import address
    from watchword.domain.errors import FirstRunOver
    from watchword.server.hostnames import public_url
    from watchword.usecases.first_run import issue_link

    with place.opened() as app:
        token = issue_link(app, operator())
        if token is None:
            raise FirstRunOver
        console = public_url(address(app.settings.console), app.settings.console_url)
        click.echo(
            _("Create the first administrator within 60 minutes, by this link (an earlier one "
              "does not work any more):")
        )  # fmt: skip
        click.echo(f"{console}first-run/{token.reveal()}")
