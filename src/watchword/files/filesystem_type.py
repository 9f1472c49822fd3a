"""Which file system a folder is on. SQLite needs locks that hold, and shared memory beside the
database: over a network neither can be relied on (sqlite.org/howtocorrupt.html, 2.1; wal.html).
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
    """Return the type of the file system, as the kernel calls it; "" where that is not told."""
    try:
        lines = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return ""
    resolved, best, found = folder.resolve(), -1, ""
    for line in lines:
        fields = line.split()
        point = Path(_unescaped(fields[1]))
        # The last of the longest: a later mount hides an earlier one at the same place.
        if resolved.is_relative_to(point) and len(point.parts) >= best:
            best, found = len(point.parts), fields[2]
    return found


def is_network(type_: str) -> bool:
    """Return whether such a file system lives on another host."""
    return type_ in _NETWORK


def _unescaped(text: str) -> str:
    r"""Space, tab, newline and backslash are written as \040 and its kin: man 5 fstab."""
    return re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), text)
