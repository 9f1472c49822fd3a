"""Processor time per request, compared with an empty app on a listener of the same process.

One wrk thread uses 32 connections; the server runs on one core, the load on the other. The
contestants take turns in short rounds. The figures are medians, the ratios are medians of the ratios
of each round: the processor time of the empty app, divided by that of the contestant. So other load
on the machine hardly changes them.
"""

from __future__ import annotations

import base64
import os
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from bench.server import PASSWORD, cli, wait_for_answer
from tests.support import postgres
from tests.support.ports import free_port

CONNECTIONS = 32
ROUNDS = 9
SECONDS = 2
SERVER_CORE, LOAD_CORE = "0", "1"
COMMITS_PER_SECOND = 50


@dataclass(frozen=True)
class Contestant:
    """The URL and the headers of the requests. With `commits` another process writes meanwhile."""

    url: str
    headers: tuple[str, ...] = ()
    commits: bool = False


def _requests(contestant: Contestant) -> int:
    """Run wrk once. Returns the number of answers. Raises AssertionError when one was not 2xx."""
    headers = [part for header in contestant.headers for part in ("-H", header)]
    done = subprocess.run(
        ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s",
         *headers, contestant.url],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "Non-2xx" not in done.stdout, done.stdout
    assert "Socket errors" not in done.stdout, done.stdout
    found = re.search(r"(\d+) requests in", done.stdout)
    assert found is not None
    return int(found[1])


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _serving(data: Path, ports: tuple[int, int, int]) -> Iterator[int]:
    """Run the server. Returns its process id."""
    command = ["taskset", "-c", SERVER_CORE, sys.executable, "-m", "bench.contestants"]
    process = subprocess.Popen(
        [*command, str(data), *map(str, ports)], stdout=subprocess.DEVNULL, env=os.environ
    )
    try:
        wait_for_answer(ports[1])
        yield process.pid
    finally:
        process.terminate()
        process.wait(15)


@contextmanager
def _writing(data: Path) -> Iterator[None]:
    """Commit what a login commits: nothing that a cached answer depends on."""
    ended = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(data / "watchword.db", isolation_level=None)) as database:
            while not ended.wait(1 / COMMITS_PER_SECOND):
                database.execute("UPDATE administrators SET last_login_at = last_login_at + 1")

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _basic(name: str, password: str) -> str:
    return "Authorization: Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def _measured(
    data: Path, contestants: dict[str, Contestant], ports: tuple[int, int, int]
) -> dict[str, float]:
    """Return the microseconds of each contestant, and its ratio."""
    times: dict[str, list[float]] = {label: [] for label in contestants}
    with _serving(data, ports) as pid:
        for contestant in contestants.values():  # hashes, connects and fills caches
            _requests(contestant)
        for _ in range(ROUNDS):
            for label, contestant in contestants.items():
                with _writing(data) if contestant.commits else nullcontext():
                    before = _processor_seconds(pid)
                    count = _requests(contestant)
                    times[label].append((_processor_seconds(pid) - before) / count * 1e6)
    figures = {f"{label} (us)": statistics.median(found) for label, found in times.items()}
    for label, found in times.items():
        if label != "no-op":
            ratios = (a / b for a, b in zip(times["no-op"], found, strict=True))
            figures[f"no-op / {label}"] = statistics.median(ratios)
    return figures


def run() -> dict[str, float]:
    """Measure on SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        return _run(Path(folder) / "data", is_sqlite=True)


def run_on_postgresql() -> dict[str, float]:
    """Measure on PostgreSQL. Its own processes are not counted."""
    with tempfile.TemporaryDirectory() as folder, postgres.running() as server:
        os.environ["WATCHWORD_DATABASE_URL"] = server.url(server.new_database())
        try:
            return _run(Path(folder) / "data", is_sqlite=False)
        finally:
            del os.environ["WATCHWORD_DATABASE_URL"]


def _run(data: Path, *, is_sqlite: bool) -> dict[str, float]:
    cli(data, "administrator", "create", "alice", "--password-stdin", stdin=PASSWORD)
    token = cli(data, "api-password", "generate", "alice").split()[-1]
    ports = free_port(), free_port(), free_port()
    console, api, no_op = (f"https://127.0.0.1:{port}" for port in ports)
    whoami, with_token = api + "/api/v1/whoami", (_basic("alice", token),)
    contestants = {
        "no-op": Contestant(no_op),
        "whoami, API password": Contestant(whoami, with_token),
        "whoami, regular password": Contestant(whoami, (_basic("alice", PASSWORD),)),
        "server, API password": Contestant(api + "/api/v1/server", with_token),
        "health/live": Contestant(api + "/health/live"),
        "login page": Contestant(console + "/login"),
    }
    if is_sqlite:
        label = f"whoami at {COMMITS_PER_SECOND} commits/s"
        contestants[label] = Contestant(whoami, with_token, commits=True)
    return _measured(data, contestants, ports)
