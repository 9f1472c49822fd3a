"""Protection of the memory of a process that holds keys."""

from __future__ import annotations

import ctypes
import resource
from typing import Final

_PR_SET_DUMPABLE: Final = 4


def keep_private() -> None:
    """Prevent core dumps, and reading of the memory by other processes of the same user (prctl(2),
    PR_SET_DUMPABLE). Root can still read it.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:  # Linux only
        prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
