"""The language of the command line: help texts, and the sentences of click.

Decorators mark help texts with N_ when the modules are imported. They are translated here, in a
copy of the commands.
"""

from __future__ import annotations

import copy
import gettext

import click

from watchword import i18n
from watchword.i18n import _


def speak() -> None:
    """Let click translate its own sentences, which are in the same catalogue. English has none."""
    gettext.bindtextdomain(i18n.DOMAIN, str(i18n.LOCALE))
    gettext.textdomain(i18n.DOMAIN if i18n.current() != i18n.SOURCE else "messages")


def translated(command: click.Command) -> click.Command:
    """Return a command, with its options and subcommands, with translated help texts."""
    found = copy.copy(command)
    found.help = _(command.help) if command.help else command.help
    found.params = [_with_help(each) for each in command.params]
    if isinstance(found, click.Group):
        found.commands = {name: translated(each) for name, each in found.commands.items()}
    return found


def _with_help(parameter: click.Parameter) -> click.Parameter:
    if not isinstance(parameter, click.Option) or not parameter.help:
        return parameter
    found = copy.copy(parameter)
    found.help = _(parameter.help)
    return found
