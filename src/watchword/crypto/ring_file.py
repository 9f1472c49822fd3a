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

from watchword.crypto import keyring
from watchword.crypto import ring as rings
from watchword.crypto.ring import Ring
from watchword.domain.operational_errors import PlaceUnusable
from watchword.files import atomic


@dataclass(frozen=True)
class RingFile:
    """The file, while nobody else changes it."""

    path: Path

    def publish(self) -> str:
        """Add a new key that is known and not current. Returns its id."""
        ring = keyring.read(self.path).with_new_key()
        self._write(ring)
        return list(ring.keys)[-1]

    def activate(self, key_id: str) -> None:
        """Make a key of the ring the current one."""
        self._write(keyring.read(self.path).activated(key_id))

    def drop(self, key_ids: frozenset[str]) -> None:
        """Take keys out of the ring; never the current one (ValueError)."""
        self._write(keyring.read(self.path).without(key_ids))

    def _write(self, ring: Ring) -> None:
        atomic.write(self.path, rings.written(ring))


@contextmanager
def changing(path: Path) -> Iterator[RingFile]:
    """Hold the file, so that two commands do not change it at once. Raises PlaceUnusable.

    The lock is on its folder: the file itself is replaced at each step, and a lock file of
    root's would keep the server's own user out.
    """
    try:
        held = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise PlaceUnusable.because_of(error, path.parent) from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield RingFile(path)
    except BlockingIOError:
        reason = "another `watchword keys` is at work"
        raise PlaceUnusable(what=str(path), reason=reason) from None
    finally:
        os.close(held)
