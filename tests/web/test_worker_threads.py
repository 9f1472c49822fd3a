"""Worker threads: a flood in one pool does not delay the others."""

from __future__ import annotations

import threading

import anyio
import anyio.lowlevel
import pytest

from tests.support.loops import run
from watchword.domain.errors import Busy
from watchword.web.http.worker_threads import Pool, api, console, unrecognised


def pool(name: str, most_waiting: int | None = None) -> Pool:
    return Pool(f"of a test: {name}", threads=2, most_waiting=most_waiting)


@pytest.mark.parametrize("other", [console, api])
def test_flood_of_unrecognised_logins_does_not_delay_other_pools(other: Pool) -> None:
    """All threads of the pool are busy and more calls wait for one; the other pools answer."""
    release, busy = threading.Event(), threading.Semaphore(0)

    def occupy() -> None:
        busy.release()
        release.wait()

    answers: list[str] = []

    async def flood() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(9):
                group.start_soon(unrecognised, occupy)
            try:
                with anyio.fail_after(20):
                    while not busy.acquire(blocking=False):
                        await anyio.lowlevel.checkpoint()
                    answers.append(await other(lambda: "answered"))
            finally:
                release.set()

    run(flood())
    assert answers == ["answered"]


def test_pool_with_a_limit_raises_busy_when_it_is_full() -> None:
    release = threading.Event()
    bounded, unbounded = pool("bounded", 3), pool("unbounded")

    async def flood() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(2 + 3):
                bounded.demand_room()
                for each in (bounded, unbounded):
                    group.start_soon(each, release.wait)
                await anyio.wait_all_tasks_blocked()
            unbounded.demand_room()
            try:
                with pytest.raises(Busy):
                    bounded.demand_room()
            finally:
                release.set()
        bounded.demand_room()

    run(flood())
