"""Settings: built-in defaults < TOML file < `WATCHWORD_*` environment < flags.

A setting that nobody knows, or a value nobody can use, is told with its place; nothing is
guessed. The one setting that is not in the file is where the file's folder is: `data_dir`.
"""

from __future__ import annotations

import difflib
import ipaddress
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from watchword.domain.errors import SettingsInvalid

PREFIX: Final = "WATCHWORD_"
FILE_NAME: Final = "watchword.toml"
DEFAULT_DATA_DIR: Final = "./data"
_NOT_SETTINGS: Final = frozenset({"WATCHWORD_CONFIG"})
_MOST_PORT: Final = 65535


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting, with its default and one line about it."""

    data_dir: Annotated[Path, Meta(description="Folder of the database, keys and certificates.")]
    database_url: Annotated[
        str, Meta(description="postgresql://... for PostgreSQL; empty: SQLite in the data folder.")
    ] = ""
    console: Annotated[str, Meta(description="HOST:PORT of the Management Console.")] = (
        "127.0.0.1:8470"
    )
    api: Annotated[str, Meta(description="HOST:PORT of the Management API.")] = "127.0.0.1:8474"
    console_url: Annotated[
        str, Meta(description="Public address of the console, when browsers use another one.")
    ] = ""
    api_url: Annotated[
        str, Meta(description="Public address of the API, when clients use another one.")
    ] = ""
    tls_certificate: Annotated[
        str, Meta(description="PEM file of an own certificate with its chain; empty: local CA.")
    ] = ""
    tls_key: Annotated[str, Meta(description="PEM file of the own certificate's key.")] = ""
    session_idle_minutes: Annotated[
        int, Meta(ge=5, le=60, description="Minutes without a request that end a session.")
    ] = 15
    session_hours: Annotated[
        int, Meta(ge=1, le=24, description="Hours after which every session ends.")
    ] = 8
    recent_proof_minutes: Annotated[
        int,
        Meta(
            ge=0,
            le=60,
            description="Minutes a login counts as a recent proof; 0: ask for each act.",
        ),
    ] = 10
    drift_window: Annotated[
        int, Meta(ge=0, le=2, description="TOTP steps accepted beside the current one.")
    ] = 1
    password_min_length: Annotated[
        int, Meta(ge=15, le=64, description="Fewest characters of a new password.")
    ] = 15
    api_manages_administrators: Annotated[
        bool, Meta(description="Whether the API may change other administrators.")
    ] = True
    log_level: Annotated[
        Literal["debug", "info", "warning"], Meta(description="How much is logged.")
    ] = "info"


@dataclass(frozen=True)
class Loaded:
    """The settings, and where each value came from."""

    settings: Settings
    origins: Mapping[str, str]


@dataclass(frozen=True)
class Address:
    """A listener's address."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def is_wildcard(self) -> bool:
        """Whether it listens on every address of the machine, however that is written."""
        return not self.host.strip("0.:")

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


_FIELDS: Final = {f.name: f for f in msgspec.structs.fields(Settings)}


def load(
    *,
    data_dir: str | None = None,
    file: Path | None = None,
    environ: Mapping[str, str],
    flags: Mapping[str, str] | None = None,
) -> Loaded:
    """Read the settings of all sources. Raises SettingsInvalid with place and problem."""
    values: dict[str, Any] = {}
    origins = dict.fromkeys(_FIELDS, "built-in default")

    def take(source: Mapping[str, Any], origin: str) -> None:
        values.update(source)
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
    values.setdefault("data_dir", DEFAULT_DATA_DIR)
    return Loaded(_checked(values, origins), origins)


def _file(file: Path | None, environ: Mapping[str, str], folder: Path) -> Path | None:
    """Return the settings file: the one named, else the one in the data folder if it is there."""
    if named := file or environ.get("WATCHWORD_CONFIG"):
        return Path(named)
    usual = folder / FILE_NAME
    try:
        return usual if usual.is_file() else None
    except PermissionError:
        return usual  # there is one or not: reading it tells that we may not look


def _from_toml(path: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(_content(path, str(path)))
    except tomllib.TOMLDecodeError as error:
        raise SettingsInvalid(where=str(path), problem="not-toml", reason=str(error)) from error
    for name in content:
        _demand_known(name, f"{path}: {name}")
    if "data_dir" in content:
        # The file may stand in the data folder; it cannot say where that is.
        raise SettingsInvalid(where=f"{path}: data_dir", problem="not-in-file")
    return content


def _from_environment(environ: Mapping[str, str]) -> list[tuple[str, str, str]]:
    found = []
    for key, value in sorted(environ.items()):
        if not key.startswith(PREFIX) or key in _NOT_SETTINGS:
            continue
        name, text = key.removeprefix(PREFIX).lower(), value
        if name not in _FIELDS and name.endswith("_file"):
            # As container platforms and systemd hand over secrets: the value is in a file.
            name = name.removesuffix("_file")
            _demand_known(name, key)
            text = _content(Path(value), key).strip()
        _demand_known(name, key)
        if text or name != "data_dir":  # an empty one would be the working directory
            found.append((name, text, f"environment {key}"))
    return found


def _content(path: Path, where: str) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise SettingsInvalid(where=where, problem="unreadable", reason=reason) from None


def _demand_known(name: str, where: str) -> None:
    if name not in _FIELDS:
        near = difflib.get_close_matches(name, _FIELDS, n=1)
        raise SettingsInvalid(where=where, problem="unknown", suggestion=near[0] if near else "")


def _checked(values: Mapping[str, Any], origins: Mapping[str, str]) -> Settings:
    checked: dict[str, Any] = {}
    for name, value in values.items():
        is_text = isinstance(value, str)
        try:
            # Environment and flags bring text for numbers; a file must bring numbers.
            checked[name] = msgspec.convert(
                value, _FIELDS[name].type, strict=not is_text, dec_hook=lambda t, v: t(v)
            )
        except msgspec.ValidationError as error:
            raise SettingsInvalid(
                where=f"{name} ({origins[name]})", problem="unusable", reason=str(error)
            ) from None
    settings = Settings(**checked)
    _demand_addresses(settings, origins)
    return settings


def _demand_addresses(settings: Settings, origins: Mapping[str, str]) -> None:
    for name in ("console", "api"):
        address(getattr(settings, name), f"{name} ({origins[name]})")
    for name in ("console_url", "api_url"):
        url = getattr(settings, name)
        if url and not _is_origin(url):
            raise SettingsInvalid(where=f"{name} ({origins[name]})", problem="not-an-origin")
    if bool(settings.tls_certificate) != bool(settings.tls_key):
        raise SettingsInvalid(where="tls_certificate, tls_key", problem="only-together")


def _is_origin(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    beyond = parts.query or parts.fragment or "@" in parts.netloc or parts.path not in {"", "/"}
    return parts.scheme == "https" and _is_host(host) and port != 0 and not beyond


def _is_host(text: str) -> bool:
    """Names of other alphabets are written as browsers send them (xn--...)."""
    return text.isascii() and text.isprintable() and " " not in text and text.strip(".") != ""


def address(text: str, where: str = "address") -> Address:
    """Return host and port of "HOST:PORT", "[IPV6]:PORT". Raises SettingsInvalid."""
    host, _, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        host = ""  # an IPv6 address without its brackets
    is_number = port.isascii() and port.isdecimal() and len(port) <= len(str(_MOST_PORT))
    if not _is_host(host) or not is_number or int(port) > _MOST_PORT:
        raise SettingsInvalid(where=where, problem="not-an-address")
    return Address(host, int(port))
