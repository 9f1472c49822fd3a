"""The page about every setting, made from the settings themselves, so that it cannot be wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, get_args

import msgspec

from watchword.config import values
from watchword.config.settings import Settings
from watchword.config.sources import DEFAULT_DATA_DIR, FILE_NAME, PREFIX


@dataclass(frozen=True)
class Described:
    """One setting, in words: `kind` holds its bounds or its choices too."""

    name: str
    kind: str
    default: str
    environment: str
    text: str


def describe() -> Iterator[Described]:
    """Return every setting, in the order in which the class has them."""
    for field in msgspec.structs.fields(Settings):
        _, meta = get_args(field.type)
        default = DEFAULT_DATA_DIR if field.name == "data_dir" else field.default
        yield Described(
            name=field.name,
            kind=values.allowed(field.type),
            default=_written(default),
            environment=f"{PREFIX}{field.name.upper()}",
            text=str(meta.description),
        )


def _written(value: object) -> str:
    """As it stands in the file."""
    return str(value).lower() if isinstance(value, bool | int) else f'"{value}"'


def markdown() -> str:
    """Return the page docs/reference/settings.md."""
    return _BEFORE + "\n".join(_section(each) for each in describe())


def _section(each: Described) -> str:
    return (
        f"## {each.name}\n\n{each.text}\n\n"
        f"| | |\n|---|---|\n| value | {each.kind} |\n| default | `{each.default}` |\n"
        f"| environment | `{each.environment}` |\n"
    )


_BEFORE: Final = f"""# Settings

Made by `watchword config reference --markdown`; do not edit it.

Each setting has a default. The settings file wins over the defaults, the environment over the
file, and a flag of the command line over all. The file is TOML: `{FILE_NAME}` in the data
folder, or the one that `--config` or `WATCHWORD_CONFIG` names. A setting that nobody knows is an
error, told with its line.

True and false may be written as yes and no, on and off, 1 and 0; capitals do not matter, neither
there nor where a setting has a choice of words. An empty variable counts as not set, unless the
setting may be empty. The variables that Kubernetes adds for a Service whose name begins with
`watchword` (`WATCHWORD_SERVICE_HOST`, `WATCHWORD_PORT=tcp://...` and the like) are ignored.

For each variable of the environment there is one with `_FILE` at its end, which names a file
that holds the value: the way for what is secret, such as a database URL with a password.

`watchword config check` reads them all and tells the first mistake; `watchword config show`
tells each value and where it comes from. `log_level` and `log_format` change while the server
runs, at SIGHUP; every other one at the next start.

"""
