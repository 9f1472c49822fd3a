"""Logins of an owner and calls of a script during a flood of wrong logins.

Three hundred wrong logins per second come from fifty addresses, half of them with the owner's
username. The owner uses a recognised browser, the script an API password. The clients are separate
processes on the same machine, so they reduce the processor time of the server.
"""

from __future__ import annotations

import base64
import http.client
import itertools
import math
import multiprocessing
import re
import statistics
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

from bench.server import PASSWORD, Server, cli, running

SECONDS = 30
RATE = 300
ADDRESSES = 50
PER_ADDRESS = RATE // ADDRESSES
"""Connections per address; each sends one login per second."""
PROCESSES = 3
OWNER = "owner"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
Gauge = tuple[list[float], Counter[str]]
"""Milliseconds of each response, and the number of responses per status."""


class Visitor:
    """A connection with the cookies and token of a login form; reconnects after an error."""

    def __init__(self, server: Server, source: str) -> None:
        self._server, self._source = server, source
        self._connection: http.client.HTTPSConnection | None = None
        self.cookies: dict[str, str] = {}
        self._token = ""

    def ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        if self._connection is None:
            self._connection = self._server.connect(self._server.console, self._source)
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        try:
            self._connection.request(method, path, body, headers | (FORM if body else {}))
            answer = self._connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            self._connection = None
            raise
        for header in answer.headers.get_all("set-cookie") or []:
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, text

    def login(self, username: str, password: str) -> int:
        """Post the form. A flood fetches it once; its token is valid for an hour."""
        if not self._token:
            self.open_form()
        fields = {"form_token": self._token, "to": "/", "username": username, "password": password}
        return self.ask("POST", "/login", urlencode(fields))[0]

    def open_form(self) -> None:
        _status, text = self.ask("GET", "/login")
        found = re.search(r'name="form_token" value="([0-9a-f]+)"', text)
        self._token = found[1] if found else ""


# --- the flood -------------------------------------------------------------------------------
def _guess(server: Server, source: str, number: int, until: float) -> Counter[str]:
    """Send a wrong login each second over one connection. Returns the number per status."""
    visitor, statuses = Visitor(server, source), Counter[str]()
    time.sleep(number / RATE)
    for turn in itertools.count():
        start = time.time()
        if start >= until:
            return statuses
        name = OWNER if turn % 2 else f"unknown-{number}-{turn}"
        try:
            statuses[str(visitor.login(name, "wrong wrong wrong"))] += 1
        except (OSError, http.client.HTTPException):
            statuses["cut off"] += 1
        time.sleep(max(0.0, start + 1 - time.time()))
    raise AssertionError


def _flood(
    server: Server, first: int, until: float, results: multiprocessing.Queue[object]
) -> None:
    numbers = range(first, ADDRESSES * PER_ADDRESS, PROCESSES)
    with ThreadPoolExecutor(len(numbers)) as pool:
        guessing = [
            pool.submit(_guess, server, f"127.0.0.{2 + n % ADDRESSES}", n, until) for n in numbers
        ]
        results.put(sum((each.result() for each in guessing), Counter[str]()))


# --- clients that must stay fast -------------------------------------------------------------
def _timed(gauge: Gauge, status: int, start: float) -> None:
    gauge[0].append((time.perf_counter() - start) * 1000)
    gauge[1][str(status)] += 1


def _owner(visitor: Visitor, stop: threading.Event) -> Gauge:
    """Log in repeatedly from the recognised browser."""
    gauge: Gauge = ([], Counter())
    while not stop.is_set():
        visitor.cookies = {k: v for k, v in visitor.cookies.items() if k.endswith("_d")}
        try:
            visitor.open_form()
            start = time.perf_counter()
            _timed(gauge, visitor.login(OWNER, PASSWORD), start)
        except (OSError, http.client.HTTPException):
            gauge[1]["cut off"] += 1
        stop.wait(0.5)
    return gauge


def _script(server: Server, api_password: str, stop: threading.Event) -> Gauge:
    """Call the API with the API password, five times per second."""
    gauge: Gauge = ([], Counter())
    credentials = base64.b64encode(f"{OWNER}:{api_password}".encode()).decode()
    connection = server.connect(server.api)
    while not stop.is_set():
        start = time.perf_counter()
        try:
            connection.request("GET", API_PATH, headers={"Authorization": f"Basic {credentials}"})
            answer = connection.getresponse()
            answer.read()
            _timed(gauge, answer.status, start)
        except (OSError, http.client.HTTPException):
            gauge[1]["cut off"] += 1
            connection.close()
        stop.wait(0.2)
    return gauge


API_PATH = "/api/v1/administrators"


def _measure(
    server: Server, visitor: Visitor, password: str, seconds: float
) -> tuple[Gauge, Gauge]:
    stop = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        owner = pool.submit(_owner, visitor, stop)
        script = pool.submit(_script, server, password, stop)
        time.sleep(seconds)
        stop.set()
        return owner.result(), script.result()


def _under_flood(
    server: Server, visitor: Visitor, password: str
) -> tuple[Counter[str], Gauge, Gauge]:
    context = multiprocessing.get_context("fork")
    results: multiprocessing.Queue[object] = context.Queue()
    until = time.time() + SECONDS
    flooding = [
        context.Process(target=_flood, args=(server, n, until, results)) for n in range(PROCESSES)
    ]
    for each in flooding:
        each.start()
    owner, script = _measure(server, visitor, password, SECONDS)
    statuses: Counter[str] = Counter()
    for _ in flooding:
        part = results.get(timeout=120)
        assert isinstance(part, Counter)
        statuses += part
    for each in flooding:
        each.join()
    return statuses, owner, script


def _figures(label: str, gauge: Gauge, good: str) -> dict[str, float]:
    times, statuses = gauge
    ordered = sorted(times) or [0.0]
    return {
        f"{label}: responses": len(times),
        f"{label}: completed (%)": 100 * statuses[good] / max(1, sum(statuses.values())),
        f"{label}: p50 (ms)": statistics.median(ordered),
        f"{label}: p95 (ms)": ordered[math.ceil(0.95 * len(ordered)) - 1],
        f"{label}: longest (ms)": ordered[-1],
        **{f"{label}: status {s}": n for s, n in statuses.items() if s != good},
    }


def run() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "data") as server:
        cli(server.data, "administrator", "create", OWNER, "--password-stdin", stdin=PASSWORD)
        password = cli(server.data, "api-password", "generate", OWNER).split()[-1]
        visitor = Visitor(server, "127.0.0.1")
        visitor.login(OWNER, PASSWORD)
        idle_owner, idle_script = _measure(server, visitor, password, 5)
        before = server.resident_mib()
        statuses, owner, script = _under_flood(server, visitor, password)
        after = server.resident_mib()
    return {
        **_figures("recognised browser, idle", idle_owner, "303"),
        **_figures("API, idle", idle_script, "200"),
        "flood: responses per second": sum(statuses.values()) / SECONDS,
        **{f"flood: {status}": n for status, n in sorted(statuses.items())},
        **_figures("recognised browser, flood", owner, "303"),
        **_figures("API, flood", script, "200"),
        "server's memory before (MiB)": before,
        "server's memory after (MiB)": after,
    }
