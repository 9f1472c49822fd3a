"""The installation of a command, and the actor of its changes."""

from __future__ import annotations

import functools
import os
import pwd
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from msgspec import Struct
from msgspec.structs import replace

from watchword.i18n import _

if TYPE_CHECKING:
    from watchword.config import Loaded
    from watchword.domain.audit import Actor
    from watchword.usecases.context import Watchword

F = TypeVar("F", bound=Callable[..., Any])


class Installation(Struct, frozen=True):
    """The installation that --data-dir and --config name, before or after the command."""

    data_dir: str | None = None
    config_file: Path | None = None

    def settings(self, flags: Mapping[str, str] | None = None) -> Loaded:
        """Read the settings. Raises SettingsInvalid."""
        from watchword.config import load

        return load(data_dir=self.data_dir, file=self.config_file, environ=os.environ, flags=flags)

    @contextmanager
    def opened(self, *, may_make: bool = False) -> Iterator[Watchword]:
        """Open the installation, while a server may run. A new one is created only if `may_make`.

        Raises the refusals of bootstrap.open.
        """
        from watchword import bootstrap
        from watchword.cli import memory

        memory.keep_private()
        app = bootstrap.open(self.settings().settings, is_server=False, may_make=may_make)
        try:
            yield app
        finally:
            app.close()


def installation_options(function: F) -> F:
    """Add --data-dir and --config to a command. They override those before the command."""

    @functools.wraps(function)
    def with_installation(
        context: click.Context,
        /,
        *args: Any,
        data_dir: str | None,
        config_file: Path | None,
        **kwargs: Any,
    ) -> Any:
        installation: Installation = context.obj
        nearer = replace(
            installation,
            data_dir=data_dir or installation.data_dir,
            config_file=config_file or installation.config_file,
        )
        return function(nearer, *args, **kwargs)

    file = click.Path(path_type=Path)
    decorated: Any = click.pass_context(with_installation)
    decorated = click.option("--config", "config_file", metavar="FILE", type=file,
                             help=_("Settings file."))(decorated)  # fmt: skip
    decorated = click.option("--data-dir", metavar="DIR", help=_("Data folder."))(decorated)
    wrapped: F = decorated
    return wrapped


def operator() -> Actor:
    """Return the actor: the operating-system user, with the interface `cli`.

    The name comes from the user id, not from LOGNAME or USER: any user can set these, and su(1)
    does not change them.
    """
    from watchword.domain.audit import Actor, Interface

    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = f"uid {os.getuid()}"
    return Actor(Interface.CLI, name=name)
