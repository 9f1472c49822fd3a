"""The command `watchword` that kills itself with SIGKILL at a chosen moment.

`python -m tests.support.killed MODULE FUNCTION NUMBER WHEN keys rotate ...`: WHEN is `before` or
`after` the NUMBERth call of the function. As in a power failure, no clean-up runs.
"""

from __future__ import annotations

import functools
import importlib
import os
import signal
import sys
from typing import Any

from tests.support.installation import CHEAP
from watchword import bootstrap
from watchword.cli.main import run


def arm(module: str, function: str, number: int, when: str) -> None:
    module_object = importlib.import_module(module)
    original = getattr(module_object, function)
    calls = 0

    def killing(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == number and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*args, **kwargs)
        if calls == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(module_object, function, killing)


if __name__ == "__main__":
    bootstrap.open = functools.partial(bootstrap.open, hashing=CHEAP)
    arm(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
    sys.exit(run(sys.argv[5:]))
