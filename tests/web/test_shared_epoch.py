"""The epoch as requests read it: one query for all that wait, on PostgreSQL."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from tests.support import loops
from tests.support.acts import CLI, Acts
from watchword.storage import epoch
from watchword.storage.epoch import PostgresEpoch
from watchword.usecases.api import api_password
from watchword.web.http import shared_epoch

pytestmark = pytest.mark.parametrize("here", ["postgresql"], indirect=True)


@pytest.fixture
def remote(acts: Acts) -> Iterator[PostgresEpoch]:
    """A connected epoch that counts its queries."""
    with closing(Counted(acts.app.database.url)) as opened:
        yield opened


class Counted(PostgresEpoch):
    """Counts the queries. `meanwhile` runs after each one was sent."""

    sent = 0
    meanwhile = staticmethod(lambda: None)

    def send(self) -> None:
        super().send()
        self.sent += 1
        self.meanwhile()


def now(acts: Acts) -> int:
    with acts.app.database.reading() as connection:
        return epoch.get(connection)


async def connected(remote: PostgresEpoch) -> shared_epoch.SharedEpoch:
    """Return the shared epoch, connected. Requests before are answered without an epoch."""
    shared = shared_epoch.shared(remote)
    await until_known(shared)
    return shared


async def until_known(shared: shared_epoch.SharedEpoch) -> int:
    for _ in range(2000):
        if (found := await shared.now()) is not None:
            return found
        await asyncio.sleep(0.01)
    raise AssertionError("not connected")


def test_requests_that_arrive_together_share_one_query(acts: Acts, remote: Counted) -> None:
    async def ask() -> list[int | None]:
        shared = await connected(remote)
        remote.sent = 0
        return await asyncio.gather(*(shared.now() for _ in range(20)))

    assert loops.run(ask()) == [now(acts)] * 20
    assert remote.sent == 1


def test_request_that_arrives_after_a_query_was_sent_waits_for_the_next_one(
    acts: Acts, remote: Counted
) -> None:
    """The query under way may be older than a change whose answer the client has already."""
    before = now(acts)

    async def ask() -> tuple[int | None, int | None]:
        shared = await connected(remote)
        late: list[asyncio.Task[int | None]] = []

        def change() -> None:
            remote.meanwhile = lambda: None
            threading.Event().wait(0.1)  # the query has its snapshot now
            api_password.generate_by_operator(acts.app, CLI, "alice")
            late.append(asyncio.ensure_future(shared.now()))

        remote.meanwhile = change
        first = await shared.now()
        return first, await late[0]

    assert loops.run(ask()) == (before, now(acts))
    assert now(acts) != before


def test_lost_connection_leaves_no_request_without_an_answer(acts: Acts, remote: Counted) -> None:
    async def ask() -> list[int | None]:
        shared = await connected(remote)
        with psycopg.connect(acts.here.settings.database_url, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        lost = await asyncio.wait_for(shared.now(), 20)
        again = await connected(remote)
        return [lost, await again.now()]

    assert loops.run(ask()) == [None, now(acts)]


def test_another_event_loop_opens_another_connection(acts: Acts, remote: Counted) -> None:
    shared = shared_epoch.shared(remote)

    found = [loops.run(until_known(shared)) for _ in range(2)]
    assert found == [now(acts)] * 2
