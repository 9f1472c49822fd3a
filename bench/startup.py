"""Start time, idle memory and the time of `watchword --help`, compared with `python -c pass`.

With BENCH_OTHER, the folder of another checkout, start and memory are compared with it, in turns.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.server import running

ROUNDS = 7
SETTLE_SECONDS = 3
"""After the first answer the server loads the word lists of the password check."""


def _seconds(*arguments: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def _other() -> Iterator[tuple[float, float]]:
    """Return the ratios of CPU time to the first answer and of idle memory, to another checkout."""
    sources = (None, Path(os.environ["BENCH_OTHER"]) / "src")
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            found = []
            for number, source in enumerate(sources):
                with running(Path(folder) / f"data{number}", source=source) as server:
                    cpu = server.cpu_seconds()
                    time.sleep(SETTLE_SECONDS)
                    found.append((cpu, server.resident_mib()))
            (cpu, memory), (other_cpu, other_memory) = found
            yield cpu / other_cpu, memory / other_memory


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
    compared = {}
    if "BENCH_OTHER" in os.environ:
        cpus, memories = zip(*_other(), strict=True)
        compared = {
            "CPU to first answer / other checkout": statistics.median(cpus),
            "resident memory, idle / other checkout": statistics.median(memories),
        }
    return compared | {
        "first start, new data folder, to first answer (s)": first,
        "start to first answer (s, median)": start,
        "start / bare python": start / python,
        "watchword --help (s, median)": statistics.median(helps),
        "watchword --help / bare python": statistics.median(helps) / python,
        "resident memory, idle (MiB, median)": statistics.median(memory),
    }
