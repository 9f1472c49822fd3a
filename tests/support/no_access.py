"""Being another user than the data's. Root may look anywhere, so root becomes nobody."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def no_access(folder: Path) -> Iterator[None]:
    """For as long as the block lasts, this process may not look into the folder."""
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
