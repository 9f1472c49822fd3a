"""The queue that limits password hashes in a server."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from pathlib import Path

import pytest

from tests.support import loops
from tests.support.installation import CHEAP, Installation
from watchword.crypto.hash_queue import CONSOLE_PLACES, KNOWN_PLACES, NICE, HashQueue
from watchword.crypto.passwords import Derivation, Hashing, Parameters
from watchword.domain.audit import Interface
from watchword.domain.errors import Busy
from watchword.domain.secret import Secret
from watchword.web.http.worker_threads import console as hop

SLOW = Parameters(memory=65536, passes=3, lanes=4)


def work(parameters: Parameters = SLOW) -> Derivation:
    return Derivation(Secret("x"), bytes(16), parameters)


def known_work() -> Derivation:
    return Derivation(Secret("x"), bytes(16), CHEAP, is_known=True)


def test_full_queue_raises_busy_with_a_time_to_retry() -> None:
    async def scenario() -> list[object]:
        queue = HashQueue(workers=1, places=3, longest_wait=60)
        jobs = [queue.derive(work(), Interface.API) for _ in range(10)]
        outcomes = await asyncio.gather(*jobs, return_exceptions=True)
        queue.close()
        return list(outcomes)

    outcomes = loops.run(scenario())
    refused = [o for o in outcomes if isinstance(o, Busy)]
    assert len(refused) == 6
    assert all(r.facts == {"retry_after": 2} for r in refused)
    assert sum(isinstance(o, bytes) for o in outcomes) == 4


def test_scripts_do_not_use_the_places_of_the_console() -> None:
    async def scenario() -> tuple[list[object], list[object]]:
        queue = HashQueue(workers=1, places=1, longest_wait=60)
        scripts = [asyncio.ensure_future(queue.derive(work(), Interface.API)) for _ in range(5)]
        await asyncio.sleep(0)
        person = asyncio.ensure_future(queue.derive(work(CHEAP), Interface.CONSOLE))
        outcomes = await asyncio.gather(*scripts, return_exceptions=True)
        console = await asyncio.gather(person, return_exceptions=True)
        queue.close()
        return list(outcomes), list(console)

    scripts, person = loops.run(scenario())
    assert any(isinstance(o, Busy) for o in scripts)
    assert isinstance(person[0], bytes)
    assert CONSOLE_PLACES > 0


def test_waiting_browsers_use_no_place_and_no_turn_of_the_api() -> None:
    """Each interface has its own places, and the interfaces take turns."""

    async def scenario() -> tuple[list[str], list[object]]:
        queue = HashQueue(workers=1, places=2, longest_wait=60)
        done: list[str] = []

        async def use(interface: Interface) -> None:
            await queue.derive(work(CHEAP), interface)
            done.append(interface.value)

        console = [
            asyncio.ensure_future(use(Interface.CONSOLE)) for _ in range(1 + 2 + CONSOLE_PLACES)
        ]
        await asyncio.sleep(0)
        scripts = [asyncio.ensure_future(use(Interface.API)) for _ in range(3)]
        outcomes = await asyncio.gather(*scripts, return_exceptions=True)
        seen = list(done)
        await asyncio.gather(*console)
        queue.close()
        return seen, list(outcomes)

    seen, outcomes = loops.run(scenario())
    assert [type(each) for each in outcomes] == [type(None), type(None), Busy]
    # One ran, one was next; from then on the API gets every second turn.
    assert seen.count("console") <= 4


def test_turn_of_a_cancelled_caller_is_passed_on() -> None:
    async def scenario() -> bytes:
        queue = HashQueue(workers=1, longest_wait=60)
        first = asyncio.ensure_future(queue.derive(work(), Interface.API))
        await asyncio.sleep(0)
        waiting = [
            asyncio.ensure_future(queue.derive(work(CHEAP), Interface.API)) for _ in range(3)
        ]
        await first
        waiting[0].cancel()
        waiting[1].cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        found = await queue.derive(work(CHEAP), Interface.API)
        queue.close()
        return found

    assert isinstance(loops.run(scenario()), bytes)


def test_recognised_browser_does_not_wait_behind_a_flood() -> None:
    """Logins of unrecognised browsers use every turn and every place. A recognised browser still
    gets a turn before them; another unrecognised one is refused.
    """

    async def scenario() -> tuple[list[str], list[object]]:
        queue = HashQueue(workers=1, places=1, longest_wait=60)
        done: list[str] = []

        async def log_in(browser: str, work: Derivation) -> None:
            await queue.derive(work, Interface.CONSOLE)
            done.append(browser)

        flood = [asyncio.ensure_future(log_in("unrecognised", work()))
                 for _ in range(2 + CONSOLE_PLACES)]  # fmt: skip
        await asyncio.sleep(0)
        assert queue.waiting == queue.places(Interface.CONSOLE)
        late = asyncio.ensure_future(log_in("unrecognised", work()))
        known = [asyncio.ensure_future(log_in("recognised", known_work())) for _ in range(3)]
        outcomes = await asyncio.gather(late, return_exceptions=True)
        await asyncio.gather(*known)
        seen = list(done)
        for each in flood:
            each.cancel()
        await asyncio.gather(*flood, return_exceptions=True)
        queue.close()
        return seen, list(outcomes)

    seen, late = loops.run(scenario())
    assert isinstance(late[0], Busy)
    assert seen.count("recognised") == 3
    assert seen.count("unrecognised") < 2 + CONSOLE_PLACES


def test_ending_server_accepts_no_new_waiting_callers() -> None:
    """Waiting callers continue, and free turns are still given."""

    async def scenario() -> tuple[object, ...]:
        queue = HashQueue(workers=1, longest_wait=60)
        waiting = [asyncio.ensure_future(queue.derive(work(), Interface.CONSOLE)) for _ in range(2)]
        await asyncio.sleep(0)
        queue.end()
        late = await asyncio.gather(queue.derive(work(), Interface.CONSOLE), return_exceptions=True)
        done = await asyncio.gather(*waiting)
        alone = await queue.derive(work(CHEAP), Interface.API)
        queue.close()
        return late[0], *done, alone

    late, *done = loops.run(scenario())
    assert isinstance(late, Busy)
    assert all(isinstance(each, bytes) for each in done)


def test_recognised_browsers_have_a_limit() -> None:
    async def scenario() -> list[object]:
        queue = HashQueue(workers=1, places=0, longest_wait=60)
        common = asyncio.ensure_future(queue.derive(work(), Interface.API))
        await asyncio.sleep(0)
        jobs = [queue.derive(known_work(), Interface.CONSOLE) for _ in range(KNOWN_PLACES + 3)]
        outcomes = await asyncio.gather(*jobs, return_exceptions=True)
        await common
        queue.close()
        return list(outcomes)

    outcomes = loops.run(scenario())
    assert sum(isinstance(o, Busy) for o in outcomes) == 2
    assert sum(isinstance(o, bytes) for o in outcomes) == KNOWN_PLACES + 1


def test_use_case_without_a_turn_can_release_its_reservation() -> None:
    given_back: list[str] = []

    def use_case() -> Hashing[None]:
        try:
            yield work()
        except Busy:
            given_back.append("slot")
            raise

    async def scenario() -> None:
        queue = HashQueue(workers=1, places=0, longest_wait=60)
        blocker = asyncio.ensure_future(queue.derive(work(), Interface.CONSOLE))
        await asyncio.sleep(0)
        try:
            await queue.run(use_case(), Interface.API, hop)
        finally:
            await blocker
            queue.close()

    with pytest.raises(Busy):
        loops.run(scenario())
    assert given_back == ["slot"]


def test_use_case_without_a_turn_can_end_without_hashing() -> None:
    def use_case() -> Hashing[str]:
        try:
            yield work()
        except Busy:
            return "without"
        return "with"

    async def scenario() -> str:
        queue = HashQueue(workers=1, places=0, longest_wait=60)
        blocker = asyncio.ensure_future(queue.derive(work(), Interface.CONSOLE))
        await asyncio.sleep(0)
        try:
            return await queue.run(use_case(), Interface.API, hop)
        finally:
            await blocker
            queue.close()

    assert loops.run(scenario()) == "without"


def test_queue_passes_on_return_values_and_exceptions(here: Installation) -> None:
    def returns() -> Hashing[int]:
        derived = yield work(CHEAP)
        return len(derived)

    def raises() -> Hashing[int]:
        yield work(CHEAP)
        raise Busy(retry_after=9)

    async def scenario() -> int:
        return await here.app.queue.run(returns(), Interface.API, hop)

    async def failing() -> int:
        return await here.app.queue.run(raises(), Interface.API, hop)

    assert loops.run(scenario()) == 32
    with pytest.raises(Busy):
        loops.run(failing())


def _threads_of_low_priority() -> int:
    """Return the number of this process's threads at the nice value of hashes, or above."""
    count = 0
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):  # the thread has ended
            nice = int((task / "stat").read_text().rpartition(")")[2].split()[16])
            count += nice >= min(os.getpriority(os.PRIO_PROCESS, 0) + NICE, 19)
    return count


async def _most_threads(queue: HashQueue, *works: Derivation) -> int:
    """Return the highest number of threads while these hashes run."""
    running = [asyncio.ensure_future(queue.derive(each, Interface.API)) for each in works]
    most = 0
    while not all(each.done() for each in running):
        most = max(most, _threads_of_low_priority())
        await asyncio.sleep(0.001)
    return most


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a nice value per thread")
def test_hash_that_runs_alone_takes_its_lanes_as_threads_and_another_one_thread() -> None:
    """All of them at a low priority: a flood of logins must not slow other requests."""

    async def scenario() -> tuple[int, int]:
        queue = HashQueue(workers=2)
        alone = await _most_threads(queue, work())
        one_lane = Parameters(memory=65536, passes=6, lanes=1)
        two = await _most_threads(queue, work(one_lane), work())
        queue.close()
        return alone, two

    alone, two = loops.run(scenario())
    assert alone >= 1 + SLOW.lanes
    assert two <= 3  # an idle thread of the pool is counted too
