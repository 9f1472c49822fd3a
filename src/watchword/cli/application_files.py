"""The TOML files of `watchword application apply`: any number of tables `[[application]]`."""

from __future__ import annotations

from typing import IO

import click
import msgspec

from watchword.i18n import _
from watchword.usecases.applications.applications import Managed
from watchword.usecases.applications.descriptions import Described, managed_of


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    application: tuple[Described, ...]


def read(file: IO[bytes]) -> list[Managed]:
    """Return the applications of a file. Raises click.UsageError when it does not describe any."""
    try:
        found = msgspec.toml.decode(file.read(), type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise click.UsageError(
            _("%(file)s does not describe applications: %(error)s", file=file.name, error=error)
        ) from None
    return [managed_of(each) for each in found.application]
