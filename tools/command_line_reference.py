"""Writes docs/reference/command-line.md: every command with its arguments and options.

    .venv/bin/python -m tools.command_line_reference

Made of the commands themselves; a test fails while the page there is another one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from watchword.cli.main import watchword

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "command-line.md"
HEAD = """\
# Command line

Every command works while the server runs, on the same data folder or database, and is written
into the audit log with the interface `cli` and the name of the operating-system user.

- `--data-dir` is `$WATCHWORD_DATA_DIR` where it is not given, else `./data`. It may stand before or
  after the command, and so may `--config`. Settings: [settings.md](settings.md).
  A new installation is made by `serve`, `administrator create` and `first-run` alone.
- Secrets are never arguments. On a terminal they are asked for; a script gives them on standard
  input, with `--password-stdin` or `--passphrase-stdin`: one line of UTF-8 whatever the locale, with
  or without a newline at its end and a byte order mark at its beginning.
- Characters that the terminal's encoding lacks are escaped (`\\u0142`). Exports are always UTF-8.
- What destroys something asks first, on a terminal only; never with `--yes`.
- Exit codes: 0 done; 1 refused, with the reason on standard error; 2 mistyped. `doctor` has its
  own ([doctor.md](../how-to/doctor.md)).
- What `--json` prints stays as it is; text for people may change.
"""
EVERYWHERE = {"--data-dir", "--config", "--help"}


def commands(
    command: click.Command, context: click.Context
) -> Iterator[tuple[click.Command, click.Context]]:
    """Every command that does something, in the order of the help."""
    if not isinstance(command, click.Group):
        yield command, context
        return
    for name in command.list_commands(context):
        child = command.get_command(context, name)
        assert child is not None
        yield from commands(child, click.Context(child, parent=context, info_name=name))


def option(parameter: click.Parameter, context: click.Context) -> str | None:
    """One option as a row; None for an argument and for what every command has."""
    record = parameter.get_help_record(context)
    is_everywhere = EVERYWHERE.intersection(parameter.opts)
    if record is None or is_everywhere or isinstance(parameter, click.Argument):
        return None
    return "| `{}` | {} |".format(record[0].replace("|", "\\|"), record[1].replace("|", "\\|"))


def section(command: click.Command, context: click.Context) -> str:
    """One command, as Markdown."""
    arguments = [p.make_metavar(context) for p in command.params if isinstance(p, click.Argument)]
    found = [row for p in command.get_params(context) if (row := option(p, context))]
    called = " ".join([context.command_path, *(["[OPTIONS]"] if found else []), *arguments])
    rows = ["", "| option | |", "|---|---|", *found] if found else []
    heading = context.command_path.partition(" ")[2]
    return "\n".join(["", f"## {heading}", "", f"`{called}`", "", command.help or "", *rows, ""])


def page() -> str:
    """The whole page."""
    root = click.Context(watchword, info_name="watchword", max_content_width=200)
    return HEAD + "".join(section(*each) for each in commands(watchword, root))


if __name__ == "__main__":
    PAGE.write_text(page())
