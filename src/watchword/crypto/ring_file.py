"""Changing the keyring's file, in steps that each leave a ring every process can work with:

    [A*]  --publish-->  [A*, B]  --activate-->  [A, B*]  --drop-->  [B*]      (* is current)

Whoever has read the second ring opens whatever is sealed by whoever has read the third. Each
step writes a new file beside the old one and renames it into place, synced with its folder.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from watchword.crypto import files, keyring
from watchword.crypto.keyring import Keyring
from watchword.domain.errors import PlaceUnusable


@dataclass(frozen=True)
class RingFile:
    """The file, while nobody else changes it."""

    path: Path

    def publish(self) -> str:
        """Add a new key that is known and not current. Returns its id."""
        keys, current_id = self._read()
        key_id, key = keyring.new_key()
        self._write({**keys, key_id: key}, current_id)
        return key_id

    def activate(self, key_id: str) -> None:
        """Make a key of the ring the current one."""
        keys, _ = self._read()
        self._write(keys, key_id)

    def drop(self, key_ids: frozenset[str]) -> None:
        """Take keys out of the ring; never the current one (ValueError)."""
        keys, current_id = self._read()
        if current_id in key_ids:
            raise ValueError("the current key is not dropped")
        self._write({k: v for k, v in keys.items() if k not in key_ids}, current_id)

    def _read(self) -> tuple[dict[str, bytes], str]:
        return keyring.load(self.path).contents()

    def _write(self, keys: dict[str, bytes], current_id: str) -> None:
        Keyring(keys, current_id)  # never write what could not be read
        files.write(self.path, keyring.written(keys, current_id))


@contextmanager
def changing(path: Path) -> Iterator[RingFile]:
    """Hold the file, so that two commands do not change it at once. Raises PlaceUnusable.

    The lock is another file: the ring's own is replaced at each step.
    """
    lock = path.with_name("changing.lock")
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise PlaceUnusable(what=str(lock), reason=error.strerror or "") from error
    with os.fdopen(descriptor, "w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            reason = "another `watchword keys` is at work"
            raise PlaceUnusable(what=str(path), reason=reason) from None
        yield RingFile(path)
