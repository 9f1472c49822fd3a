"""Mutation tests: `python -m tests.mutants [NAME ...]`.

Removes one check from a copy of the source, runs the tests that must fail, restores the check,
and continues. `make test` does not run them: they take long.
"""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.mutants.table import MUTANTS, Mutant

ROOT = Path(__file__).parents[2]
COPIES = max(1, min(2, os.cpu_count() or 1))
KILLED, SURVIVED, STALE, BROKEN = "killed", "SURVIVED", "STALE", "BROKEN"
TESTS_FAILED = 1


def copy_to(folder: Path) -> Path:
    for name in ("src", "tests"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "tmp").mkdir()
    return folder


@contextmanager
def mutated(copy: Path, mutant: Mutant) -> Iterator[bool]:
    """Apply a mutation to the copy. Yields False unless each of its texts occurs exactly once."""
    file = copy / "src" / "watchword" / mutant.file
    whole = changed = file.read_text()
    is_there = True
    for old, new in mutant.edits:
        is_there = is_there and changed.count(old) == 1
        changed = changed.replace(old, new)
    file.write_text(changed)
    try:
        yield is_there
    finally:
        file.write_text(whole)


def run_tests(copy: Path, tests: tuple[str, ...]) -> int:
    """Return pytest's exit code: 0 passed, 1 failed; others mean that the tests did not run."""
    environ = os.environ | {"PYTHONPATH": str(copy / "src"), "TMPDIR": str(copy / "tmp")}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(
        command, cwd=copy, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode not in {0, TESTS_FAILED}:
        print(done.stdout[-2000:], file=sys.stderr)
    return done.returncode


def verdict(copy: Path, mutant: Mutant) -> str:
    with mutated(copy, mutant) as is_there:
        if not is_there:
            return STALE
        code = run_tests(copy, mutant.tests)
    return {0: SURVIVED, TESTS_FAILED: KILLED}.get(code, BROKEN)


def main(names: list[str]) -> int:
    wanted = [m for m in MUTANTS if not names or any(n in m.name for n in names)]
    in_memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # faster than a disk
    with tempfile.TemporaryDirectory(prefix="watchword-mutants-", dir=in_memory) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as another user
        copies: queue.SimpleQueue[Path] = queue.SimpleQueue()
        for number in range(COPIES):
            copies.put(copy_to(Path(folder) / str(number)))

        def judge(mutant: Mutant) -> str:
            copy, start = copies.get(), time.monotonic()
            try:
                found = verdict(copy, mutant)
            finally:
                copies.put(copy)
            print(f"{found:9} {mutant.name:60} {time.monotonic() - start:6.1f} s", flush=True)
            return found

        with ThreadPoolExecutor(COPIES) as pool:
            verdicts = list(pool.map(judge, wanted))
    print(f"{verdicts.count(KILLED)} of {len(verdicts)} killed")
    return 0 if verdicts.count(KILLED) == len(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
