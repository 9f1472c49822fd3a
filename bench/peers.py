"""Processor time per authenticated request, compared with other servers in the same run.

Plain HTTP, SQLite, one worker process each, pinned to one core; wrk runs on another one. The servers
take turns in short rounds. `make bench` installs the peers from requirements/bench.txt into a virtual
environment of their own, and nginx as a system package.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from msgspec import Struct

from bench import peer_names
from bench.requests import LOAD_CORE, SERVER_CORE, _basic
from bench.server import PASSWORD, cli
from tests.support.ports import free_port

ROOT = Path(__file__).parents[1]
PYTHON = Path(sys.prefix) / "peers" / "bin" / "python"
ROUNDS = 5
OURS = "Watchword, API password"
APR1 = "$apr1$abcdefgh$0Vu1pivvZDUxjtVFbNAph0"
BCRYPT_5 = "$2b$05$abcdefghijklmnopqrstuu.yPEIYgLQ.PP5fjerNlvEaGrKK6cu62"
NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr crit;
events {{ worker_connections 256; }}
http {{
  access_log off; client_body_temp_path {folder}; proxy_temp_path {folder};
  fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{port}; keepalive_requests 1000000; root {folder};
    auth_basic "bench"; auth_basic_user_file {folder}/passwords;
  }}
}}
"""


class Peer(Struct, frozen=True):
    """A running server: the request, and how hard wrk may work it."""

    process: subprocess.Popen[bytes]
    url: str
    header: str
    connections: int = 32
    seconds: int = 2
    rounds: int = ROUNDS


@contextmanager
def _process(command: list[str], **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        ["taskset", "-c", SERVER_CORE, *command], cwd=ROOT, env=os.environ | environ,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def _processor_seconds(pid: int) -> float:
    """Return the processor time of a process and of its children."""
    total = 0.0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        if int(path.parent.name) == pid or int(fields[1]) == pid:
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def _microseconds(peer: Peer) -> float:
    """Run wrk once. Returns the processor time per request. All answers must be 2xx."""
    before = _processor_seconds(peer.process.pid)
    done = subprocess.run(
        ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{peer.connections}", f"-d{peer.seconds}s",
         "--timeout", "60s", "-H", peer.header, peer.url],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "Non-2xx" not in done.stdout, done.stdout
    found = re.search(r"(\d+) requests in", done.stdout)
    assert found is not None
    return (_processor_seconds(peer.process.pid) - before) / int(found[1]) * 1e6


def _wait(peer: Peer) -> Peer:
    """Wait until the server answers this request. Raises AssertionError after a minute."""
    name, _, value = peer.header.partition(": ")
    for _ in range(600):
        try:
            with urllib.request.urlopen(urllib.request.Request(peer.url, headers={name: value})):
                return peer
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{peer.url} does not answer")


def _watchword(folder: Path, held: ExitStack) -> dict[str, Peer]:
    cli(folder, "administrator", "create", "alice", "--password-stdin", stdin=PASSWORD)
    token = cli(folder, "api-password", "generate", "alice").split()[-1]
    ports = free_port(), free_port(), free_port()
    command = [sys.executable, "-m", "bench.contestants", str(folder), *map(str, ports)]
    plain = {"WATCHWORD_INSECURE_PLAIN_HTTP_ON_LOOPBACK": "true"}
    process = held.enter_context(_process(command, **plain))
    url = f"http://127.0.0.1:{ports[1]}/api/v1/whoami"
    return {OURS: Peer(process, url, _basic("alice", token))}


def _drf(folder: Path, held: ExitStack) -> dict[str, Peer]:
    environ = {"BENCH_DATABASE": str(folder / "drf.db")}
    fill = [str(PYTHON), "-m", "bench.peer_drf", PASSWORD]
    subprocess.run(fill, check=True, cwd=ROOT, env=os.environ | environ)
    port = free_port()
    command = ["-m", "gunicorn", "-w1", "--threads", "4", "-b", f"127.0.0.1:{port}"]
    process = held.enter_context(
        _process([str(PYTHON), *command, "bench.peer_drf:application"], **environ)
    )
    url, name = f"http://127.0.0.1:{port}", peer_names.ALICE
    return {
        "Django REST framework, token": Peer(process, f"{url}/token", peer_names.TOKEN_HEADER),
        "Django REST framework, Basic": Peer(
            process, f"{url}/basic", _basic(name, PASSWORD), connections=2, seconds=20, rounds=1
        ),
    }


def _fastapi(_folder: Path, held: ExitStack) -> dict[str, Peer]:
    port = free_port()
    command = [str(PYTHON), "-m", "uvicorn", "--no-access-log", "--port", str(port)]
    process = held.enter_context(
        _process([*command, "bench.peer_fastapi:app"], BENCH_PASSWORD=PASSWORD)
    )
    url = f"http://127.0.0.1:{port}/basic"
    return {
        "FastAPI, Basic, one password in the code": Peer(process, url, _basic("alice", PASSWORD))
    }


def _nginx(folder: Path, held: ExitStack, hashed: str) -> Peer:
    folder.mkdir(mode=0o755)
    (folder / "passwords").write_text(f"alice:{hashed}\n")
    (folder / "whoami").write_text('{"username": "alice"}')
    port = free_port()
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port))
    binary = next(p for p in ("/usr/sbin/nginx", "/usr/bin/nginx") if Path(p).exists())
    command = [binary, "-c", str(folder / "nginx.conf"), "-p", str(folder)]
    process = held.enter_context(_process(command))
    return Peer(process, f"http://127.0.0.1:{port}/whoami", _basic("alice", PASSWORD))


def run() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name, ExitStack() as held:
        folder = Path(name)
        folder.chmod(0o755)  # nginx's worker has another user
        peers = {
            **_watchword(folder / "data", held),
            **_drf(folder, held),
            **_fastapi(folder, held),
            "nginx, auth_basic, apr1": _nginx(folder / "apr1", held, APR1),
            "nginx, auth_basic, bcrypt-5": _nginx(folder / "bcrypt", held, BCRYPT_5),
        }
        times: dict[str, list[float]] = {label: [] for label in peers}
        for peer in peers.values():
            _wait(peer)
        for number in range(ROUNDS):
            for label, peer in peers.items():
                if number < peer.rounds:
                    times[label].append(_microseconds(peer))
    figures = {f"{label} (us)": statistics.median(found) for label, found in times.items()}
    for label, found in list(times.items())[1:]:
        ratios = (theirs / ours for theirs, ours in zip(found, times[OURS], strict=False))
        figures[f"{label} / Watchword"] = statistics.median(ratios)
    return figures
