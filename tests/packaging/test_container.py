"""The Containerfile: its rules, and its steps in a scratch folder."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, blocks_of
from tests.support import container
from tests.support.container import NOBODY, Scratch, Step, stages, unprivileged
from tests.support.installed import first_minute, listeners
from tests.support.ports import free_port
from tests.support.served import Served
from watchword.config import load

KNOWN = {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL",
         "HEALTHCHECK", "ENTRYPOINT", "CMD"}  # fmt: skip
EVERY = [step for stage in stages() for step in stage]
LAST = stages()[-1]


def only(name: str) -> Step:
    (found,) = [step for step in LAST if step.name == name]
    return found


# --- rules ----------------------------------------------------------------------------------
def test_every_instruction_is_checked_here() -> None:
    assert {step.name for step in EVERY} == KNOWN


def test_every_stage_has_the_same_base_with_an_optional_digest() -> None:
    """Registry, version and release are fixed. The builder looks up the digest."""
    assert {step.words[0] for step in EVERY if step.name == "FROM"} == {container.base()}
    assert re.fullmatch(r"docker\.io/library/python:3\.\d+-slim-[a-z]+", container.base())
    commands = "\n".join(b.text for b in blocks_of(ROOT / "docs" / "how-to" / "container.md"))
    assert container.base() in commands
    assert '--build-arg BASE="$digest"' in commands


def test_nothing_is_built_from_source_packages() -> None:
    """Their code would run during the build."""
    texts = [container.FILE.read_text(), (ROOT / "tools" / "venv.sh").read_text()]
    for text in texts:
        installing = [line for line in text.splitlines() if "--require-hashes" in line]
        assert installing
        assert [line for line in installing if "--only-binary :all:" not in line] == []


def test_the_final_stage_runs_no_command() -> None:
    """No tool, cache or secret of a step stays in a layer."""
    assert not [step for step in LAST if step.name == "RUN"]
    assert all("--from=build" in step.flags for step in LAST if step.name == "COPY")


def test_every_package_is_checked_against_its_hash_or_is_ours() -> None:
    commands = [c for step in EVERY if step.name == "RUN" for c in step.text.split("&&")]
    installing = [c.split() for c in commands if " install " in c]
    assert len(installing) == 3
    for words in installing:
        assert "--no-cache-dir" in words
        assert "--require-hashes" in words or {"--no-deps", "--no-index"} <= set(words)


def test_the_engine_receives_only_copied_files() -> None:
    """A data folder, keys or .git in the source folder must not reach the engine."""
    copied = {name for step in stages()[0] if step.name == "COPY" for name in step.words[:-1]}
    assert all((ROOT / name).exists() and name not in {".", "./"} for name in copied)
    lines = (container.FILE.parent / "Containerfile.dockerignore").read_text().split("\n")
    assert lines[1] == "*"
    assert {line[1:] for line in lines if line.startswith("!")} == copied


def test_it_runs_as_a_number_that_is_not_root() -> None:
    """An orchestrator can verify a number, but not a name."""
    assert only("USER").text == "10001:10001"
    data = next(step for step in LAST if step.name == "COPY" and "data" in step.text)
    assert "--chown=10001:10001" in data.flags
    assert only("VOLUME").text == data.words[-1] == only("WORKDIR").text


def test_start_stop_and_health_check_need_no_shell() -> None:
    assert json.loads(only("ENTRYPOINT").text) == ["watchword"]
    assert json.loads(only("CMD").text) == ["serve"]
    check = only("HEALTHCHECK")
    assert {flag.partition("=")[0] for flag in check.flags} == {
        "--interval", "--timeout", "--start-period", "--retries",
    }  # fmt: skip
    assert json.loads(check.text.partition("CMD ")[2]) == ["watchword", "health"]
    assert only("STOPSIGNAL").text == "SIGTERM"


def test_its_settings_are_valid_and_contain_no_secret() -> None:
    ours = {k: v for k, v in container.environ().items() if k.startswith("WATCHWORD_")}
    settings = load(environ=ours).settings
    assert (settings.console, settings.api) == ("0.0.0.0:8470", "0.0.0.0:8474")
    assert str(settings.data_dir) == only("VOLUME").text
    assert settings.database_url == ""
    assert only("EXPOSE").text == "8470 8474"


# --- its steps ------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def scratch(wheels_at_hand: None) -> Iterator[Scratch]:
    """The content of the image, with read-only code, in a folder that other users may read, unlike
    pytest's.
    """
    with tempfile.TemporaryDirectory(prefix="watchword-image-") as name:
        Path(name).chmod(0o755)
        built = Scratch(Path(name))
        built.follow()
        subprocess.run(["chmod", "-R", "a-w", f"{name}/opt"], check=True)
        yield built
        subprocess.run(["chmod", "-R", "u+w", f"{name}/opt"], check=True)


@pytest.fixture
def contained(scratch: Scratch) -> Iterator[Served]:
    """Run the command of the image with its variables, as its user, on free ports."""
    data = scratch.root / "build" / "data"
    ports = free_port(), free_port()
    command = [str(scratch.root / "opt" / "watchword" / "bin" / "watchword"), "serve"]
    environ = {**scratch.environ(), **container.environ(), "WATCHWORD_DATA_DIR": str(data)}
    served = Served.launched(
        unprivileged([*command, *listeners(*ports)]), data, ports, environ, cwd=data
    )
    yield served
    assert served.stop() == 0


def test_its_steps_make_a_server_that_runs_with_its_code_read_only(
    scratch: Scratch, contained: Served
) -> None:
    first_minute(contained)
    lines = [json.loads(line) for line in contained.errors]
    assert [line for line in lines if line["level"] not in {"info", "INFO"}] == []
    if os.geteuid() == 0:
        assert {p.stat().st_uid for p in contained.data.rglob("*")} == {NOBODY}
    assert contained.data.stat().st_mode & 0o777 == 0o700
    code = scratch.root / "opt" / "watchword"
    assert not (code / "bin" / "pip").exists()
    tools = {p.name for p in code.glob("lib/*/site-packages/*")} & {"pip", "hatchling"}
    assert tools == set()


def test_its_health_check_detects_whether_it_answers(scratch: Scratch, contained: Served) -> None:
    command = [str(scratch.root / "opt" / "watchword" / "bin" / "watchword"), "health"]

    def code(port: int) -> int:
        environ = {**scratch.environ(), "WATCHWORD_API": f"0.0.0.0:{port}"}
        return subprocess.run(unprivileged(command), env=environ, check=False).returncode

    assert code(contained.api_port) == 0
    assert code(contained.console_port) == 1
    assert code(free_port()) == 1
