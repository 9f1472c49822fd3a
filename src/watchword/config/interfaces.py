"""The interfaces that the server listens for, as the settings declare them.

A setting that `listener` describes is the listen address of an interface, and the setting NAME_url
is the public address of the interface NAME. The code for all interfaces iterates over
`interfaces`: listening, certificate names, checks of settings, health checks, printed addresses.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from watchword.config import values
from watchword.config.addresses import Address, address
from watchword.config.settings import Settings


class InterfaceSettings(Struct, frozen=True):
    """The settings of one interface."""

    name: str
    """Name of the setting of the listen address; names the interface in messages and checks too."""
    title: str
    listen: Address
    public_url: str
    """The address that clients use, when it is another one; else empty."""
    is_for_proxies: bool = False
    """Whether only trusted proxies connect to it."""

    @property
    def url_setting(self) -> str:
        """Return the name of the setting of the public address."""
        return url_setting(self.name)

    @property
    def public_host(self) -> str:
        """Return the host of the public address; empty where there is none."""
        return urlsplit(self.public_url).hostname or ""


def titles(settings: Settings | type[Settings] = Settings) -> Mapping[str, str]:
    """Return the titles of the interfaces by their names."""
    return _titles(settings if isinstance(settings, type) else type(settings))


@functools.cache
def _titles(settings: type[Settings]) -> Mapping[str, str]:
    found = ((f.name, values.interface_of(f.type)) for f in msgspec.structs.fields(settings))
    return MappingProxyType({name: title for name, title in found if title})


def url_setting(name: str) -> str:
    """Return the name of the setting of an interface's public address."""
    return f"{name}_url"


def interfaces(settings: Settings) -> tuple[InterfaceSettings, ...]:
    """Return the interfaces in the order of the settings, without those that are switched off by an
    empty address. Raises SettingsInvalid.
    """
    types = {field.name: field.type for field in msgspec.structs.fields(settings)}
    return tuple(
        InterfaceSettings(
            name=name,
            title=title,
            listen=address(getattr(settings, name)),
            public_url=getattr(settings, url_setting(name)),
            is_for_proxies=values.is_for_proxies(types[name]),
        )
        for name, title in titles(settings).items()
        if getattr(settings, name)
    )


def interface(settings: Settings, name: str) -> InterfaceSettings:
    """Return one interface by its name."""
    return next(each for each in interfaces(settings) if each.name == name)
