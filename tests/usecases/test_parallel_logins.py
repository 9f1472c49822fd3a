"""Correct passwords of one account at the same moment: each is checked after the other."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import closing
from typing import Any

import pytest
from msgspec.structs import replace

from tests.support import loops
from tests.support.acts import API, CONSOLE, PASSWORD, Acts, basic_header
from watchword.crypto.hash_queue import HashQueue
from watchword.crypto.turns import SUBJECT_PLACES
from watchword.domain import basic_auth
from watchword.domain.audit import Interface
from watchword.domain.errors import Busy, LoginInProgress, Refusal
from watchword.domain.secret import Secret
from watchword.domain.throttle import POLICIES, Kind, Throttle
from watchword.storage import throttles
from watchword.usecases.api import authentication
from watchword.usecases.context import Watchword
from watchword.usecases.login import password_login
from watchword.usecases.login.password_login import Browser
from watchword.web.http import worker_threads


def at_api(
    app: Watchword,
    address: str,
    password: str = PASSWORD,
    name: str = "alice",
    queue: HashQueue | None = None,
) -> Any:
    given = basic_auth.parse(basic_header(name, password))
    assert given is not None
    hashing = authentication.authenticate(app, replace(API, address=address), given)
    return (queue or app.queue).run(hashing, Interface.API, worker_threads.api)


def at_console(
    app: Watchword,
    address: str,
    password: str = PASSWORD,
    name: str = "alice",
    queue: HashQueue | None = None,
) -> Any:
    actor = replace(CONSOLE, address=address)
    hashing = password_login.password(
        app, actor, username=name, typed=Secret(password), browser=Browser()
    )
    return (queue or app.queue).run(hashing, Interface.CONSOLE, worker_threads.unrecognised)


@pytest.fixture
def queue() -> Iterator[HashQueue]:
    """A queue that refuses no job on a slow machine."""
    made = HashQueue(longest_wait=60)
    yield made
    made.close()


ENTRIES = pytest.mark.parametrize("enter", [at_api, at_console])


def outcomes(jobs: Sequence[Awaitable[Any]]) -> Counter[str]:
    async def all_of_them() -> list[Any]:
        return await asyncio.gather(*jobs, return_exceptions=True)

    found: Counter[str] = Counter()
    for each in loops.run(all_of_them()):
        assert isinstance(each, Refusal) or not isinstance(each, BaseException), each
        found[each.code if isinstance(each, Refusal) else "done"] += 1
    return found


def reserve_without_end(acts: Acts, kind: Kind, subject: str) -> None:
    """Reserve as a process that ended before it settled its guess."""
    with acts.app.database.writing() as connection:
        throttles.hold(connection, kind, subject)
        reserved = Throttle().reserved(POLICIES[kind], acts.here.clock.now())
        throttles.put(connection, kind, subject, reserved)


@ENTRIES
def test_correct_passwords_at_the_same_moment_are_all_accepted(
    acts: Acts, queue: HashQueue, enter: Any
) -> None:
    jobs = [enter(acts.app, f"192.0.2.{n}", queue=queue) for n in range(8)]
    assert outcomes(jobs) == {"done": 8}
    with acts.app.database.reading() as connection:
        assert throttles.get(connection, Kind.PASSWORD, str(acts.account.id)).failures == 0


def test_correct_passwords_on_two_nodes_are_all_accepted(acts: Acts, queue: HashQueue) -> None:
    with closing(acts.here.reopened()) as other:
        theirs = HashQueue(longest_wait=60)
        nodes = ((acts.app, queue), (other, theirs))
        jobs = [at_api(app, f"192.0.2.{n}", queue=of_node)
                for n in range(4) for app, of_node in nodes]  # fmt: skip
        assert outcomes(jobs) == {"done": 8}
        theirs.close()


@ENTRIES
def test_wrong_passwords_at_the_same_moment_share_five_attempts(
    acts: Acts, queue: HashQueue, enter: Any
) -> None:
    jobs = [enter(acts.app, f"192.0.2.{n}", "wrong wrong wrong", queue=queue) for n in range(12)]
    assert outcomes(jobs) == {"login-failed": 5, "throttled": 7}


@ENTRIES
@pytest.mark.parametrize("name", ["alice", "nobody"])
def test_guess_that_is_never_settled_delays_and_refuses_the_next_login(
    acts: Acts, enter: Any, name: str
) -> None:
    account = acts.account if name == "alice" else None
    subject = password_login.password_subject(acts.app, account, name)
    reserve_without_end(acts, Kind.PASSWORD, subject)
    queue = HashQueue(longest_wait=0.2)
    job = enter(acts.app, "192.0.2.1", name=name, queue=queue)
    assert outcomes([job]) == {"login-in-progress": 1}
    queue.close()


def test_each_username_has_its_own_places_in_the_queue(acts: Acts, queue: HashQueue) -> None:
    acts.create("bob")
    reserve_without_end(acts, Kind.PASSWORD, str(acts.account.id))

    async def all_places_taken() -> list[Any]:
        subject = f"{Kind.PASSWORD} {acts.account.id}"
        waiting = [asyncio.ensure_future(queue._subjects.join(subject))
                   for _ in range(SUBJECT_PLACES)]  # fmt: skip
        await asyncio.sleep(0)
        done = await at_api(acts.app, "198.51.100.1", name="bob", queue=queue)
        late = await asyncio.gather(
            at_api(acts.app, "198.51.100.2", queue=queue), return_exceptions=True
        )
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return [done.account.username, *late]

    name, late = loops.run(all_places_taken())
    assert name == "bob"
    assert isinstance(late, LoginInProgress)


def test_flood_does_not_block_a_script_at_a_recognised_address(acts: Acts) -> None:
    """Every common turn and every place of both interfaces is taken."""
    loops.run(at_api(acts.app, API.address))
    queue = HashQueue(workers=1)

    async def flood() -> tuple[Any, list[Any]]:
        await queue._common.wait(Interface.API, 0)
        waiting = [asyncio.ensure_future(queue._common.wait(interface, queue.places(interface)))
                 for interface in (Interface.API, Interface.CONSOLE) for _ in range(queue.places(interface))]  # fmt: skip
        await asyncio.sleep(0)
        unrecognised = at_api(acts.app, "2001:db8:7:1::1", queue=queue)
        late = await asyncio.gather(unrecognised, return_exceptions=True)
        caller = await at_api(acts.app, API.address, queue=queue)
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return caller, list(late)

    caller, late = loops.run(flood())
    queue.close()
    assert caller.account.username == "alice"
    assert isinstance(late[0], Busy)
