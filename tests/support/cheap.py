"""The command `watchword` with cheap password hashes, set through the composition root.

`python -m tests.support.cheap serve ...` is the real command line and the real server. Only the
Argon2id parameters differ: otherwise hashing would take most of the time of the tests.
"""

from __future__ import annotations

import functools
import sys

from tests.support.installation import CHEAP
from watchword import bootstrap
from watchword.cli.main import run

if __name__ == "__main__":
    bootstrap.open = functools.partial(bootstrap.open, hashing=CHEAP)
    sys.exit(run(sys.argv[1:]))
