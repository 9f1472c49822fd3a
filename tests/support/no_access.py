"""A folder that this process may not read; root, who can read everything, changes its user."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def no_access(folder: Path) -> Iterator[None]:
    """Deny this process access to the folder within the block."""
    if os.getuid() == 0:
        folder.chmod(0o700)
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
    else:
        folder.chmod(0)
    try:
        yield
    finally:
        os.seteuid(os.getuid())
        folder.chmod(0o700)
