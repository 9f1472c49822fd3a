"""A thread for which the kernel refuses hard links, as a memory stick's file system does.

A filter (seccomp(2)) lets link(2) fail. No such file system has to be mounted.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

T = TypeVar("T")

_NO_NEW_PRIVILEGES: Final = 38
_SECCOMP: Final = 22
_FILTER: Final = 2
_LOAD: Final = 0x20
_IF_EQUAL: Final = 0x15
_RETURN: Final = 0x06
_FAIL: Final = 0x00050000
_ALLOW: Final = 0x7FFF0000
_LINKS: Final = {"x86_64": (86, 265), "aarch64": (37,)}
"""The numbers of link and linkat."""


def without_links(act: Callable[[], T]) -> T:
    """Return the result of `act`, run in a thread that cannot make hard links."""
    with ThreadPoolExecutor(1, initializer=_forbid) as pool:
        return pool.submit(act).result()


def _forbid() -> None:
    numbers = _LINKS[os.uname().machine]
    steps = [struct.pack("HBBI", _LOAD, 0, 0, 0)]
    for left, number in zip(range(len(numbers), 0, -1), numbers, strict=True):
        steps.append(struct.pack("HBBI", _IF_EQUAL, left, 0, number))
    steps.append(struct.pack("HBBI", _RETURN, 0, 0, _ALLOW))
    steps.append(struct.pack("HBBI", _RETURN, 0, 0, _FAIL | errno.EPERM))
    code = ctypes.create_string_buffer(b"".join(steps))
    program = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code))
    _prctl(_NO_NEW_PRIVILEGES, 1, 0)
    buffer = ctypes.create_string_buffer(program)
    _prctl(_SECCOMP, _FILTER, ctypes.addressof(buffer))


def _prctl(*arguments: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(*map(ctypes.c_ulong, (*arguments, 0, 0))) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
