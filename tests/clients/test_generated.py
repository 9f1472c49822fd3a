"""Clients generated from the API document: every response is parsed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.clients import life_cycle
from tests.support.script import DOCUMENT
from tests.support.served import PASSWORD, Served

BIN = Path(sys.executable).parent
LIFE_CYCLE = [
    [200, "alice"],
    [401, "unauthorized"],
    [201, "ops:bob"],
    [409, "username-taken"],
    [200, "Bob B."],
    [412, "precondition-failed"],
    [200, "pending"],
    [409, "not-in-this-state"],
    [200, "disabled"],
    [204, None],
    [422, "invalid"],
    [200, "disabled"],
    [204, None],
    [404, "no-such-administrator"],
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served.running(tmp_path_factory.mktemp("generated") / "data") as server:
        server.create("alice")
        yield server


def run(folder: Path, *command: str) -> str:
    environ = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}"}
    done = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout + done.stderr


def openapi_python_client(folder: Path, document: Path) -> None:
    command = ("generate", "--path", str(document), "--meta", "none", "--output-path", "made")
    assert "warning" not in run(folder, str(BIN / "openapi-python-client"), *command).lower()


def openapi_generator(folder: Path, document: Path) -> None:
    package = find_spec("openapi_generator_cli")
    assert package is not None
    assert package.submodule_search_locations
    jar = Path(package.submodule_search_locations[0]) / "openapi-generator.jar"
    command = ("generate", "-g", "python", "-i", str(document), "-o", ".", "--package-name", "made")
    run(folder, "java", "-XX:TieredStopAtLevel=1", "-jar", str(jar), *command)


@pytest.mark.parametrize("generate", [openapi_python_client, openapi_generator])
def test_generated_client_parses_every_response_of_the_life_cycle(
    served: Served, tmp_path: Path, generate: Callable[[Path, Path], None]
) -> None:
    name = generate.__name__.replace("_", "-")
    document = tmp_path / "openapi.json"
    document.write_text(json.dumps(DOCUMENT))
    generate(tmp_path, document)
    given = {"url": served.api, "ca": str(served.ca), "password": PASSWORD}
    done = subprocess.run(
        [sys.executable, str(Path(life_cycle.__file__)), name], input=json.dumps(given),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path)}, capture_output=True,
        text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == LIFE_CYCLE
