"""Unexpected exceptions: caused by a stored value that no version writes."""

from __future__ import annotations

import asyncio
import base64
import gc
import sqlite3
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import requests

from tests.support import loops
from tests.support.acts import Acts
from tests.support.person import Person
from tests.support.served import PASSWORD, Served
from tests.support.walk import Answer, demand_headers
from watchword import asgi
from watchword.crypto.passwords import Derivation, Parameters
from watchword.domain.audit import Interface
from watchword.domain.secret import Secret

NONSENSE = "nonsense-that-somebody-typed"


def answered(interface: str, answer: requests.Response) -> Answer:
    """The answer; it has all headers of its interface."""
    found = Answer(answer.status_code, list(answer.headers.items()), answer.text)
    demand_headers(interface, "/", found)
    return found


def test_exception_is_answered_and_logged_without_its_message(
    tmp_path: Path,
) -> None:
    """The message of the exception contains the value; answer and log do not. The log line has the
    request id of the answer, and the place of the exception."""
    with Served.running(tmp_path / "data") as served:
        served.create("alice")
        person = Person(served).login("alice")
        with sqlite3.connect(served.data / "watchword.db") as database:
            database.execute(f"UPDATE administrators SET mfa_status = '{NONSENSE}'")
        database.close()
        page = answered("console", person.open("/your-mfa-settings").response)
        assert (page.status, person.heading) == (500, "Something went wrong")
        answer = requests.get(
            served.api + "/api/v1/whoami", auth=("alice", PASSWORD), verify=str(served.ca),
            timeout=30,
        )  # fmt: skip
        problem = answered("api", answer)
        assert (problem.status, answer.json()["code"]) == (500, "internal-error")
        person.close()
        served.stop()
        reported = [line for line in served.errors if " failed: " in line]
        numbers = [a.header("x-request-id") or "none" for a in (page, problem)]
        assert all(number in line for number, line in zip(numbers, reported, strict=True))
        assert all("ValueError at " in line for line in reported)
        assert "Traceback" not in "".join(served.errors)
        assert numbers[0] in page.body
        assert NONSENSE not in "".join([*served.errors, page.body, problem.body])


def test_request_that_is_cut_off_at_shutdown_is_answered_and_logs_no_crash(
    acts: Acts,
) -> None:
    """At shutdown the listener cancels requests that take too long. This one waits for a password
    hash, whose verification fails later, without a waiting request.
    """
    app = acts.app
    sent: list[MutableMapping[str, Any]] = []
    reported: list[str] = []
    basic = base64.b64encode(b"alice:wrong wrong wrong").decode()
    scope = {
        "type": "http", "method": "GET", "path": "/api/v1/whoami", "query_string": b"",
        "raw_path": b"/api/v1/whoami", "client": ("192.0.2.9", 50000), "scheme": "https",
        "headers": [(b"host", b"localhost"), (b"authorization", f"Basic {basic}".encode())],
    }  # fmt: skip
    slow = Derivation(Secret("x"), bytes(16), Parameters(memory=65536, passes=20, lanes=4))

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: reported.append(context["message"]))
        others = [asyncio.ensure_future(app.queue.derive(slow, Interface.API))
                  for _ in range(app.queue.workers)]  # fmt: skip
        request = asyncio.ensure_future(asgi.api(app)(scope, receive, send))
        for _ in range(20_000):
            if app.queue.waiting:
                break
            await asyncio.sleep(0.001)
        request.cancel()
        await request
        await asyncio.gather(*others)
        # Wait only for the end; its result is not used.
        if rest := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(rest)
        del rest
        gc.collect()
        await asyncio.sleep(0)

    loops.run(scenario())
    assert [m["status"] for m in sent if "status" in m] == [503]
    assert b'"busy"' in sent[-1]["body"]
    assert reported == []
