"""Protection of the memory of a process that holds keys."""

from __future__ import annotations

import ctypes
import resource
from typing import Final

_PR_SET_DUMPABLE: Final = 4


def keep_private() -> None:
    """Let no core dump be written of this process, and no other process of the same user read its
    memory (prctl(2), PR_SET_DUMPABLE). Root still can.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:  # Linux only
        prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
