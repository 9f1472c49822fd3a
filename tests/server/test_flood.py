"""A flood of logins does not delay recognised browsers."""

from __future__ import annotations

import queue
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.server.test_outages import locked_by_another_process
from tests.support.addresses import FromAddress
from tests.support.parsed_page import ParsedPage
from tests.support.person import Person
from tests.support.served import Served

CLIENTS = 80
"""More than the worker threads of unrecognised browsers accept: 4 at work and 64 waiting."""
BUSY = "The server is busy right now."


def guess(
    served: Served, path: str, number: int, form: dict[str, str], cookies: dict[str, str]
) -> str:
    """Log in from an unrecognised browser with its own address. Returns the text of the page."""
    with requests.Session() as http:
        http.trust_env = False
        http.verify = str(served.ca)
        http.mount("https://", FromAddress(f"127.0.4.{number + 1}"))
        fields = {**form, "username": f"unknown-{number}", "password": "wrong wrong wrong",
                  "recovery_code": "0000-" * 5 + "0000"}  # fmt: skip
        answer = http.post(
            served.console + path, data=fields, cookies=cookies, timeout=60,
            allow_redirects=False,
        )  # fmt: skip
        return ParsedPage(answer.text).text


@pytest.mark.parametrize("path", ["/login", "/login/with-recovery-code"])
def test_a_flood_of_logins_does_not_delay_recognised_browsers(tmp_path: Path, path: str) -> None:
    with Served.running(tmp_path / "data") as served:
        served.create("alice")
        owner = Person(served).login("alice").press("Logout")
        reader = Person(served).login("alice").open("/your-sessions")
        unrecognised = Person(served).open("/login")
        form = next(iter(unrecognised.page.forms.values())).fields
        cookies = {str(k): str(v) for k, v in unrecognised.http.cookies.items()}
        answers: queue.Queue[str] = queue.Queue()
        with ThreadPoolExecutor(CLIENTS) as crowd:
            with locked_by_another_process(served.data / "watchword.db"):
                for number in range(CLIENTS):
                    done = crowd.submit(guess, served, path, number, form, cookies)
                    done.add_done_callback(lambda each: answers.put(each.result()))
                # Refused immediately: the queue is full with the others.
                assert BUSY in answers.get(timeout=30)
                assert reader.open("/your-sessions").heading == "Your Sessions"
                waiting = CLIENTS - 1 - answers.qsize()
            owner.login("alice")
        assert waiting > 0
        assert owner.heading == "Overview"
