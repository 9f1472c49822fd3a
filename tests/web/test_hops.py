"""The worker threads: the console's are not the API's."""

from __future__ import annotations

import threading

import anyio
import anyio.lowlevel
from anyio import to_thread

from tests.support.loops import run
from watchword.web.http.hops import api_hop, hop


def test_logins_that_wait_for_the_database_keep_no_script_waiting() -> None:
    """Every thread of the console is busy, and more wait for one; the API answers."""
    let_go = threading.Event()

    async def flood() -> str:
        async with anyio.create_task_group() as group:
            limiter = to_thread.current_default_thread_limiter()
            for _ in range(int(limiter.total_tokens) + 5):
                group.start_soon(hop, let_go.wait)
            while limiter.available_tokens:
                await anyio.lowlevel.checkpoint()
            try:
                with anyio.fail_after(20):
                    return await api_hop(lambda: "answered")
            finally:
                let_go.set()

    assert run(flood()) == "answered"
