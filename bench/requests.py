"""Requests per second, compared with an empty app on a listener of the same process.

One wrk thread on one core uses 32 connections; the server runs on the other core. The contestants
take turns in short rounds, so that other load on the machine affects all of them. The figures are
medians, the ratios are medians of the ratios of each round.
"""

from __future__ import annotations

import base64
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.server import PASSWORD, cli, wait_for_answer
from tests.support.ports import free_port

CONNECTIONS = 32
ROUNDS = 9
SECONDS = 2
SERVER_CORE, LOAD_CORE = "0", "1"


@dataclass(frozen=True)
class Contestant:
    """The URL and the headers of the requests."""

    url: str
    headers: tuple[str, ...] = ()


def _requests_per_second(contestant: Contestant) -> float:
    """Run wrk once. Raises AssertionError when an answer was not 2xx."""
    headers = [part for header in contestant.headers for part in ("-H", header)]
    done = subprocess.run(
        ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s",
         *headers, contestant.url],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "Non-2xx" not in done.stdout, done.stdout
    assert "Socket errors" not in done.stdout, done.stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    assert found is not None
    return float(found[1])


@contextmanager
def _serving(data: Path, ports: tuple[int, int, int]) -> Iterator[None]:
    command = ["taskset", "-c", SERVER_CORE, sys.executable, "-m", "bench.contestants"]
    process = subprocess.Popen(
        [*command, str(data), *map(str, ports)], stdout=subprocess.DEVNULL, env=os.environ
    )
    try:
        wait_for_answer(ports[1])
        yield
    finally:
        process.terminate()
        process.wait(15)


def _basic(name: str, password: str) -> str:
    return "Authorization: Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def run() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        cli(data, "administrator", "create", "alice", "--password-stdin", stdin=PASSWORD)
        token = cli(data, "api-password", "generate", "alice").split()[-1]
        ports = free_port(), free_port(), free_port()
        console, api, no_op = (f"https://127.0.0.1:{port}" for port in ports)
        whoami = api + "/api/v1/whoami"
        contestants = {
            "no-op": Contestant(no_op),
            "health/live": Contestant(api + "/health/live"),
            "whoami, API password": Contestant(whoami, (_basic("alice", token),)),
            "whoami, regular password": Contestant(whoami, (_basic("alice", PASSWORD),)),
            "login page": Contestant(console + "/login"),
        }
        rates: dict[str, list[float]] = {label: [] for label in contestants}
        with _serving(data, ports):
            for _ in range(ROUNDS):
                for label, contestant in contestants.items():
                    rates[label].append(_requests_per_second(contestant))
    ratios = {
        label: statistics.median(a / b for a, b in zip(rates[label], rates["no-op"], strict=True))
        for label in contestants
    }
    return {
        **{f"{label} (1/s)": statistics.median(rates[label]) for label in contestants},
        **{f"{label} / no-op": ratio for label, ratio in ratios.items() if label != "no-op"},
    }
