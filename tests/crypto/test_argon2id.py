"""Argon2id in huge pages: the result of argon2-cffi, memory that is wiped and given back."""

from __future__ import annotations

import ctypes
import mmap
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2.low_level import Type, ffi, hash_secret_raw

from watchword.crypto import argon2id

PASSWORD, SALT = b"otter pencil gravel monsoon", bytes(range(16))
SMALL = 4096
"""KiB: two huge pages."""

IN_A_SANDBOX = """
import ctypes, resource, sys
libc = ctypes.CDLL(None)
{restriction}
from watchword.crypto import argon2id
print(argon2id.hash_raw({password}, {salt}, passes=1, memory=4096, lanes=4, threads=4, length=32).hex())
"""
RESTRICTIONS = {
    "no huge pages": "assert libc.prctl(41, 1, 0, 0, 0) == 0",  # PR_SET_THP_DISABLE
    # PR_SET_MDWE, of newer kernels: the effect of systemd's MemoryDenyWriteExecute
    "no writable code": "libc.prctl(65, 1, 0, 0, 0)",
    "no madvise for them": "import mmap; del mmap.MADV_HUGEPAGE",
}


def expected(memory: int = SMALL, lanes: int = 4) -> bytes:
    return hash_secret_raw(
        PASSWORD, SALT, time_cost=1, memory_cost=memory, parallelism=lanes, hash_len=32,
        type=Type.ID,
    )  # fmt: skip


def hashed(memory: int = SMALL, lanes: int = 4, threads: int = 4) -> bytes:
    return argon2id.hash_raw(
        PASSWORD, SALT, passes=1, memory=memory, lanes=lanes, threads=threads, length=32
    )


@pytest.fixture
def fresh_functions() -> Iterator[None]:
    argon2id._functions.cache_clear()
    yield
    argon2id._functions.cache_clear()


def test_hash_equals_that_of_argon2_cffi_with_any_number_of_threads() -> None:
    for memory, lanes in ((32, 1), (SMALL, 4), (5000, 3)):
        for threads in {1, lanes}:
            assert hashed(memory, lanes, threads) == expected(memory, lanes)


@pytest.mark.parametrize("restriction", RESTRICTIONS.values(), ids=list(RESTRICTIONS))
def test_hash_is_the_same_where_the_system_restricts_memory(restriction: str) -> None:
    code = IN_A_SANDBOX.format(restriction=restriction, password=PASSWORD, salt=SALT)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == expected().hex(), done.stderr


def test_hash_without_enough_memory_is_an_error() -> None:
    limit = 2**30  # bytes of address space; a hash of SMALL fits, one of a GiB does not
    restriction = f"resource.setrlimit(resource.RLIMIT_AS, ({limit}, {limit}))"
    code = IN_A_SANDBOX.format(restriction=restriction, password=PASSWORD, salt=SALT)
    enough = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert enough.stdout.strip() == expected().hex(), enough.stderr
    code = code.replace("memory=4096", "memory=2**20")
    too_little = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "HashingError: Memory allocation error" in too_little.stderr


@pytest.mark.usefixtures("fresh_functions")
def test_memory_is_aligned_wiped_and_unmapped(monkeypatch: pytest.MonkeyPatch) -> None:
    found, free = [], argon2id._free

    def look(address: int, size: int) -> None:
        area = argon2id._areas[address]
        found.append((address % argon2id.HUGE_PAGE, size, any(ctypes.string_at(address, size))))
        free(address, size)
        assert area.closed

    monkeypatch.setattr(argon2id, "_free", look)
    assert hashed() == expected()
    assert found == [(0, SMALL * 1024, False)]
    assert not argon2id._areas


@pytest.mark.skipif(not hasattr(mmap, "MADV_HUGEPAGE"), reason="the system has no huge pages")
def test_six_hundred_hashes_leave_no_memory_behind() -> None:
    assert argon2id._functions()[0] != ffi.NULL
    hashed()
    before = _mapped_kib()
    for _ in range(600):
        hashed(memory=2048, threads=1)
    assert not argon2id._areas
    assert _mapped_kib() - before < 600 * 2048 / 10


def _mapped_kib() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmSize"))
