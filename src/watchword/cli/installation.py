"""Which installation a command is about, and who gives it."""

from __future__ import annotations

import functools
import os
import pwd
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from watchword.i18n import _

if TYPE_CHECKING:
    from watchword.config import Loaded
    from watchword.domain.audit import Actor
    from watchword.usecases.context import Watchword

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Place:
    """The flags that say where: they may stand before or after the command."""

    data_dir: str | None = None
    config_file: Path | None = None

    def settings(self, flags: Mapping[str, str] | None = None) -> Loaded:
        """Read the settings. Raises SettingsInvalid."""
        from watchword.config import load

        return load(data_dir=self.data_dir, file=self.config_file, environ=os.environ, flags=flags)

    @contextmanager
    def opened(self, *, may_make: bool = False) -> Iterator[Watchword]:
        """Open the installation, beside a running server; a new one is made only when
        `may_make`. Raises Refusals of bootstrap.
        """
        from watchword import bootstrap
        from watchword.cli import memory

        memory.keep_private()
        app = bootstrap.open(self.settings().settings, is_server=False, may_make=may_make)
        try:
            yield app
        finally:
            app.close()


def place_options(function: F) -> F:
    """Let a command take --data-dir and --config itself; they win over those of the group."""

    @functools.wraps(function)
    def with_place(
        context: click.Context,
        /,
        *args: Any,
        data_dir: str | None,
        config_file: Path | None,
        **kwargs: Any,
    ) -> Any:
        place: Place = context.obj
        nearer = replace(
            place,
            data_dir=data_dir or place.data_dir,
            config_file=config_file or place.config_file,
        )
        return function(nearer, *args, **kwargs)

    file = click.Path(path_type=Path)
    decorated: Any = click.pass_context(with_place)
    decorated = click.option("--config", "config_file", metavar="FILE", type=file,
                             help=_("Settings file."))(decorated)  # fmt: skip
    decorated = click.option("--data-dir", metavar="DIR", help=_("Data folder."))(decorated)
    wrapped: F = decorated
    return wrapped


def operator() -> Actor:
    """Return the actor: the operating-system user, through the interface `cli`. Who that is the system
    says, not LOGNAME or USER: su(1) leaves them as they were, and anybody can set them.
    """
    from watchword.domain.audit import Actor, Interface

    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = f"uid {os.getuid()}"
    return Actor(Interface.CLI, name=name)
