"""Changes of the keyring file, in steps after which every process can still work:

    [A*]  --publish-->  [A*, B]  --activate-->  [A, B*]  --drop-->  [B*]      (* is current)

A process that has read the second ring opens values that a process with the third ring seals.
Each step writes a new file, renames it over the old one, and syncs the folder.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from watchword.crypto import keyring
from watchword.crypto import ring as rings
from watchword.crypto.ring import Ring
from watchword.domain.operational_errors import PlaceUnusable
from watchword.files import atomic


class RingFile(Struct, frozen=True):
    """The locked keyring file."""

    path: Path

    def publish(self) -> str:
        """Add a new key, which is not current yet. Returns its id."""
        ring = keyring.read(self.path).with_new_key()
        self._write(ring)
        return list(ring.keys)[-1]

    def activate(self, key_id: str) -> None:
        """Make a key of the ring the current one."""
        self._write(keyring.read(self.path).activated(key_id))

    def drop(self, key_ids: frozenset[str]) -> None:
        """Remove keys from the ring. Raises ValueError for the current one."""
        self._write(keyring.read(self.path).without(key_ids))

    def _write(self, ring: Ring) -> None:
        atomic.write(self.path, rings.written(ring))


@contextmanager
def changing(path: Path) -> Iterator[RingFile]:
    """Lock the file against other commands. Raises PlaceUnusable.

    The lock is on its folder: each step replaces the file, and a lock file of root's would lock
    out the server's own user.
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
