"""`python -m bench [NAME ...]`: run the benchmarks and print their figures."""

from __future__ import annotations

import os
import platform
import sys

from bench import flood, growth, guessing, logins, peers, requests, scale, startup, timing

BENCHMARKS = {
    "startup": startup.run,
    "logins": logins.run,
    "requests": requests.run,
    "requests-postgresql": requests.run_on_postgresql,
    "peers": peers.run,
    "guessing": guessing.run,
    "scale": scale.run,
    "growth": growth.run,
    "flood": flood.run,
    "timing": timing.run,
    "timing-bare": timing.run_bare,
}
BY_NAME_ONLY = {"scale", "growth", "flood", "timing", "timing-bare"}
"""Benchmarks that take minutes: they run only when named."""


def main(names: list[str]) -> None:
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for name in names or [b for b in BENCHMARKS if b not in BY_NAME_ONLY]:
        print(f"\n{name}")
        for label, value in BENCHMARKS[name]().items():
            print(f"  {label:58} {value:10.3f}")


if __name__ == "__main__":
    main(sys.argv[1:])
