"""`python -m bench [NAME ...]`: run the benchmarks and print their figures."""

from __future__ import annotations

import os
import platform
import sys

from bench import guessing, logins, startup

BENCHMARKS = {"startup": startup.run, "logins": logins.run, "guessing": guessing.run}


def main(names: list[str]) -> None:
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for name in names or BENCHMARKS:
        print(f"\n{name}")
        for label, value in BENCHMARKS[name]().items():
            print(f"  {label:45} {value:10.3f}")


if __name__ == "__main__":
    main(sys.argv[1:])
