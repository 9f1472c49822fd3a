"""Passwords and passphrases from standard input or a terminal, decoded as UTF-8.

They are not decoded by the locale: with another locale the same keys would give another passphrase,
and a backup could not be decrypted.
"""

from __future__ import annotations

import os
import sys
import termios
from typing import Final

import click

from watchword.domain.secret import Secret
from watchword.i18n import _

MOST_BYTES: Final = 16 * 1024


def is_terminal() -> bool:
    """Return whether standard input is a terminal. It may also be closed."""
    return sys.stdin is not None and sys.stdin.isatty()


def from_stdin() -> Secret:
    """Return the only line of standard input, or the first of a terminal. Raises click.UsageError."""
    if sys.stdin is None:
        raise click.UsageError(_("Standard input is closed."))
    stream = sys.stdin.buffer
    try:
        read = stream.readline if is_terminal() else stream.read
        data = read(MOST_BYTES + 1) or b""
    except OSError as error:
        raise click.UsageError(
            _("Standard input cannot be read: %(reason)s.", reason=error.strerror)
        ) from None
    if len(data) > MOST_BYTES:
        raise click.UsageError(_("Standard input is too long for a password."))
    return _decoded(data)


def typed(prompt: str, again: str | None) -> Secret:
    """Ask without echo; twice if `again` is given. Raises click.Abort, click.UsageError."""
    while True:
        secret = _decoded(_hidden_line(prompt))
        if not secret.reveal():
            continue
        if again is None or _decoded(_hidden_line(again)) == secret:
            return secret
        click.echo(_("Error: The two entered values do not match."), err=True)


def _decoded(data: bytes) -> Secret:
    try:
        text = data.decode("utf-8-sig")  # without a byte order mark
    except UnicodeDecodeError:
        raise click.UsageError(_("The input is not UTF-8.")) from None
    line = text.removesuffix("\n").removesuffix("\r")
    if "\n" in line or "\r" in line:
        raise click.UsageError(_("Standard input has more than one line."))
    return Secret(line)


def _hidden_line(prompt: str) -> bytes:
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    hidden = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    line = b""
    try:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, hidden)
        click.echo(f"{prompt}: ", nl=False, err=True)
        while not line.endswith(b"\n"):
            more = os.read(terminal, 4096)
            if not more:
                raise click.Abort
            line += more
    finally:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, before)
        click.echo(err=True)
    return line
