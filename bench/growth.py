"""CPU time and memory of commands that read every account, at several sizes.

Each command runs in a process of its own on SQLite. BENCH_GROWTH names the numbers of accounts,
such as "10000,200000". Commands that read everything must take linear time and constant memory.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from tests.support import many_rows
from tests.support.acts import CLI, Acts
from tests.support.clock import MovableClock
from tests.support.installation import CHEAP, Installation, settings_for
from watchword import bootstrap
from watchword.crypto.keyring import Place
from watchword.storage import schema
from watchword.usecases.administrators import other_accounts
from watchword.usecases.context import Watchword
from watchword.usecases.operations import maintenance, metrics

SIZES = [int(size) for size in os.environ.get("BENCH_GROWTH", "10000,200000").split(",")]
EVENTS_PER_ACCOUNT = 2
ROUNDS = 5
COMMANDS = {
    "doctor": ("doctor", "--json"),
    "administrator list": ("administrator", "list"),
    "administrator list --json": ("administrator", "list", "--json"),
    "keys list": ("keys", "list"),
    "keys rotate": ("keys", "rotate", "--yes"),
}
RESTORE = ("restore", "--after-database-restore", "--revoke-api-passwords", "--yes")
MEASURING = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


def command(data: Path, arguments: tuple[str, ...]) -> tuple[float, float]:
    """Run a command. Returns its CPU seconds and its highest resident memory in MiB.

    A small process starts it: a command inherits the highest memory of the process that starts it.
    """
    command = [sys.executable, "-m", "watchword", *arguments, "--data-dir", str(data)]
    done = subprocess.run(
        [sys.executable, "-c", MEASURING, *command], capture_output=True, text=True, check=True
    )
    seconds, memory = map(float, done.stdout.split())
    return seconds, memory


def cpu_ms(act: Callable[[], object]) -> float:
    """Return the median CPU time of a call in milliseconds."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        act()
        times.append((time.process_time() - start) * 1000)
    return statistics.median(times)


def seal_secrets(app: Watchword) -> None:
    """Give every authenticator a sealed secret, and every account active MFA."""
    table = schema.authenticators
    with app.database.writing() as connection:
        ids = list(connection.execute(sa.select(table.c.administrator_id)).scalars())
        connection.execute(
            table.update().where(table.c.administrator_id == sa.bindparam("id_")),
            [{"id_": i, "secret": app.keyring.seal(_place(i), b"x" * 20)} for i in ids],
        )
        connection.execute(schema.administrators.update().values(mfa_status="active"))
        connection.execute(schema.enrolments.delete())


def _place(administrator_id: int) -> Place:
    return Place("authenticators", "secret", str(administrator_id))


def longest_wait(app: Watchword, act: Callable[[], object]) -> float:
    """Return the longest time in milliseconds that a writer waited while `act` ran."""
    waits, is_over = [0.0], threading.Event()

    def write() -> None:
        while not is_over.is_set():
            start = time.perf_counter()
            maintenance.demand_ready(app)
            waits.append((time.perf_counter() - start) * 1000)
            time.sleep(0.005)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        act()
    finally:
        is_over.set()
        writer.join()
    return max(waits)


def _at(size: int, data: Path) -> dict[str, float]:
    settings, clock = settings_for(data), MovableClock()
    app = bootstrap.open(settings, clock=clock, hashing=CHEAP)
    acts = Acts(Installation("sqlite", data, settings, clock, app))
    many_rows.fill(app, size, size * EVENTS_PER_ACCOUNT, acts.account)
    seal_secrets(app)
    for _ in range(1 + size // maintenance.MOST_SWEPT):  # throttles of the data are ahead
        maintenance.sweep(app)
    figures = {
        "search, one letter (CPU ms)": cpu_ms(lambda: other_accounts.page(app, CLI, search="n")),
        "metrics (CPU ms)": cpu_ms(lambda: metrics.count(app, CLI)),
        "long pending (CPU ms)": cpu_ms(lambda: maintenance.record_long_pending(app)),
        "sweep of nothing (CPU ms)": cpu_ms(lambda: maintenance.sweep(app)),
    }
    for name, arguments in COMMANDS.items():
        figures |= _used(name, data, arguments)
    clock.advance(timedelta(days=400))
    start = time.process_time()
    figures["longest wait for a write during the sweep (ms)"] = longest_wait(
        app, lambda: maintenance.sweep(app)
    )
    figures["sweep of everything (CPU s)"] = time.process_time() - start
    app.close()
    return figures | _used("restore", data, RESTORE)


def _used(name: str, data: Path, arguments: tuple[str, ...]) -> dict[str, float]:
    seconds, memory = command(data, arguments)
    return {f"{name} (CPU s)": seconds, f"{name} (MiB)": memory}


def run() -> dict[str, float]:
    figures: dict[str, float] = {}
    for size in SIZES:
        with tempfile.TemporaryDirectory() as name:
            found = _at(size, Path(name) / "data")
        figures |= {f"{size} accounts: {label}": value for label, value in found.items()}
    return figures
