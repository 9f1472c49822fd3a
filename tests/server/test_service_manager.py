"""Notifications of `serve` to a service manager over a real datagram socket (sd_notify(3))."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.support import loops
from tests.support.served import ROOT, Served
from tests.support.service_manager import listening
from watchword import bootstrap
from watchword.server.systemd import ServiceManager

UNIT = ROOT / "packaging" / "systemd" / "watchword.service"


@pytest.mark.parametrize("abstract", [False, True], ids=["file", "abstract"])
def test_start_reload_and_stop_are_notified(tmp_path: Path, abstract: bool) -> None:
    with listening(tmp_path, abstract=abstract) as manager:
        before = bootstrap.monotonic_microseconds()
        served = Served.start(tmp_path / "data", environ={"NOTIFY_SOCKET": manager.name})
        assert manager.next()["READY"] == "1"
        served.process.send_signal(1)
        moment = int(manager.until(RELOADING="1")["MONOTONIC_USEC"])
        assert before < moment < bootstrap.monotonic_microseconds()
        assert manager.next() == {"READY": "1"}
        assert served.stop() == 0
        assert manager.next()["STOPPING"] == "1"


def test_ready_is_notified_when_the_server_listens(tmp_path: Path) -> None:
    with listening(tmp_path) as manager:
        environ = {"NOTIFY_SOCKET": manager.name}
        with Served.running(tmp_path / "data", environ=environ) as served:
            manager.until(READY="1")
            done = subprocess.run(
                ["curl", "--silent", "--fail", "--cacert", str(served.ca), "--output", "/dev/null",
                 f"{served.api}/health/live"], check=False,
            )  # fmt: skip
        assert done.returncode == 0


def renamed(served: Served, old: str, new: str) -> None:
    with closing(sqlite3.connect(served.data / "watchword.db")) as database:
        database.execute(f"ALTER TABLE {old} RENAME TO {new}")


def test_a_server_whose_database_is_locked_keeps_running_and_reports_it(tmp_path: Path) -> None:
    with listening(tmp_path) as manager:
        environ = {"NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "200000"}
        with Served.running(tmp_path / "data", environ=environ) as served:
            with closing(sqlite3.connect(served.data / "watchword.db", timeout=30)) as other:
                other.execute("BEGIN IMMEDIATE")
                manager.until(STATUS="Not ready: database-unavailable", WATCHDOG="1")
                other.rollback()
            manager.until(STATUS="Serving", WATCHDOG="1")
            assert sum("the database cannot be used (busy" in line for line in served.errors) == 1


def test_a_server_whose_table_is_missing_keeps_running_and_reports_it(tmp_path: Path) -> None:
    """A new server, started by the watchdog, could not start."""
    with listening(tmp_path) as manager:
        environ = {"NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "200000"}
        with Served.running(tmp_path / "data", environ=environ) as served:
            manager.until(WATCHDOG="1")
            renamed(served, "installation", "elsewhere")
            away = {"STATUS": "Not ready: error", "WATCHDOG": "1"}
            assert manager.until(STATUS=away["STATUS"]) == manager.next() == away
            renamed(served, "elsewhere", "installation")
            manager.until(STATUS="Serving", WATCHDOG="1")


def test_a_hanging_server_does_not_notify_the_watchdog(tmp_path: Path) -> None:
    looked: list[str] = []

    async def until_it_hangs(service: ServiceManager) -> None:
        hangs = asyncio.Event()

        async def look() -> str:
            looked.append("Serving")
            if len(looked) == 2:
                hangs.set()
                await asyncio.Event().wait()
            return looked[-1]

        feeding = asyncio.ensure_future(service.feed_watchdog(look))
        await hangs.wait()
        feeding.cancel()

    with listening(tmp_path) as manager:
        environ = {"NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "2000"}
        loops.run(until_it_hangs(ServiceManager(environ)))
        assert manager.next() == {"STATUS": "Serving", "WATCHDOG": "1"}
        manager.socket.setblocking(False)
        with pytest.raises(BlockingIOError):
            manager.next()


def test_the_watchdog_is_notified_twice_in_each_interval(tmp_path: Path) -> None:
    environ = {"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}
    assert ServiceManager(environ).watchdog_seconds == 30


@pytest.mark.parametrize(
    "environ",
    [
        {"WATCHDOG_USEC": "30000000"},
        {"NOTIFY_SOCKET": "/x"},
        {"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"},
        {"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "soon"},
        {"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "0"},
    ],
)
def test_without_a_watchdog_nothing_is_notified(environ: dict[str, str]) -> None:
    manager = ServiceManager(environ)
    assert manager.watchdog_seconds is None

    async def never() -> str:
        raise AssertionError

    loops.run(manager.feed_watchdog(never))


@pytest.mark.parametrize("name", ["", "/nowhere/at/all", "@no-listener"])
def test_a_missing_manager_is_ignored(name: str) -> None:
    ServiceManager({"NOTIFY_SOCKET": name}).notify(READY=1)


# --- the unit -------------------------------------------------------------------------------
def test_the_unit_is_hardened() -> None:
    """systemd rates the exposure of the unit at 2.0 of 10 or less."""
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--threshold=20", str(UNIT)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_unit_is_valid(tmp_path: Path) -> None:
    """Only the path of the program is replaced by an existing one."""
    text = UNIT.read_text()
    program = tmp_path / "watchword"
    shutil.copy("/bin/true", program)
    unit = tmp_path / "watchword.service"
    unit.write_text(text.replace("/opt/watchword/bin/watchword", str(program)))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    complaints = [line for line in done.stderr.splitlines() if "watchword.service" in line]
    assert (done.returncode, complaints) == (0, [])


def directives() -> dict[str, str]:
    lines = [line for line in UNIT.read_text().splitlines() if "=" in line and line[0] != "#"]
    return dict(line.split("=", 1) for line in lines)


def test_the_unit_matches_the_server() -> None:
    found = directives()
    assert found["Type"] == "notify"
    assert found["LimitCORE"] == "0"
    assert found["WatchdogSec"] == "30"
    assert found["StateDirectory"] == "watchword"
    assert found["StateDirectoryMode"] == "0700"
    assert found["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert "serve" in found["ExecStart"].split()
