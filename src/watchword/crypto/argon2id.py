"""Argon2id (RFC 9106) in huge pages.

A hash uses 64 MiB, which are 16,384 pages of 4 KiB. The kernel maps and clears each of them, which
takes a fifth of the hash's processor time. The same memory is 32 huge pages of 2 MiB.

argon2-cffi lets the caller allocate the memory. The functions for it are made by ctypes: those of
cffi need memory that is writable and executable, which systemd's MemoryDenyWriteExecute refuses.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import mmap
from typing import Any, Final

from argon2.exceptions import HashingError
from argon2.low_level import ARGON2_VERSION, Type, core, error_to_str, ffi

HUGE_PAGE: Final = 2 * 1024 * 1024
_ALLOCATE: Final = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_void_p), ctypes.c_size_t)
_FREE: Final = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_size_t)
_areas: Final[dict[int, mmap.mmap]] = {}
"""The memory of the running hashes, by address."""


def hash_raw(
    password: bytes,
    salt: bytes,
    *,
    passes: int,
    memory: int,
    lanes: int,
    threads: int,
    length: int,
) -> bytes:
    """Compute Argon2id with `memory` in KiB, without the interpreter's lock. The number of threads
    does not change the result. Raises HashingError.
    """
    output = ffi.new("uint8_t[]", length)
    allocate, free = _functions() if memory * 1024 >= HUGE_PAGE else (ffi.NULL, ffi.NULL)
    context = ffi.new("argon2_context *")
    context.out, context.outlen = output, length
    # Variables, because the context does not keep what it points to.
    secret, salted = ffi.from_buffer("uint8_t[]", password), ffi.from_buffer("uint8_t[]", salt)
    context.pwd, context.pwdlen = secret, len(password)
    context.salt, context.saltlen = salted, len(salt)
    context.t_cost, context.m_cost = passes, memory
    context.lanes, context.threads = lanes, threads
    context.version = ARGON2_VERSION
    context.allocate_cbk, context.free_cbk = allocate, free
    result = core(context, Type.ID.value)
    if result != 0:  # ARGON2_OK
        raise HashingError(error_to_str(result))
    return bytes(ffi.buffer(output, length))


@functools.cache
def _functions() -> tuple[Any, Any]:
    """Return the functions that allocate and free; NULL, for those of the C library, where the
    system has no huge pages or refuses such functions.
    """
    if not hasattr(mmap, "MADV_HUGEPAGE"):
        return ffi.NULL, ffi.NULL
    try:
        made = _ALLOCATE(_allocate), _FREE(_free)
    except (MemoryError, OSError):
        return ffi.NULL, ffi.NULL
    _kept.extend(made)
    allocate, free = (ctypes.cast(each, ctypes.c_void_p).value for each in made)
    return ffi.cast("allocate_fptr", allocate), ffi.cast("deallocate_fptr", free)


_kept: Final[list[object]] = []
"""The functions as ctypes made them: C calls them until the process ends."""


def _allocate(result: Any, size: int) -> int:
    """Map memory that begins at a huge page. Where there is none, the address stays NULL, which
    Argon2 reports.
    """
    try:
        area = mmap.mmap(-1, size + HUGE_PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    except OSError:
        return 1
    with contextlib.suppress(OSError):  # a kernel without huge pages: small ones do
        area.madvise(mmap.MADV_HUGEPAGE)
    first = ctypes.addressof(ctypes.c_char.from_buffer(area))
    address = -(-first // HUGE_PAGE) * HUGE_PAGE
    _areas[address] = area
    result[0] = address
    return 0


def _free(address: int, _size: int) -> None:
    """Give the memory back. Argon2 has overwritten it with zeros."""
    _areas.pop(address).close()
