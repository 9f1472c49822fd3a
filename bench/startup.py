"""Start time, idle memory and the time of `watchword --help`, compared with `python -c pass`."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.server import running

ROUNDS = 7


def _seconds(*arguments: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def run() -> dict[str, float]:
    starts, helps, bare, memory = [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        with running(data) as server:
            first = server.seconds
        for _ in range(ROUNDS):
            bare.append(_seconds("-c", "pass"))
            helps.append(_seconds("-m", "watchword", "--help"))
            with running(data) as server:
                starts.append(server.seconds)
                memory.append(server.resident_mib())
    start, python = statistics.median(starts), statistics.median(bare)
    return {
        "first start, new data folder, to first answer (s)": first,
        "start to first answer (s, median)": start,
        "start / bare python": start / python,
        "watchword --help (s, median)": statistics.median(helps),
        "watchword --help / bare python": statistics.median(helps) / python,
        "resident memory, idle (MiB, median)": statistics.median(memory),
    }
