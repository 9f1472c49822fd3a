"""Sources of the settings: built-in defaults < TOML file < `WATCHWORD_*` environment < flags.

An unknown setting or an invalid value is refused with its source. The file cannot contain
`data_dir`, because it may be in that folder.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from watchword.config import ownership, values
from watchword.config.addresses import address, is_origin
from watchword.config.interfaces import titles, url_setting
from watchword.config.proxies import demand_proxies
from watchword.config.settings import Settings
from watchword.domain.operational_errors import SettingsInvalid

PREFIX: Final = "WATCHWORD_"
FILE_NAME: Final = "watchword.toml"
DEFAULT_DATA_DIR: Final = "./data"
_NOT_SETTINGS: Final = frozenset({"WATCHWORD_CONFIG"})

_OF_A_SERVICE: Final = re.compile(
    r"""WATCHWORD(_[A-Z0-9_]+)? (
        _SERVICE_HOST=[0-9a-fA-F.:]+
      | _SERVICE_PORT(_[A-Z0-9_]+)?=[0-9]+
      | _PORT(_[0-9]+_(TCP|UDP|SCTP))?=(tcp|udp|sctp)://.*
      | _PORT_[0-9]+_(TCP|UDP|SCTP)_PROTO=(tcp|udp|sctp)
      | _PORT_[0-9]+_(TCP|UDP|SCTP)_PORT=[0-9]+
      | _PORT_[0-9]+_(TCP|UDP|SCTP)_ADDR=[0-9a-fA-F.:]+
    )""",
    re.VERBOSE,
)
"""The variables that Kubernetes adds to each container for a Service named watchword or
watchword-NAME.
"""


class Loaded(Struct, frozen=True):
    """The settings, and the source of each value."""

    settings: Settings
    origins: Mapping[str, str]
    files: tuple[Path, ...] = ()
    """The files outside the data folder that were read or that the settings name."""


_FIELDS: Final = {f.name: f for f in msgspec.structs.fields(Settings)}
_OPTIONAL: Final = {name for name in titles() if _FIELDS[name].default == ""}
"""The interfaces that an empty address switches off."""


def load(
    *,
    data_dir: str | None = None,
    file: Path | None = None,
    environ: Mapping[str, str],
    flags: Mapping[str, str] | None = None,
) -> Loaded:
    """Read the settings from all sources. Raises SettingsInvalid, OwnerForeign."""
    given: dict[str, Any] = {}
    origins = dict.fromkeys(_FIELDS, "built-in default")

    def take(source: Mapping[str, Any], origin: str) -> None:
        given.update(source)
        origins.update(dict.fromkeys(source, origin))

    from_environment = _from_environment(environ)
    folder = data_dir or {n: v for n, v, _ in from_environment}.get("data_dir", DEFAULT_DATA_DIR)
    if path := _file(file, environ, Path(folder)):
        take(_from_toml(path), f"file {path}")
    for name, value, origin in from_environment:
        take({name: value}, origin)
    for name, value in (flags or {}).items():
        take({name: value}, f"flag --{name.replace('_', '-')}")
    if data_dir:
        take({"data_dir": data_dir}, "flag --data-dir")
    given.setdefault("data_dir", DEFAULT_DATA_DIR)
    settings = _checked(given, origins)
    return Loaded(settings, origins, tuple(_named_files(settings, file, environ)))


def _named_files(
    settings: Settings, file: Path | None, environ: Mapping[str, str]
) -> Iterator[Path]:
    yield from (Path(p) for p in (settings.tls_certificate, settings.tls_key) if p)
    yield from (Path(p) for p in (file, environ.get("WATCHWORD_CONFIG")) if p)
    names = (key for key in sorted(environ) if key.startswith(PREFIX) and key.endswith("_FILE"))
    yield from (Path(environ[name]) for name in names)


def _file(file: Path | None, environ: Mapping[str, str], folder: Path) -> Path | None:
    """Return the settings file: the named one, else an existing one in the data folder."""
    if named := file or environ.get("WATCHWORD_CONFIG"):
        return Path(named)
    usual = folder / FILE_NAME
    try:
        ownership.demand(usual)
        return usual if usual.is_file() else None
    except OSError:
        return usual  # reading it reports the error


def _from_toml(path: Path) -> dict[str, Any]:
    text = _content(path, str(path))
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsInvalid(where=str(path), problem="not-toml", reason=str(error)) from error
    for name in content:
        if name not in _FIELDS or name == "data_dir":
            where = f"{path}, line {_line_of(name, text)}: {name}"
            _demand_known(name, where)
            raise SettingsInvalid(where=where, problem="not-in-file")
    return content


def _line_of(name: str, text: str) -> int:
    """Return the line on which a top-level name is first used. The parser does not report it.

    The name begins after the longest beginning of the file that is valid TOML without it.
    """
    lines = text.splitlines()
    before = 0
    for count in range(1, len(lines) + 1):
        try:
            if name in tomllib.loads("\n".join(lines[:count])):
                break
        except tomllib.TOMLDecodeError:
            continue  # inside a value of several lines
        before = count
    blank = [not line.strip() or line.lstrip().startswith("#") for line in lines[before:]]
    return before + blank.index(False) + 1


def _from_environment(environ: Mapping[str, str]) -> list[tuple[str, str, str]]:
    found = []
    for key, value in sorted(environ.items()):
        if not key.startswith(PREFIX) or key in _NOT_SETTINGS:
            continue
        if _OF_A_SERVICE.fullmatch(f"{key}={value}"):
            continue
        name, text = key.removeprefix(PREFIX).lower(), value
        if name not in _FIELDS and name.endswith("_file"):
            # Container platforms and systemd provide secrets as files.
            name = name.removesuffix("_file")
            _demand_known(name, key)
            text = _content(Path(value), key).strip()
        _demand_known(name, key)
        if not values.is_unset(_FIELDS[name], text):
            found.append((name, text, f"environment {key}"))
    return found


def _content(path: Path, where: str) -> str:
    try:
        return path.read_text("utf-8-sig")  # without a byte order mark
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise SettingsInvalid(where=where, problem="unreadable", reason=reason) from None


def _demand_known(name: str, where: str) -> None:
    if name not in _FIELDS:
        near = difflib.get_close_matches(name, _FIELDS, n=1)
        raise SettingsInvalid(where=where, problem="unknown", suggestion=near[0] if near else "")


def _checked(given: Mapping[str, Any], origins: Mapping[str, str]) -> Settings:
    checked: dict[str, Any] = {}
    for name, value in given.items():
        checked[name] = values.converted(_FIELDS[name].type, value, f"{name} ({origins[name]})")
    settings = Settings(**checked)
    _demand_addresses(settings, origins)
    demand_proxies(settings, origins)
    return settings


def _demand_addresses(settings: Settings, origins: Mapping[str, str]) -> None:
    for name in titles(settings):
        if getattr(settings, name) or name not in _OPTIONAL:
            address(getattr(settings, name), f"{name} ({origins[name]})")
        public = url_setting(name)
        url = getattr(settings, public)
        if url and not is_origin(url):
            raise SettingsInvalid(where=f"{public} ({origins[public]})", problem="not-an-origin")
    if bool(settings.tls_certificate) != bool(settings.tls_key):
        raise SettingsInvalid(where="tls_certificate, tls_key", problem="only-together")
