"""A server over real ports, in a separate process, with cheap hashes."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Self

from tests.support import forked
from tests.support.forked import Forked
from tests.support.installation import CHEAP
from tests.support.ports import free_port
from watchword import bootstrap
from watchword.cli import account_commands
from watchword.config import load
from watchword.crypto.passwords import run
from watchword.domain.roles import Role
from watchword.domain.secret import Secret
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.administrators import other_accounts

ROOT = Path(__file__).parents[2]
# Compiled modules are stored, wherever the tests run: each test starts processes.
BYTECODE = {
    "PYTHONDONTWRITEBYTECODE": "",
    "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / f"watchword-pycache-{os.getuid()}"),
}
KNOWN_COOKIES = {"WATCHWORD_COOKIE_PREFIX": "__Host-ww"}
"""Cookie names without the installation's id, so that tests can write the names."""
OWN_COOKIES = {"WATCHWORD_COOKIE_PREFIX": ""}
"""The default."""
PASSWORD = "otter pencil gravel monsoon"


@dataclass
class Served:
    """A running `watchword serve`."""

    data: Path
    console_port: int
    api_port: int
    process: Forked | subprocess.Popen[str]
    output: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    @property
    def console(self) -> str:
        return f"https://127.0.0.1:{self.console_port}"

    @property
    def api(self) -> str:
        return f"https://127.0.0.1:{self.api_port}"

    @property
    def ca(self) -> Path:
        return self.data / "tls" / "ca.crt"

    @property
    def first_run_link(self) -> str:
        return next(line for line in reversed(self.output) if "/first-run/" in line)

    @property
    def complaints(self) -> list[str]:
        """Return the warnings and errors of the log."""
        return [line for line in self.errors if " INFO " not in line]

    def cli(
        self, *arguments: str, stdin: str = "", expect: int = 0
    ) -> subprocess.CompletedProcess[str]:
        """Run the command line while the server runs."""
        done = forked.run_whole(
            arguments, environ=os.environ | {"WATCHWORD_DATA_DIR": str(self.data)}, stdin=stdin
        )
        assert done.returncode == expect, f"{arguments}: {done.stdout}{done.stderr}"
        return done

    def create(self, username: str, password: str = PASSWORD, *, must_change: bool = False) -> None:
        """Create an account as the command line does, but not in a process of its own."""
        new = NewAdministrator(username, "", "", Secret(password), must_change)
        settings = load(data_dir=str(self.data), environ=os.environ).settings
        with closing(bootstrap.open(settings, hashing=CHEAP, is_server=False)) as app:
            run(other_accounts.create(app, account_commands.by(Role.ADMINISTRATOR), new))

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Stop the server by a signal. Returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(15)
        for thread in self._threads:
            thread.join(5)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        return code

    @classmethod
    @contextmanager
    def running(
        cls,
        data: Path,
        *,
        ports: tuple[int, int] | None = None,
        extra: Sequence[str] = (),
        environ: dict[str, str] | None = None,
        is_first: bool = False,
    ) -> Iterator[Served]:
        """Start a server, wait until it is ready, and stop it at the end."""
        served = cls.start(data, ports=ports, extra=extra, environ=environ, is_first=is_first)
        try:
            yield served
        finally:
            served.stop()

    @classmethod
    def start(
        cls,
        data: Path,
        *,
        ports: tuple[int, int] | None = None,
        extra: Sequence[str] = (),
        environ: dict[str, str] | None = None,
        is_first: bool = False,
    ) -> Served:
        """Start a server. A new folder is a copy of one in which a server has run before, with
        the same CA, unless it `is_first`: the first start takes three times as long.
        """
        if not (is_first or extra or data.exists() or "WATCHWORD_DATABASE_URL" in (environ or {})):
            shutil.copytree(_installation(), data)
        console, api = ports or (free_port(), free_port())
        arguments = [
            "serve", "--data-dir", str(data),
            "--console", f"127.0.0.1:{console}", "--api", f"127.0.0.1:{api}", *extra,
        ]  # fmt: skip
        process = Forked(arguments, os.environ | KNOWN_COOKIES | (environ or {}))
        served = cls(data, console, api, process)
        served._wait_until_ready()
        return served

    @classmethod
    def launched(
        cls,
        command: Sequence[str],
        data: Path,
        ports: tuple[int, int],
        environ: dict[str, str],
        cwd: Path = ROOT,
    ) -> Self:
        """Run a program that serves, in a new process, and wait until it is ready."""
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, cwd=cwd, env=environ,
        )  # fmt: skip
        served = cls(data, *ports, process)
        served._wait_until_ready()
        return served

    def _wait_until_ready(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self._follow(self.process.stderr, self.errors)
        for line in self.process.stdout:
            self.output.append(line.strip())
            if "is ready" in line:
                return
        self.stop()
        raise AssertionError("the server did not start: " + "".join(self.errors))

    def _follow(self, stream: IO[str], lines: list[str]) -> None:
        thread = threading.Thread(target=lambda: lines.extend(stream), daemon=True)
        thread.start()
        self._threads.append(thread)


@functools.cache
def _installation() -> Path:
    """Return the data folder of a server that has run once, without an administrator."""
    folder = Path(tempfile.mkdtemp(prefix="watchword-served-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    Served.start(folder / "data", is_first=True).stop()
    return folder / "data"
