"""The systemd service in another root: installed, run, upgraded and uninstalled as the how-to pages
describe.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.docs.blocks import ROOT, blocks_of
from tests.support.container import unprivileged
from tests.support.installed import Environment, first_minute, plain_environ
from tests.support.person import Person
from tests.support.ports import free_port
from tests.support.served import PASSWORD, Served

HOW_TO = ROOT / "docs" / "how-to"
# A scratch root has none of these programs; stubs record their arguments.
STUBS = ("systemctl", "userdel", "watchword")


def block(page: str, containing: str) -> str:
    """Return the only command block of a page that contains a text."""
    (found,) = [b.text for b in blocks_of(HOW_TO / page) if containing in b.text]
    return found


@dataclass(frozen=True)
class Host:
    """A scratch root, in which the commands of a page are run."""

    root: Path

    def here(self, text: str) -> str:
        return re.sub(r"(?<![\w/.])/(etc|opt|usr/(?:lib|local)|var)/", rf"{self.root}/\1/", text)

    def type(self, text: str) -> list[str]:
        """Run commands. Returns the calls of the stubs."""
        stubs, calls = self.root / "stubs", self.root / "calls"
        stubs.mkdir(exist_ok=True)
        calls.write_text("")
        for name in STUBS:
            (stubs / name).write_text(f'#!/bin/sh\necho "{name} $*" >>{calls}\n')
            (stubs / name).chmod(0o755)
        environ = {**plain_environ(), "PATH": f"{stubs}:{os.environ['PATH']}",
                   "DESTDIR": str(self.root)}  # fmt: skip
        done = subprocess.run(
            ["sh", "-euxc", self.here(text)], cwd=ROOT, env=environ, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return calls.read_text().splitlines()

    def path(self, name: str) -> Path:
        return Path(self.here(name))

    def unit(self) -> list[tuple[str, str]]:
        text = self.here(self.path("/usr/lib/systemd/system/watchword.service").read_text())
        lines = [line for line in text.splitlines() if "=" in line and line[0] != "#"]
        return [(name, value) for name, _, value in (line.partition("=") for line in lines)]

    def start(self) -> Served:
        """Start the server with ExecStart and Environment of the unit."""
        (command,) = [value for name, value in self.unit() if name == "ExecStart"]
        said = dict(value.split("=", 1) for name, value in self.unit() if name == "Environment")
        data = self.path("/var/lib/watchword")
        if os.geteuid() == 0:  # root takes the role of the service's user
            os.chown(data, 0, 0)
        ports = self.ports()
        environ = {"PATH": "/usr/bin:/bin", "HOME": str(data), "LANG": "C.UTF-8", **said}
        return Served.launched(shlex.split(command), data, ports, environ, cwd=self.root)

    def ports(self) -> tuple[int, int]:
        """Return the ports of the settings file, which the fixture `host` wrote."""
        found = re.findall(r":(\d+)\"$", self.path("/etc/watchword/watchword.toml").read_text(),
                           re.M)  # fmt: skip
        return int(found[-2]), int(found[-1])


def mode(path: Path) -> str:
    found = path.stat()
    return f"{found.st_mode & 0o777:o}"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory, wheels_at_hand: None) -> Host:
    """An installation with free ports."""
    installed = Host(tmp_path_factory.mktemp("host"))
    calls = installed.type(block("systemd.md", "install.sh"))
    assert calls == ["systemctl enable --now watchword"]
    with installed.path("/etc/watchword/watchword.toml").open("a") as settings:
        for name in ("console", "api"):
            settings.write(f'{name} = "127.0.0.1:{free_port()}"\n')
    return installed


def test_every_file_is_where_the_page_says(host: Host) -> None:
    page = (HOW_TO / "systemd.md").read_text()
    rows = re.findall(r"^\| (`/.*?) \|", page, re.M)
    places = [place for row in rows for place in re.findall(r"`(/[^`]+)`", row)]
    assert len(places) == 8
    assert [place for place in places if not host.path(place).exists()] == []
    assert mode(host.path("/etc/watchword/watchword.toml")) == "640"
    assert mode(host.path("/etc/watchword")) == "750"
    assert mode(host.path("/var/lib/watchword")) == "700"
    assert mode(host.path("/var/backups/watchword")) == "700"


def test_the_user_is_made_and_owns_its_folders(host: Host) -> None:
    users = host.path("/etc/").joinpath("passwd").read_text()
    (line,) = [line for line in users.splitlines() if line.startswith("watchword:")]
    number = int(line.split(":")[2])
    assert line.endswith(":/var/lib/watchword:/usr/sbin/nologin")
    if os.geteuid() == 0:  # only root can change owners
        assert host.path("/var/lib/watchword").stat().st_uid == number
        assert host.path("/etc/watchword/watchword.toml").stat().st_uid == 0


def test_it_runs_as_the_unit_says_and_an_upgrade_keeps_settings_and_data(host: Host) -> None:
    served = host.start()
    try:
        first_minute(served)
    finally:
        assert served.stop() == 0
    assert host.path("/var/lib/watchword/watchword.db").exists()
    settings = host.path("/etc/watchword/watchword.toml").read_text()
    upgraded = block("upgrade.md", "systemctl stop")
    assert host.type(upgraded) == ["systemctl stop watchword", "systemctl start watchword"]
    assert host.path("/etc/watchword/watchword.toml").read_text() == settings
    served = host.start()
    try:
        alice = Person(served).login()
        assert alice.heading == "Overview"
        alice.close()
        answer = requests.get(f"{served.api}/api/v1/whoami", auth=("alice", PASSWORD),
                              verify=str(served.ca), timeout=30)  # fmt: skip
        assert answer.status_code == 200
    finally:
        assert served.stop() == 0


def test_the_command_line_has_the_units_settings(host: Host) -> None:
    """The wrapper is run without `runuser`: this machine does not have its user."""
    wrapper = host.path("/usr/local/sbin/watchword")
    text = host.here(wrapper.read_text())
    assert "exec runuser -u watchword -- env -i" in text
    (host.root / "wrapper").write_text(text.replace("runuser -u watchword -- ", ""))
    done = subprocess.run(["sh", str(host.root / "wrapper"), "config", "show"],
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert str(host.path("/var/lib/watchword")) in done.stdout
    assert f"file {host.path('/etc/watchword/watchword.toml')}" in done.stdout
    said = {value for name, value in host.unit() if name == "Environment"}
    for name in ("WATCHWORD_DATA_DIR", "WATCHWORD_CONFIG"):
        (value,) = [v for v in said if v.startswith(name)]
        assert value in text


def test_the_command_line_has_nothing_of_roots_environment(host: Host) -> None:
    """Variables of Python, OpenSSL, libpq and Watchword have no effect."""
    text = host.here(host.path("/usr/local/sbin/watchword").read_text())
    program = host.root / "opt" / "watchword" / "bin" / "watchword"
    wrapper = host.root / "listing"
    wrapper.write_text(
        text.replace("runuser -u watchword -- ", "").replace(f'{program} "$@"', "env")
    )
    planted = {"PYTHONPATH": "/planted", "PYTHONSTARTUP": "/planted", "OPENSSL_CONF": "/planted",
               "PGSERVICEFILE": "/planted", "WATCHWORD_DATABASE_URL": "/planted",
               "SSLKEYLOGFILE": "/planted", "LD_LIBRARY_PATH": "/planted", "TERM": "xterm"}  # fmt: skip
    done = subprocess.run(["sh", str(wrapper)], capture_output=True, text=True, check=True,
                          env={"PATH": os.environ["PATH"], **planted})  # fmt: skip
    names = {line.partition("=")[0] for line in done.stdout.splitlines()}
    assert names == {"PATH", "HOME", "TERM", "LANG", "WATCHWORD_DATA_DIR", "WATCHWORD_CONFIG"}
    assert "TERM=xterm" in done.stdout
    assert "/planted" not in done.stdout


def test_the_installation_does_not_need_the_source(host: Host) -> None:
    """The source folder may be deleted."""
    program = Environment(host.path("/opt/watchword"))
    script = "import watchword; print(watchword.__file__)"
    done = subprocess.run([str(program.folder / "bin" / "python"), "-c", script], cwd="/",
                          capture_output=True, text=True, check=True, env={})  # fmt: skip
    assert done.stdout.startswith(str(host.root))


def test_uninstalling_keeps_the_operators_files_until_the_last_step(host: Host) -> None:
    """The last test of this root."""
    calls = host.type(block("uninstall.md", "rm -r /opt/watchword"))
    assert calls == ["systemctl disable --now watchword", "systemctl daemon-reload"]
    left = {p.relative_to(host.root).parts[:3] for p in host.root.rglob("*watchword*")}
    assert left == {("var", "lib", "watchword"), ("var", "backups", "watchword"),
                    ("etc", "watchword"), ("etc", "watchword", "watchword.toml"),
                    ("stubs", "watchword")}  # fmt: skip
    assert host.type(block("uninstall.md", "userdel")) == ["userdel watchword"]
    assert [p for p in host.root.rglob("*watchword*") if p.parent.name != "stubs"] == []


def test_without_root_and_destdir_the_script_refuses() -> None:
    command = unprivileged(["sh", str(ROOT / "packaging" / "systemd" / "install.sh")])
    done = subprocess.run(command, capture_output=True, text=True, check=False,
                          env={"PATH": os.environ["PATH"]})  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == (
        "This script installs a service. Run it as root, or set another root (DESTDIR=DIR).\n"
    )
