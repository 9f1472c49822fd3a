"""The command `watchword`: its subcommands and exit codes.

Exit codes: 0 done, 1 refused (reason and hint on standard error), 2 usage error; `doctor` also
returns 2 for warnings. Large libraries are imported in the commands that need them, so `--help`
answers immediately.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from watchword import __version__, i18n
from watchword.cli import language, terminal
from watchword.cli.installation import Installation
from watchword.cli.messages import lines_of
from watchword.domain.errors import Refusal
from watchword.domain.operational_errors import PlaceUnusable
from watchword.i18n import N_, _

_MODULES: Final = {
    "administrator": "administrators",
    "api": "api",
    "api-password": "api_passwords",
    "application": "applications",
    "audit": "audit",
    "backup": "backups",
    "config": "configuration",
    "doctor": "doctor",
    "first-run": "serving",
    "gateway": "gateway",
    "health": "serving",
    "keys": "keys",
    "member": "members",
    "mfa": "mfa",
    "restore": "backups",
    "serve": "serving",
    "sessions": "sessions",
}
"""The modules of the commands."""


class _Commands(click.Group):
    """The commands, each imported when it is needed: a server needs none of the others."""

    def list_commands(self, _context: click.Context) -> list[str]:
        """Return the names in the order of the help."""
        return [*_MODULES]

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """Return a command; None for an unknown name."""
        if name not in _MODULES:
            return None
        module = importlib.import_module(f"watchword.cli.{_MODULES[name]}")
        command: click.Command = getattr(module, name.replace("-", "_"))
        return language.translated(command)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=N_("Management server with multi-factor authentication."),
)
@click.version_option(__version__, prog_name="watchword")
@click.option(
    "--data-dir", metavar="DIR", help=N_("Data folder; else $WATCHWORD_DATA_DIR, else ./data.")
)
@click.option(
    "--config", "config_file", metavar="FILE", type=click.Path(path_type=Path),
    help=N_("Settings file (TOML)."),
)  # fmt: skip
@click.pass_context
def watchword(context: click.Context, data_dir: str | None, config_file: Path | None) -> None:
    """Management server with multi-factor authentication."""
    context.obj = Installation(data_dir, config_file)


def run(arguments: Sequence[str]) -> int:
    """Run the command line in the language of the locale. Returns the exit code."""
    terminal.prepare()
    with i18n.using(i18n.of_environment(os.environ)):
        language.speak()
        return _run(list(arguments))


def _run(arguments: list[str]) -> int:
    stdout = sys.stdout
    try:
        # click returns the code of a command that ends with `context.exit`.
        command = language.translated(watchword)
        code = command.main(arguments, prog_name="watchword", standalone_mode=False)
        terminal.flush()
    except click.Abort:
        click.echo("", err=True)
        return 1
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except Refusal as refusal:
        return _refused(refusal)
    except OSError as error:
        if error.errno not in terminal.NO_ROOM or error.filename is not None:
            raise
        terminal.give_up_output()
        return _refused(PlaceUnusable.because_of(error, _("standard output")))
    except SystemExit:
        if sys.stdout is stdout:
            raise
        return 0  # EPIPE, reported by click: the reader has closed the pipe
    return code if isinstance(code, int) else 0


def _refused(refusal: Refusal) -> int:
    for line in lines_of(refusal):
        click.echo(line, err=True)
    return 1
