"""A real `watchword serve` for a benchmark, and a connection to it."""

from __future__ import annotations

import functools
import http.client
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.ports import free_port

PASSWORD = "otter pencil gravel monsoon"


@dataclass
class Server:
    """A running server; `seconds` is the time from the start of the process to its first answer."""

    data: Path
    console: int
    api: int
    process: subprocess.Popen[bytes]
    seconds: float = 0.0

    def connect(self, port: int, source: str = "127.0.0.1") -> http.client.HTTPSConnection:
        context = _trusting(self.data / "tls" / "ca.crt")
        return http.client.HTTPSConnection(
            "127.0.0.1", port, context=context, timeout=30, source_address=(source, 0)
        )

    def cpu_seconds(self) -> float:
        """Return the CPU time of the process and its threads until now."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mib(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(x for x in status.splitlines() if x.startswith("VmRSS"))
        return int(line.split()[1]) / 1024


@functools.cache
def _trusting(ca: Path) -> ssl.SSLContext:
    """Return one context per process: making one costs more than a handshake."""
    return ssl.create_default_context(cafile=str(ca))


def cli(data: Path, *arguments: str, stdin: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-m", "watchword", *arguments, "--data-dir", str(data)],
        input=stdin, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def wait_for_answer(port: int) -> None:
    """Wait until the health check of the API answers over TLS."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    while True:
        try:
            connection = http.client.HTTPSConnection("127.0.0.1", port, context=context)
            connection.request("GET", "/health/live")
            connection.getresponse().read()
            connection.close()
        except OSError:
            time.sleep(0.002)
        else:
            return


@contextmanager
def running(data: Path, module: str = "watchword", source: Path | None = None) -> Iterator[Server]:
    """Run the server; `source` is the folder `src` of another checkout."""
    console, api = free_port(), free_port()
    command = [
        sys.executable, "-m", module, "serve", "--data-dir", str(data),
        "--console", f"127.0.0.1:{console}", "--api", f"127.0.0.1:{api}",
    ]  # fmt: skip
    environ = os.environ | ({"PYTHONPATH": str(source)} if source else {})
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environ)
    try:
        wait_for_answer(api)
        yield Server(data, console, api, process, time.perf_counter() - start)
    finally:
        process.terminate()
        process.wait(15)
