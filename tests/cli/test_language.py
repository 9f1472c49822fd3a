"""The command line speaks the language of the locale; output for scripts does not change."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

NUMBERS = r"\d+"
GERMAN = {"LC_ALL": "de_DE.UTF-8"}


def watchword(data: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1", "WATCHWORD_DATA_DIR": str(data)}
    return subprocess.run(
        [sys.executable, "-m", "watchword", *arguments], capture_output=True, text=True,
        env=kept | environ, stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("environ", "word"),
    [({}, "Usage:"), (GERMAN, "Aufruf:"), ({**GERMAN, "LANGUAGE": "en"}, "Usage:"),
     ({"LC_ALL": "C", "LANGUAGE": "de"}, "Usage:")],
)  # fmt: skip
def test_help_is_in_the_language_of_the_locale(
    tmp_path: Path, environ: dict[str, str], word: str
) -> None:
    help_text = watchword(tmp_path, "administrator", "--help", **environ).stdout
    assert help_text.startswith(word)
    german = word == "Aufruf:"
    assert ("Create an administrator" in help_text, "anlegen" in help_text) == (not german, german)


def test_refusals_and_usage_errors_are_translated(tmp_path: Path) -> None:
    missing = watchword(tmp_path, "administrator", "list", **GERMAN)
    assert (missing.returncode, "gibt es keine Installation" in missing.stderr) == (1, True)
    usage = watchword(tmp_path, "nothing", **GERMAN)
    assert (usage.returncode, "Fehler: Den Befehl" in usage.stderr) == (2, True)


def test_json_and_documents_are_the_same_in_every_locale(tmp_path: Path) -> None:
    for command in (
        ["doctor", "--json"],
        ["api", "openapi"],
        ["config", "reference", "--markdown"],
    ):
        english, german = (watchword(tmp_path, *command, **e).stdout for e in ({}, GERMAN))
        assert re.sub(NUMBERS, "", german) == re.sub(NUMBERS, "", english)
        assert english.startswith("#") or json.loads(english)
