"""Sixty parallel logins compared with bare Argon2id of argon2-cffi, and page times meanwhile."""

from __future__ import annotations

import re
import statistics
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

from argon2.low_level import Type, hash_secret_raw

from bench.server import PASSWORD, Server, cli, running
from watchword.crypto.passwords import DEFAULT

LOGINS = 60
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _hashes_per_second(threads: int = 2, count: int = 24) -> float:
    def hash_once(_number: int) -> bytes:
        return hash_secret_raw(
            PASSWORD.encode(), bytes(16), DEFAULT.passes, DEFAULT.memory, DEFAULT.lanes, 32, Type.ID
        )

    start = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(hash_once, range(count)))
    return count / (time.perf_counter() - start)


def _login(server: Server, number: int) -> int:
    # Each from a separate address: one address would be throttled.
    connection = server.connect(server.console, f"127.0.1.{number + 1}")
    connection.request("GET", "/login")
    page = connection.getresponse()
    cookie = (page.getheader("set-cookie") or "").partition(";")[0]
    token = re.search(r'name="form_token" value="([0-9a-f]+)"', page.read().decode())
    assert token is not None
    body = urlencode(
        {"form_token": token[1], "to": "/", "username": f"name{number}", "password": PASSWORD}
    )
    connection.request("POST", "/login", body, {**FORM, "Cookie": cookie})
    status = connection.getresponse().status
    connection.close()
    return status


def _read(server: Server, stop: threading.Event) -> list[float]:
    """Request the login page repeatedly. Returns the times in milliseconds."""
    connection, times = server.connect(server.console), []
    while not stop.is_set():
        start = time.perf_counter()
        connection.request("GET", "/login")
        connection.getresponse().read()
        times.append((time.perf_counter() - start) * 1000)
        stop.wait(0.01)
    connection.close()
    return times


def run() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "data") as server:
        for number in range(LOGINS):
            cli(server.data, "administrator", "create", f"name{number}", "--password-stdin",
                stdin=PASSWORD)  # fmt: skip
        idle = threading.Event()
        threading.Timer(2, idle.set).start()
        idle_times = _read(server, idle)
        bare = _hashes_per_second()
        stop = threading.Event()
        with ThreadPoolExecutor(LOGINS + 1) as pool:
            reader = pool.submit(_read, server, stop)
            start = time.perf_counter()
            statuses = list(pool.map(lambda n: _login(server, n), range(LOGINS)))
            seconds = time.perf_counter() - start
            stop.set()
            busy = reader.result()
    done = statuses.count(303)
    return {
        "logins completed": done,
        "logins rejected by the full queue (503)": statuses.count(503),
        "bare Argon2id (1/s)": bare,
        "logins (1/s)": done / seconds,
        "logins / bare Argon2id": done / seconds / bare,
        "login page, idle, p50 (ms)": statistics.median(idle_times),
        "login page, 60 logins queue, p50 (ms)": statistics.median(busy),
        "login page, queue / idle": statistics.median(busy) / statistics.median(idle_times),
    }
