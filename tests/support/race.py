"""Changes at the same moment in two processes, which open the installation and start together.

The processes are forks of one that has imported our code: importing it takes most of a second.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any, Final

from tests.support.clock import MovableClock
from tests.support.installation import CHEAP, Installation
from watchword import bootstrap
from watchword.config import Settings
from watchword.domain.errors import Refusal
from watchword.usecases.context import Watchword

PROCESSES: Final = 2
THREADS: Final = 8
Act = Callable[[Watchword, str, str], None]
"""The change made with the two words of a job; a function of a module, to be found there by
the other process.
"""
_FORKS: Final = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    ["pytest", "psycopg", "sqlalchemy.dialects.sqlite", "sqlalchemy.dialects.postgresql.psycopg",
     "tests.support.acts", __name__]
)  # fmt: skip


def race(here: Installation, act: Act, jobs: Sequence[tuple[str, str]]) -> list[str]:
    """Do the jobs in two processes at the same time, alternating between them.

    Returns the outcome of each job, first those of one process, then those of the other: "done", or
    the code of the refusal.
    """
    barrier = _FORKS.Barrier(PROCESSES)
    workers: list[Any] = []
    pipes: list[Connection] = []
    for number in range(PROCESSES):
        mine, theirs = _FORKS.Pipe(duplex=False)
        share = jobs[number::PROCESSES]
        arguments = (here.settings, here.clock.now(), act, share, barrier, theirs)
        worker = _FORKS.Process(target=_work, args=arguments)
        worker.start()
        theirs.close()
        workers.append(worker)
        pipes.append(mine)
    outcomes: list[str] = []
    for pipe in pipes:
        outcomes += pipe.recv()
        pipe.close()
    for worker in workers:
        worker.join(30)
        worker.close()
    return outcomes


def _work(
    settings: Settings,
    now: datetime,
    act: Act,
    jobs: Sequence[tuple[str, str]],
    barrier: Barrier,
    results: Connection,
) -> None:
    app = bootstrap.open(settings, clock=MovableClock(now), hashing=CHEAP)

    def attempt(job: tuple[str, str]) -> str:
        try:
            act(app, *job)
        except Refusal as refusal:
            return refusal.code
        return "done"

    barrier.wait(30)
    with ThreadPoolExecutor(THREADS) as pool:
        results.send(list(pool.map(attempt, jobs)))
    app.close()
