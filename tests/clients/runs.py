"""Runners of the clients: each takes a batch of calls and returns an outcome for each."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

HERE = Path(__file__).parent
OURS = sys.executable
SYSTEM = "/usr/bin/python3"
"""The system interpreter, with python3-httpx and python3-aiohttp."""

Call = tuple[str, str]
Outcome = int | str


@dataclass(frozen=True)
class Target:
    """An endpoint of the API, its CA, and a folder for the client's files."""

    url: str
    ca: Path
    folder: Path

    def addressed(self, call: Call) -> str:
        name, password = (quote(part, safe="") for part in call)
        return self.url.replace("://", f"://{name}:{password}@")

    def run(self, *command: str, stdin: str = "", **environ: str) -> str:
        """Run a command without the machine's proxy and CA variables; return its output."""
        clean = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8"}
        done = subprocess.run(
            command, input=stdin, capture_output=True, text=True, env=clean | environ,
            cwd=self.folder, timeout=240,
        )  # fmt: skip
        return done.stdout + (done.stderr if not done.stdout else "")


Run = Callable[[Target, Sequence[Call]], list[Outcome]]


def python(
    variant: str, target: Target, calls: Sequence[Call], *, interpreter: str
) -> list[Outcome]:
    given = json.dumps({"url": target.url, "ca": str(target.ca), "calls": calls})
    output = target.run(interpreter, str(HERE / "programs.py"), variant, stdin=given)
    found: list[Outcome] = json.loads(output)
    return found


def node(variant: str, target: Target, calls: Sequence[Call]) -> list[Outcome]:
    given = json.dumps({"url": target.url, "calls": calls})
    output = target.run(
        "node", str(HERE / "fetch.mjs"), variant, stdin=given, NODE_EXTRA_CA_CERTS=str(target.ca)
    )
    found: list[Outcome] = json.loads(output)
    return found


def java(variant: str, target: Target, calls: Sequence[Call]) -> list[Outcome]:
    lines = [target.url, str(target.ca)]
    lines += [" ".join(quote(part, safe="") for part in call) for call in calls]
    # The default of three retries would use up the address's budget of failed attempts.
    options = ("-XX:TieredStopAtLevel=1", "-Djdk.httpclient.auth.retrylimit=1")
    command = ("java", *options, str(HERE / "Fetch.java"), variant)
    found: list[Outcome] = json.loads(target.run(*command, stdin="\n".join(lines) + "\n"))
    return found


def _curl(target: Target, *options: str) -> Outcome:
    command = ["curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}"]
    return int(target.run(*command, "--cacert", str(target.ca), *options))


def curl_user(target: Target, calls: Sequence[Call], *options: str) -> list[Outcome]:
    return [_curl(target, *options, "--user", ":".join(call), target.url) for call in calls]


def curl_challenged(target: Target, calls: Sequence[Call]) -> list[Outcome]:
    return curl_user(target, calls, "--anyauth")


def curl_address(target: Target, calls: Sequence[Call]) -> list[Outcome]:
    return [_curl(target, target.addressed(call)) for call in calls]


def curl_netrc(target: Target, calls: Sequence[Call]) -> list[Outcome]:
    found = []
    for name, password in calls:
        netrc = target.folder / "netrc"
        netrc.write_text(f'machine 127.0.0.1 login "{name}" password "{password}"\n')
        found.append(_curl(target, "--netrc-file", str(netrc), target.url))
    return found


def _wget(target: Target, *options: str) -> Outcome:
    command = ["wget", "--quiet", "--server-response", "--output-document=/dev/null", "--tries=1"]
    output = target.run(*command, f"--ca-certificate={target.ca}", *options)
    return int(re.findall(r"HTTP/1\.1 (\d{3})", output)[-1])


def wget_user(target: Target, calls: Sequence[Call], *options: str) -> list[Outcome]:
    return [
        _wget(target, *options, f"--user={name}", f"--password={password}", target.url)
        for name, password in calls
    ]


def wget_first(target: Target, calls: Sequence[Call]) -> list[Outcome]:
    return wget_user(target, calls, "--auth-no-challenge")


def wget_address(target: Target, calls: Sequence[Call]) -> list[Outcome]:
    return [_wget(target, target.addressed(call)) for call in calls]


def ansible(is_forced: bool, target: Target, calls: Sequence[Call]) -> list[Outcome]:
    task = {
        "ansible.builtin.uri": {
            "url": target.url, "ca_path": str(target.ca), "url_username": "{{ item[0] }}",
            "url_password": "{{ item[1] }}", "force_basic_auth": is_forced,
            "status_code": [200, 401],
        },
        "loop": [list(call) for call in calls],
        "register": "answers",
    }  # fmt: skip
    statuses = "{{ answers.results | map(attribute='status') | list | to_json }}"
    file = target.folder / "statuses.json"
    keep = {"ansible.builtin.copy": {"content": statuses, "dest": str(file)}}
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False,
            "vars": {"ansible_python_interpreter": SYSTEM}, "tasks": [task, keep]}  # fmt: skip
    (target.folder / "play.yml").write_text(json.dumps([play]))
    output = target.run("ansible-playbook", "play.yml", ANSIBLE_PIPELINING="1")
    assert file.exists(), output
    found: list[Outcome] = json.loads(file.read_text())
    return found
