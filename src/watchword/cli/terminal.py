"""The terminal's manners: secrets are never arguments, destruction asks on a terminal only."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from watchword.domain.secret import Secret
from watchword.web.http.i18n import _

MOST_PASSWORD_CHARACTERS = 4096


def read_password(*, from_stdin: bool) -> Secret:
    """Return a new password: the first line of standard input, or typed twice on a terminal.

    Raises click.UsageError where there is neither.
    """
    if from_stdin:
        line = sys.stdin.readline(MOST_PASSWORD_CHARACTERS)
        return Secret(line.rstrip("\r\n"))
    if not sys.stdin.isatty():
        raise click.UsageError(
            _("Standard input is no terminal to ask on. Give the password on standard input, "
              "with --password-stdin.")
        )  # fmt: skip
    typed: str = click.prompt(
        _("New password"), hide_input=True, confirmation_prompt=_("Repeat new password"), err=True
    )
    return Secret(typed)


def sure(question: str, *, yes: bool) -> None:
    """Ask before something is destroyed: on a terminal only, and never with --yes."""
    if not yes and sys.stdin.isatty():
        click.confirm(question, abort=True, err=True)


def show_json(value: Any) -> None:
    """Print a value as JSON, for scripts."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
