"""Load on a server while its database is unavailable, and its answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import requests

from tests.support.addresses import FromAddress
from tests.support.parsed_page import ParsedPage
from tests.support.served import PASSWORD, Served

WRONG = "wrong wrong wrong wrong"


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait until a condition is true. Raises AssertionError after a minute."""
    for _ in range(1200):
        if is_so():
            return
        threading.Event().wait(0.05)
    raise AssertionError("the condition never became true")


@dataclass(frozen=True)
class Answered:
    """One answer: the request, its times and the response."""

    what: str
    began: float
    ended: float
    status: int
    retry_after: str
    media_type: str
    text: str


@dataclass
class Load:
    """Clients that send requests continuously. `answers` contains all answers."""

    served: Served
    api_password: str
    answers: list[Answered] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def client(self, number: int) -> requests.Session:
        """Return a client with its own address."""
        http = requests.Session()
        http.trust_env = False
        http.verify = str(self.served.ca)
        http.mount("https://", FromAddress(f"127.0.3.{number}"))
        return http

    @contextmanager
    def running(self) -> Iterator[Load]:
        """Send requests from many clients while the block runs."""
        # Each client uses another name: one of two logins with the same name waits.
        asks: list[Callable[[requests.Session], object]] = [
            lambda http: self.login(http, "alice", PASSWORD),
            lambda http: self.login(http, "bob", PASSWORD),
            lambda http: self.login(http, "mallory", WRONG),
            lambda http: self.api(http, "whoami", "alice", self.api_password),
            lambda http: self.api(http, "wrong", "trudy", WRONG),
            lambda http: self.api(http, "ready", "alice", self.api_password, "/health/ready"),
            lambda http: self.api(http, "live", "", "", "/health/live"),
        ]
        threads = [
            threading.Thread(target=self._ask, args=(number, ask))
            for number, ask in enumerate([*asks, *asks[2:]], 1)
        ]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(30)

    def wait_for_both(self) -> None:
        """Wait until one login has succeeded and another was refused."""
        wait_until(lambda: 303 in self.statuses("login") and 422 in self.statuses("wrong login"))

    def wait_for_503s(self, since: float, *asked: str) -> None:
        """Wait until each kind of request got a 503. An attempt that was in evaluation when the
        outage began makes the next one of that name wait for some seconds.
        """
        wait_until(lambda: all(503 in self.statuses(what, since) for what in asked))

    def _ask(self, number: int, ask: Callable[[requests.Session], object]) -> None:
        http = self.client(number)
        try:
            while not self._stop.wait(0.1):
                ask(http)
        except BaseException as error:
            self.errors.append(repr(error))
            raise
        finally:
            http.close()

    def _took(self, what: str, began: float, answer: requests.Response) -> Answered:
        headers = answer.headers
        made = Answered(
            what, began, time.monotonic(), answer.status_code, headers.get("retry-after", ""),
            headers.get("content-type", ""), answer.text,
        )  # fmt: skip
        self.answers.append(made)
        return made

    def login(self, http: requests.Session, username: str, password: str) -> Answered:
        """Open the login page and, if it is shown, send its form."""
        address, began = self.served.console + "/login", time.monotonic()
        http.cookies.clear()
        page = http.get(address, timeout=30)
        if page.status_code != 200:
            return self._took("page", began, page)
        form = next(f for f in ParsedPage(page.text).forms.values() if f.action == "/login")
        began = time.monotonic()
        values = {**form.fields, "username": username, "password": password}
        answer = http.post(address, data=values, timeout=30, allow_redirects=False)
        return self._took("login" if password == PASSWORD else "wrong login", began, answer)

    def api(
        self, http: requests.Session, what: str, username: str, password: str,
        path: str = "/api/v1/whoami",
    ) -> Answered:  # fmt: skip
        """Send one request to the API."""
        began = time.monotonic()
        auth = (username, password) if username else None
        return self._took(what, began, http.get(self.served.api + path, auth=auth, timeout=30))

    # --- answers -----------------------------------------------------------------------------
    def statuses(self, what: str, since: float = 0, until: float = float("inf")) -> set[int]:
        """Return the statuses of the requests that began and ended within the time."""
        return {
            a.status
            for a in self.answers
            if a.what == what and a.began >= since and a.ended <= until
        }

    def demand_plain_503s(self) -> None:
        """Demand that each 503 has Retry-After, as a page on the console and a problem on the API."""
        for answer in self.answers:
            if answer.status != 503:
                continue
            assert answer.retry_after.isdecimal(), answer
            if answer.media_type.startswith("text/html"):
                assert "<h1>" in answer.text
                assert "The database does not answer" in answer.text, answer.text
            else:
                assert answer.media_type == "application/problem+json"
                assert '"database-unavailable"' in answer.text
