"""What fuzzing has found once, and a short round of it; `make fuzz` goes on for longer."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.fuzz.mutations import mutated
from tests.fuzz.targets import SEEDS, TARGETS

CORPUS = Path(__file__).parent / "corpus"
KEPT = sorted(p for p in CORPUS.glob("*/*") if p.is_file())


@pytest.mark.parametrize("file", KEPT, ids=lambda p: f"{p.parent.name}-{p.name}")
def test_what_was_found_once_is_not_found_again(file: Path) -> None:
    TARGETS[file.parent.name](file.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_a_short_round_finds_nothing(name: str) -> None:
    chance = random.Random(f"{name} 1")
    for sent in SEEDS[name]:
        TARGETS[name](sent)
    for _ in range(300):
        TARGETS[name](mutated(SEEDS[name], chance))
