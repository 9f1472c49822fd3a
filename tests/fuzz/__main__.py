"""Fuzzing of all parsers of untrusted input: `python -m tests.fuzz [MINUTES] [SEED]`.

The targets take turns until the time is over. Inputs that break a promise are written to
tests/fuzz/corpus, which `make test` replays.
"""

from __future__ import annotations

import hashlib
import random
import sys
import time
from collections import Counter
from pathlib import Path

from tests.fuzz.mutations import mutated
from tests.fuzz.targets import SEEDS, TARGETS

CORPUS = Path(__file__).parent / "corpus"
ROUND_SECONDS = 2.0
GROWS_TO = 400
DEFAULT_SEED = 20261124


def main(minutes: float, seed: int) -> int:
    end = time.monotonic() + minutes * 60
    chance = random.Random(seed)
    tried: Counter[str] = Counter()
    pools = {name: list(seeds) for name, seeds in SEEDS.items()}
    found = 0
    while time.monotonic() < end:
        for name, target in TARGETS.items():
            until = time.monotonic() + ROUND_SECONDS
            while time.monotonic() < until:
                sent = mutated(pools[name], chance)
                tried[name] += 1
                try:
                    target(sent)
                except Exception as error:  # noqa: BLE001 - any exception is a finding
                    found += 1
                    keep(name, sent)
                    print(f"{name}: {error!r} for {sent!r}", flush=True)
                if chance.random() < 0.01 and len(pools[name]) < GROWS_TO:
                    pools[name].append(sent)
    for name, count in tried.items():
        print(f"{name:15} {count:12,} tried")
    print(f"seed {seed}: {found} found")
    return 1 if found else 0


def keep(name: str, sent: bytes) -> None:
    folder = CORPUS / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha256(sent).hexdigest()[:16]).write_bytes(sent)


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(
        main(float(given[0] if given else 1), int(given[1]) if len(given) > 1 else DEFAULT_SEED)
    )
