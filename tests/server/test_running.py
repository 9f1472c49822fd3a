"""Commands find the server of their data folder, also with other settings."""

from __future__ import annotations

import json
import signal
import stat
from pathlib import Path

import pytest
import requests

from tests.cli.test_command_line import command
from tests.support.installation import settings_for
from tests.support.ports import free_port
from tests.support.postgres import PostgresServer
from tests.support.served import Served
from watchword.config import Address
from watchword.server import running
from watchword.server.running import FILE

CONSOLE, API = Address("127.0.0.1", 9470), Address("::1", 9474)
LISTENING = {"console": CONSOLE, "api": API}


def elsewhere() -> dict[str, str]:
    """Return settings with other ports than those of the server."""
    return {f"WATCHWORD_{name}": f"127.0.0.1:{free_port()}" for name in ("CONSOLE", "API")}


def demand_found(served: Served, environ: dict[str, str]) -> None:
    """Demand that each command that connects to the server finds it."""
    link = command(served.data, "first-run", environ=environ)
    assert link.stderr == ""
    address = link.stdout.splitlines()[-1]
    assert address.startswith(f"{served.console}/first-run/")
    answer = requests.get(address, verify=str(served.ca), timeout=30)
    assert "Create Administrator" in answer.text
    health = command(served.data, "health", environ=environ)
    assert (health.returncode, health.stderr) == (0, "")
    assert f"127.0.0.1:{served.api_port}" in health.stdout
    checks = json.loads(command(served.data, "doctor", "--json", environ=environ).stdout)["checks"]
    ports = {c["name"]: c["code"] for c in checks if c["name"].endswith("-port")}
    assert ports == {"console-port": "console-port.ours", "api-port": "api-port.ours"}


def test_commands_find_a_server_with_other_ports(served: Served) -> None:
    demand_found(served, elsewhere())
    file = served.data / FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_same_with_a_node_on_postgresql(
    postgres_template: tuple[Path, str], postgres_server: PostgresServer, tmp_path: Path
) -> None:
    name = postgres_server.copy_of(postgres_template[1].split("/")[3].partition("?")[0])
    environ = {"WATCHWORD_DATABASE_URL": postgres_server.url(name)}
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    keys = Path(postgres_template[0]) / "keys"
    (data / "keys").mkdir(mode=0o700)
    for key in keys.iterdir():
        (data / "keys" / key.name).write_bytes(key.read_bytes())
    with Served.running(data, environ=environ) as served:
        demand_found(served, {**environ, **elsewhere()})


def test_addresses_of_a_killed_server_are_ignored(tmp_path: Path) -> None:
    served = Served.start(tmp_path / "data")
    served.stop(signal.SIGKILL)
    assert (served.data / FILE).exists()
    environ = elsewhere()
    done = command(served.data, "health", environ=environ)
    assert done.returncode == 1
    assert environ["WATCHWORD_API"] in done.stderr


def test_a_server_that_ends_removes_its_addresses(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with running.recorded(settings, LISTENING):
        found = running.current(settings)
        assert (found.console, found.api) == ("127.0.0.1:9470", "[::1]:9474")
    assert running.current(settings) == settings
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["", "[]", '{"console": "x"}', '{"console": 1}', "\x00"])
def test_a_damaged_file_is_ignored(tmp_path: Path, content: str) -> None:
    settings = settings_for(tmp_path)
    with running.recorded(settings, LISTENING):
        with (tmp_path / FILE).open("r+") as file:
            file.truncate()
            file.write(content)
        assert running.current(settings) == settings


def test_with_two_servers_on_one_folder_the_last_one_counts(
    tmp_path: Path,
) -> None:
    """On PostgreSQL two servers may share the keys."""
    settings = settings_for(tmp_path)
    with running.recorded(settings, {"console": API, "api": CONSOLE}):
        second = running.recorded(settings, LISTENING)
        second.__enter__()
    assert running.current(settings).console == str(CONSOLE)
    second.__exit__(None, None, None)
    assert running.current(settings) == settings


def test_a_record_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    settings = settings_for(tmp_path)
    with running.recorded(settings, LISTENING):
        assert running.current(settings) == settings
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
