"""Writes docs/reference/command-line.md: every command with its arguments and options.

    .venv/bin/python -m tools.command_line_reference

The texts come from the commands. A test fails while the page is out of date.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from watchword.cli.main import watchword

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "command-line.md"
HEAD = """\
# Command line

Every command works while the server runs, on the same data folder or database. The audit log
records each change with the interface `cli` and the name of the operating-system user.

- `--data-dir` defaults to `$WATCHWORD_DATA_DIR`, else to `./data`. `--data-dir` and `--config` may
  be given before or after the command. Settings: [settings.md](settings.md). Only `serve`,
  `administrator create` and `first-run` make a new installation.
- Secrets are never arguments. On a terminal the command asks for them. A script passes them on
  standard input, with `--password-stdin` or `--passphrase-stdin`: one line of UTF-8 in every
  locale. A final newline and a byte order mark at the beginning are ignored.
- Characters that the terminal's encoding lacks are escaped (`\\u0142`). Exports are always UTF-8.
- A destructive command asks for confirmation, only on a terminal and not with `--yes`.
- Exit codes: 0 done; 1 refused, with the reason on standard error; 2 usage error. `doctor` has its
  own exit codes ([doctor.md](../how-to/doctor.md)).
- The output of `--json` is stable; text for people may change.
- Long work (backup, restore, export, verification, key rotation, `doctor`) shows its progress and
  rate on standard error, only on a terminal.
"""
EVERYWHERE = {"--data-dir", "--config", "--help"}


def commands(
    command: click.Command, context: click.Context
) -> Iterator[tuple[click.Command, click.Context]]:
    """Yield each command that is not a group, in the order of the help."""
    if not isinstance(command, click.Group):
        yield command, context
        return
    for name in command.list_commands(context):
        child = command.get_command(context, name)
        assert child is not None
        yield from commands(child, click.Context(child, parent=context, info_name=name))


def option(parameter: click.Parameter, context: click.Context) -> str | None:
    """Return an option as a row; None for arguments and for the options of every command."""
    record = parameter.get_help_record(context)
    is_everywhere = EVERYWHERE.intersection(parameter.opts)
    if record is None or is_everywhere or isinstance(parameter, click.Argument):
        return None
    return "| `{}` | {} |".format(record[0].replace("|", "\\|"), record[1].replace("|", "\\|"))


def section(command: click.Command, context: click.Context) -> str:
    """Return a command, as Markdown."""
    arguments = [p.make_metavar(context) for p in command.params if isinstance(p, click.Argument)]
    found = [row for p in command.get_params(context) if (row := option(p, context))]
    called = " ".join([context.command_path, *(["[OPTIONS]"] if found else []), *arguments])
    rows = ["", "| option | |", "|---|---|", *found] if found else []
    heading = context.command_path.partition(" ")[2]
    return "\n".join(["", f"## {heading}", "", f"`{called}`", "", command.help or "", *rows, ""])


def page() -> str:
    """Return the page."""
    root = click.Context(watchword, info_name="watchword", max_content_width=200)
    return HEAD + "".join(section(*each) for each in commands(watchword, root))


if __name__ == "__main__":
    PAGE.write_text(page())
