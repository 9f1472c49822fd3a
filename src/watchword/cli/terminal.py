"""The terminal's manners: secrets are never arguments, destruction asks on a terminal only."""

from __future__ import annotations

import errno
import json
import os
import sys
from typing import Any, Final

import click

from watchword.domain.enrolment_code import written
from watchword.domain.secret import Secret
from watchword.web.http.i18n import _

MOST_PASSWORD_CHARACTERS = 4096


NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""What writing says when the disk behind standard output is full, or broken."""


def flush() -> None:
    """Write what is left, while there is somebody to tell that it failed. Raises OSError."""
    try:
        if sys.stdout is not None:  # it was closed before we came
            sys.stdout.flush()
    except BrokenPipeError:
        give_up_output()  # whoever read it has had enough


def give_up_output() -> None:
    """Send what is still to be written nowhere: Python would complain of it at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def read_password(*, from_stdin: bool) -> Secret:
    """Return a new password: the first line of standard input, or typed twice on a terminal.

    Raises click.UsageError where there is neither.
    """
    if from_stdin:
        return _first_line()
    _demand_terminal("--password-stdin")
    return _typed(_("New password"), _("Repeat new password"))


def read_passphrase(*, from_stdin: bool, is_new: bool) -> Secret:
    """Return a backup's passphrase; a new one is typed twice. Raises click.UsageError."""
    if from_stdin:
        return _first_line()
    _demand_terminal("--passphrase-stdin")
    return _typed(_("Passphrase"), _("Repeat passphrase") if is_new else None)


def _first_line() -> Secret:
    try:
        line = sys.stdin.readline(MOST_PASSWORD_CHARACTERS)
    except UnicodeDecodeError:
        raise click.UsageError(_("Standard input is not UTF-8.")) from None
    return Secret(line.rstrip("\r\n"))


def _demand_terminal(otherwise: str) -> None:
    if not sys.stdin.isatty():
        raise click.UsageError(
            _("Standard input is no terminal to ask on. With %(option)s its first line is the "
              "answer.", option=otherwise)
        )  # fmt: skip


def _typed(prompt: str, again: str | None) -> Secret:
    typed: str = click.prompt(prompt, hide_input=True, confirmation_prompt=again or False, err=True)
    return Secret(typed)


def hand_over(code: Secret | None) -> None:
    """Print an enrolment code, when there is one: alone on standard output, for scripts."""
    if code is not None:
        click.echo(_("Hand this enrolment code over; the next login asks for it. It is good for "
                     "three days and shown once:"), err=True)  # fmt: skip
        click.echo(written(code.reveal()))


def sure(question: str, *, yes: bool) -> None:
    """Ask before something is destroyed: on a terminal only, and never with --yes."""
    if not yes and sys.stdin.isatty():
        click.confirm(question, abort=True, err=True)


def show_json(value: Any) -> None:
    """Print a value as JSON, for scripts."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def plain_row(*cells: object) -> str:
    """Return cells with tabs between them, without what a terminal obeys: control characters and
    those that turn the direction of text.
    """
    return "\t".join("".join(c if c.isprintable() else "?" for c in str(cell)) for cell in cells)
