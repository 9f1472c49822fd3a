"""Detection of network file systems.

SQLite needs reliable locks and shared memory next to the database; a network file system provides
neither (sqlite.org/howtocorrupt.html, 2.1; sqlite.org/wal.html).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

MOUNTS: Final = Path("/proc/self/mounts")
_NETWORK: Final = frozenset(
    {
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "coda", "9p", "ceph", "gfs2",
        "glusterfs", "lustre", "ocfs2", "davfs", "fuse.sshfs", "fuse.glusterfs", "fuse.ceph",
        "fuse.s3fs", "fuse.rclone", "fuse.davfs2", "fuse.gcsfuse", "fuse.mfs",
    }
)  # fmt: skip


def type_of(folder: Path, mounts: Path = MOUNTS) -> str:
    """Return the kernel's name of the folder's file system; "" if it is unknown."""
    try:
        lines = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return ""
    resolved, best, found = folder.resolve(), -1, ""
    for line in lines:
        fields = line.split()
        point = Path(_unescaped(fields[1]))
        # A later mount hides an earlier mount at the same path.
        if resolved.is_relative_to(point) and len(point.parts) >= best:
            best, found = len(point.parts), fields[2]
    return found


def is_network(type_: str) -> bool:
    """Return whether the file system is on another host."""
    return type_ in _NETWORK


def _unescaped(text: str) -> str:
    r"""Decode octal escapes such as \040 for a space (fstab(5))."""
    return re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), text)
