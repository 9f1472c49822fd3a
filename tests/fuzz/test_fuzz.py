"""Regression tests of fuzzing findings, and a short round; `make fuzz` runs longer."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.fuzz.mutations import mutated
from tests.fuzz.targets import SEEDS, TARGETS

CORPUS = Path(__file__).parent / "corpus"
KEPT = sorted(p for p in CORPUS.glob("*/*") if p.is_file())


@pytest.mark.parametrize("file", KEPT, ids=lambda p: f"{p.parent.name}-{p.name}")
def test_former_findings_stay_repaired(file: Path) -> None:
    TARGETS[file.parent.name](file.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_short_round_has_no_findings(name: str) -> None:
    chance = random.Random(f"{name} 1")
    for sent in SEEDS[name]:
        TARGETS[name](sent)
    for _ in range(300):
        TARGETS[name](mutated(SEEDS[name], chance))
