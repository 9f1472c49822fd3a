"""Processes that hold keys write no core dump."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.served import Served

COMMANDS = (
    ("first-run",), ("administrator", "list"), ("keys", "list"), ("audit", "verify"),
    ("restore", "--after-database-restore", "--yes"),
)  # fmt: skip
# Runs each command in a fork, which then reports its limits and flags from the kernel.
SCRIPT = """
import ctypes, os, resource, sys
from watchword.cli.main import run
PR_GET_DUMPABLE = 3
for words in sys.argv[2:]:
    child = os.fork()
    if not child:
        run(["--data-dir", sys.argv[1], *words.split()])
        dumps = ctypes.CDLL(None).prctl(PR_GET_DUMPABLE) or any(
            resource.getrlimit(resource.RLIMIT_CORE))
        os._exit(9 if dumps else 0)
    print(words, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_server_writes_no_core_dump(served: Served) -> None:
    limits = Path(f"/proc/{served.process.pid}/limits").read_text().splitlines()
    (line,) = [line for line in limits if line.startswith("Max core file size")]
    assert line.split()[-3:-1] == ["0", "0"]


def test_a_command_that_reads_the_keys_writes_no_core_dump(tmp_path: Path) -> None:
    words = [" ".join(command) for command in COMMANDS]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "data"), *words],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    reported = [line for line in done.stdout.splitlines() if line.rpartition(" ")[0] in words]
    assert reported == [f"{word} 0" for word in words]
