"""`python -m watchword` and the command `watchword`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line."""
    from watchword.cli.main import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
