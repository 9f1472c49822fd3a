"""Input and output of commands: secrets, confirmation, JSON and rows."""

from __future__ import annotations

import codecs
import errno
import io
import json
import os
import sys
from collections.abc import Iterable
from typing import Any, Final

import click

from watchword.cli import secret_input
from watchword.domain.enrolment_code import written
from watchword.domain.secret import Secret
from watchword.i18n import _

NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""Errors of writing when the disk of standard output is full or broken."""


def flush() -> None:
    """Write buffered output while an error can still be reported. Raises OSError."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        give_up_output()  # the reader has closed the pipe


def give_up_output() -> None:
    """Discard further output. Without this, Python reports the error again when it exits."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def prepare() -> None:
    """Make the standard streams safe to use.

    A closed stream is replaced by /dev/null, so that no other file gets its number. Characters that
    the terminal cannot show are escaped.
    """
    for number, name in ((0, ""), (1, "stdout"), (2, "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number: this one
            if name:
                setattr(sys, name, open(number, "w", closefd=False))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def write_utf8() -> None:
    """Write standard output as UTF-8 in any locale, for exported files."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")


def read_password(*, from_stdin: bool) -> Secret:
    """Return a new password: the line on standard input, or typed twice on a terminal.

    Raises click.UsageError without either.
    """
    if from_stdin:
        return secret_input.from_stdin()
    _demand_terminal("--password-stdin")
    return secret_input.typed(_("New password"), _("Repeat new password"))


def read_passphrase(*, from_stdin: bool, is_new: bool) -> Secret:
    """Return the passphrase of a backup. A new one is typed twice. Raises click.UsageError."""
    if from_stdin:
        return secret_input.from_stdin()
    _demand_terminal("--passphrase-stdin")
    return secret_input.typed(_("Passphrase"), _("Repeat passphrase") if is_new else None)


def _demand_terminal(otherwise: str) -> None:
    if not secret_input.is_terminal():
        raise click.UsageError(
            _("Standard input is not a terminal. With %(option)s its line is read.",
              option=otherwise)
        )  # fmt: skip


def hand_over(code: Secret | None) -> None:
    """Print an enrolment code, if any. Only the code goes to standard output, for scripts."""
    if code is not None:
        click.echo(_("Give this enrolment code to its owner: the next login asks for it. It is valid "
                     "for three days and shown once:"), err=True)  # fmt: skip
        click.echo(written(code.reveal()))


def sure(question: str, *, yes: bool) -> None:
    """Ask before a destructive change, only on a terminal and not with --yes."""
    if yes or not secret_input.is_terminal():
        return
    try:
        click.confirm(question, abort=True, err=True)
    except UnicodeDecodeError:
        raise click.UsageError(_("The input is not UTF-8.")) from None


def show_json(value: Any) -> None:
    """Print a value as JSON, in ASCII where standard output is not UTF-8."""
    click.echo(_json(value))


def show_json_list(values: Iterable[Any]) -> None:
    """Print values as a JSON list, as `show_json` does. Only one is in memory."""
    separator = "["
    for value in values:
        lines = _json(value).splitlines()
        sys.stdout.write("\n  ".join([separator, *lines]))
        separator = ","
    sys.stdout.write("[]\n" if separator == "[" else "\n]\n")


def _json(value: Any) -> str:
    is_utf8 = codecs.lookup(getattr(sys.stdout, "encoding", None) or "ascii").name == "utf-8"
    return json.dumps(value, indent=2, ensure_ascii=not is_utf8)


def plain_row(*cells: object) -> str:
    """Return cells separated by tabs, without characters that control a terminal or change the
    direction of text.
    """
    return "\t".join("".join(c if c.isprintable() else "?" for c in str(cell)) for cell in cells)
