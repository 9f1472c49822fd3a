"""A program that listens on a port while a block runs."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def listening(command: Sequence[str], port: int, folder: Path) -> Iterator[None]:
    """Run a process that accepts connections on the port. It prints to the file `output`."""
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env={**os.environ, "HOME": str(folder)}
        )
        try:
            _wait(process, port, command, folder)
            yield
        finally:
            process.terminate()
            process.wait(15)


def _wait(
    process: subprocess.Popen[bytes], port: int, command: Sequence[str], folder: Path
) -> None:
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"{command} does not listen: {(folder / 'output').read_text()}")
