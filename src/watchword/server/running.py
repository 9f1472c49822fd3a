"""Record of the addresses of the running server, for commands on the same data folder.

The flags of `serve` may name other addresses than the settings that a command reads. So the server
writes its addresses to the data folder and locks the file (flock(2)). The lock ends with the
process: a file without a lock was left behind by a killed server.
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
    """Record the addresses, by interface name, while the block runs. The server serves without a
    record where the folder cannot be written.
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
            if path.stat().st_ino == os.fstat(held).st_ino:  # else another server replaced it
                path.unlink()
        os.close(held)


def _write(path: Path, content: bytes) -> int:
    """Write a new file, lock it, then rename it: no command may read it unlocked. Returns the lock."""
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    new.unlink(missing_ok=True)
    held = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        os.write(held, content)
        new.replace(path)
    except OSError:
        os.close(held)
        new.unlink(missing_ok=True)
        raise
    return held


def current(settings: Settings) -> Settings:
    """Return the settings with the addresses of the server that runs on the data folder of this
    host. They are unchanged where no server runs.
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
