"""Time zones by their names, such as "Europe/Berlin".

The list is that of the package tzdata, so that it is the same on every machine. zoneinfo is
imported only when a time is shown in another zone than UTC: the command line does not need it.
"""

from __future__ import annotations

import functools
from datetime import UTC, tzinfo
from importlib import resources


@functools.cache
def names() -> frozenset[str]:
    """Return the names of all zones."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text("ascii").split())


def zone(name: str) -> tzinfo:
    """Return the zone of that name; UTC for an unknown or empty name."""
    if name in {"", "UTC"} or name not in names():
        return UTC
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)
