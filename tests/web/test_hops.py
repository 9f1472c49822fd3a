"""The worker threads: a crowd in one lane keeps nobody waiting in another."""

from __future__ import annotations

import threading

import anyio
import anyio.lowlevel
import pytest

from tests.support.loops import run
from watchword.domain.errors import Busy
from watchword.web.http.worker_threads import Lane, console, scripts, strangers


def lane(name: str, most_waiting: int | None = None) -> Lane:
    return Lane(f"of a test: {name}", threads=2, most_waiting=most_waiting)


@pytest.mark.parametrize("other", [console, scripts])
def test_logins_of_strangers_keep_no_page_and_no_script_waiting(other: Lane) -> None:
    """Every thread of theirs is busy, and more wait for one; the others answer."""
    let_go, busy = threading.Event(), threading.Semaphore(0)

    def occupy() -> None:
        busy.release()
        let_go.wait()

    answers: list[str] = []

    async def crowd() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(9):
                group.start_soon(strangers, occupy)
            try:
                with anyio.fail_after(20):
                    while not busy.acquire(blocking=False):
                        await anyio.lowlevel.checkpoint()
                    answers.append(await other(lambda: "answered"))
            finally:
                let_go.set()

    run(crowd())
    assert answers == ["answered"]


def test_a_lane_with_a_bound_says_when_there_is_no_room() -> None:
    let_go = threading.Event()
    bounded, unbounded = lane("bounded", 3), lane("unbounded")

    async def crowd() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(2 + 3):
                bounded.demand_room()
                for each in (bounded, unbounded):
                    group.start_soon(each, let_go.wait)
                await anyio.wait_all_tasks_blocked()
            unbounded.demand_room()
            try:
                with pytest.raises(Busy):
                    bounded.demand_room()
            finally:
                let_go.set()
        bounded.demand_room()

    run(crowd())
