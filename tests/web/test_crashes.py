"""What nobody expected: a stored value that no version ever wrote."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import requests

from tests.support.person import Person
from tests.support.served import PASSWORD, Served
from tests.support.walk import Answer, demand_headers

NONSENSE = "nonsense-that-somebody-typed"


def answered(door: str, answer: requests.Response) -> Answer:
    """The answer, which carries all headers of its door."""
    found = Answer(answer.status_code, list(answer.headers.items()), answer.text)
    demand_headers(door, "/", found)
    return found


def test_a_crash_is_answered_by_both_doors_and_logged_without_its_message(tmp_path: Path) -> None:
    """The exception's message quotes the value; neither answer nor log does. The line in the
    log has the number that the answer tells, and where it happened."""
    with Served.running(tmp_path / "data") as served:
        served.create("alice")
        person = Person(served).login("alice")
        with sqlite3.connect(served.data / "watchword.db") as database:
            database.execute(f"UPDATE authenticators SET status = '{NONSENSE}'")
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
        told = [line for line in served.errors if " failed: " in line]
        numbers = [a.header("x-request-id") or "none" for a in (page, problem)]
        assert all(number in line for number, line in zip(numbers, told, strict=True))
        assert all("ValueError at " in line for line in told)
        assert "Traceback" not in "".join(served.errors)
        assert numbers[0] in page.body
        assert NONSENSE not in "".join([*served.errors, page.body, problem.body])
