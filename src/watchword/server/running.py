"""Where the server of a data folder listens, for the commands next to it.

`serve` may have been given other addresses than the settings of a command say. So it writes its own
into the data folder and holds a lock on that file (flock(2)), which ends with the process: a file
that is not locked was left behind by a server that was killed.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from watchword.config import Address, Settings, ownership, titles
from watchword.config.interfaces import url_setting

log = logging.getLogger("watchword.server")

FILE: Final = "addresses.json"


def _recorded(settings: Settings) -> type[msgspec.Struct]:
    """Return the type of the file: the settings that say where and how a server is reached."""
    names = [n for each in titles(settings) for n in (each, url_setting(each))]
    names += ["plain_http_behind_trusted_proxy", "insecure_plain_http_on_loopback"]
    types = {field.name: field.type for field in msgspec.structs.fields(settings)}
    return msgspec.defstruct("Addresses", [(name, types[name]) for name in names])


@contextmanager
def recorded(settings: Settings, listening: Mapping[str, Address]) -> Iterator[None]:
    """Record the addresses, by the interfaces' names, for as long as the block lasts. Where the
    folder cannot be written the server serves all the same.
    """
    path = settings.data_dir / FILE
    used = msgspec.structs.replace(settings, **{n: str(at) for n, at in listening.items()})
    names = _recorded(settings).__struct_fields__
    content = msgspec.json.encode({name: getattr(used, name) for name in names})
    try:
        held = _write(path, content)
    except OSError as error:
        log.info("the addresses are not recorded in %s: %s", path, error.strerror)
        yield
        return
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            if path.stat().st_ino == os.fstat(held).st_ino:  # not another server's
                path.unlink()
        os.close(held)


def _write(path: Path, content: bytes) -> int:
    """Write next to it, lock, and move into place, so that no command reads it without its lock."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    beside.unlink(missing_ok=True)
    held = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        os.write(held, content)
        beside.replace(path)
    except OSError:
        os.close(held)
        beside.unlink(missing_ok=True)
        raise
    return held


def current(settings: Settings) -> Settings:
    """Return the settings with the addresses of the server that runs on the data folder on this
    host; unchanged where none runs.
    """
    found = _read(settings.data_dir / FILE, _recorded(settings))
    if found is None:
        return settings
    return msgspec.structs.replace(settings, **msgspec.structs.asdict(found))


def _read(path: Path, type_: type[msgspec.Struct]) -> msgspec.Struct | None:
    try:
        if ownership.foreign_owner(path) is not None:
            return None
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(), type=type_) if _is_held(file) else None
    except (OSError, msgspec.MsgspecError):
        return None


def _is_held(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False
