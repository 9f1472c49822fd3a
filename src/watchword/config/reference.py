"""The reference of the settings (docs/reference/settings.md), generated from their declaration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, get_args

import msgspec
from msgspec import Struct

from watchword import i18n
from watchword.config import values
from watchword.config.settings import Settings
from watchword.config.sources import DEFAULT_DATA_DIR, FILE_NAME, PREFIX
from watchword.i18n import _


class Described(Struct, frozen=True):
    """Description of one setting. `kind` includes its bounds or choices."""

    name: str
    kind: str
    default: str
    environment: str
    text: str


def describe() -> Iterator[Described]:
    """Return the settings in the order of their declaration, in the current language."""
    for field in msgspec.structs.fields(Settings):
        meta = get_args(field.type)[1]
        title, text = values.interface_of(field.type), _(meta.description)
        if meta.description == f"HOST:PORT of the {title}.":
            text = _("HOST:PORT of the %(title)s.", title=_(title))
        default = DEFAULT_DATA_DIR if field.name == "data_dir" else field.default
        yield Described(
            name=field.name,
            kind=values.allowed(field.type),
            default=_written(default),
            environment=f"{PREFIX}{field.name.upper()}",
            text=text,
        )


def _written(value: object) -> str:
    """Return a value as it is written in the file."""
    return str(value).lower() if isinstance(value, bool | int) else f'"{value}"'


def markdown() -> str:
    """Return the page docs/reference/settings.md, which is English."""
    with i18n.using(i18n.SOURCE):
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
folder, or the one that `--config` or `WATCHWORD_CONFIG` names. An unknown setting is an error, which
names its line.

True and false may be written as yes and no, on and off, 1 and 0. Upper and lower case are the same
there, and where a setting has a choice of words. An empty variable counts as not set, unless the
setting may be empty. The variables that Kubernetes adds for a Service whose name begins with
`watchword` (`WATCHWORD_SERVICE_HOST`, `WATCHWORD_PORT=tcp://...` and the like) are ignored.

For each variable of the environment there is one with `_FILE` at its end, which names a file that
contains the value. Use it for secret values, such as a database URL with a password.

`watchword config check` reads all settings and reports the first error. `watchword config show`
shows each value and its source. `log_level` and `log_format` take effect at SIGHUP while the server
runs, all others at its next start.

"""
