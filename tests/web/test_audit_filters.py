"""Filters of the audit log on its page, in its export and in the API: each returns exactly the
matching events.
"""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from tests.support.person import Person
from tests.support.served import PASSWORD, Served

Event = dict[str, Any]
TWO_HOURS = 2 * 3600 * 1_000_000
"""In microseconds, as times are stored."""


@dataclass
class Log:
    """A server whose log has events of three interfaces; the older half is two hours old."""

    served: Served
    alice: Person
    events: list[Event]
    """The events at the start of the tests, newest first."""

    def known(self, ids: list[int]) -> list[int]:
        """Return those of the ids that existed then: reading the log adds events."""
        return [id_ for id_ in ids if id_ <= self.events[0]["id"]]


def listed(served: Served, **query: str) -> list[Event]:
    answer = requests.get(
        f"{served.api}/api/v1/audit-events?{urlencode({'limit': '200', **query})}",
        auth=("alice", PASSWORD), verify=str(served.ca), timeout=30,
    )  # fmt: skip
    assert answer.status_code == 200
    found: list[Event] = answer.json()["items"]
    return found


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    with Served.running(tmp_path_factory.mktemp("filters") / "data") as served:
        for name in ("alice", "bob", "carol"):
            served.create(name)
        Person(served).login("bob").press("Logout").close()
        served.cli("mfa", "enable", "bob")
        with closing(sqlite3.connect(served.data / "watchword.db", timeout=10)) as database:
            database.execute("UPDATE audit_events SET at = at - ?", [TWO_HOURS])
            database.commit()
        alice = Person(served).login("alice").open("/administrators?search=carol")
        alice.act("Enable MFA").press("Disable MFA")
        auth, ca = ("carol", "wrong wrong wrong"), str(served.ca)
        requests.get(served.api + "/api/v1/whoami", auth=auth, verify=ca, timeout=30)
        for act in ("enable", "disable"):
            requests.post(
                f"{served.api}/api/v1/administrators/bob/mfa/{act}", auth=("alice", PASSWORD),
                verify=ca, timeout=30,
            )  # fmt: skip
        yield Log(served, alice, listed(served))
        alice.close()


def _border(log: Log) -> str:
    """Return a second between the two halves, in the notation of a browser's field."""
    return str(min(e["at"] for e in log.events if e["interface"] == "api"))[:13] + ":00"


FILTERS: dict[str, tuple[Callable[[Log], dict[str, str]], Callable[[Event, str], bool]]] = {
    "everything": (lambda _: {}, lambda _e, _t: True),
    "account": (lambda _: {"account": "bob"}, lambda e, _: "bob" in (e["actor"], e["subject"])),
    "event": (lambda _: {"event": "mfa.enable"}, lambda e, _: e["event"] == "mfa.enable"),
    "interface": (lambda _: {"interface": "api"}, lambda e, _: e["interface"] == "api"),
    "since": (lambda log: {"since": _border(log)}, lambda e, time: e["at"] >= time),
    "until": (lambda log: {"until": _border(log)}, lambda e, time: e["at"] < time),
    "account and interface": (
        lambda _: {"account": "bob", "interface": "cli"},
        lambda e, _: e["interface"] == "cli" and "bob" in (e["actor"], e["subject"]),
    ),
    "event, interface and time": (
        lambda log: {"event": "mfa.enable", "interface": "cli", "until": _border(log)},
        lambda e, time: (e["event"], e["interface"]) == ("mfa.enable", "cli") and e["at"] < time,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FILTERS)
def test_filter_returns_exactly_the_matching_events(log: Log, name: str) -> None:
    asked, fits = FILTERS[name]
    wanted = asked(log)
    wanted_ids = [e["id"] for e in log.events if fits(e, _border(log))]
    assert wanted_ids
    assert (name == "everything") == (len(wanted_ids) == len(log.events))
    times = {k: f"{v}Z" if k in {"since", "until"} else v for k, v in wanted.items()}
    assert log.known([e["id"] for e in listed(log.served, **times)]) == wanted_ids
    page = f"/audit-log?{urlencode(wanted)}"
    shown = log.alice.open(page).response.text.count('<span class="event">')
    assert shown == len(listed(log.served, **times)) < 50
    lines = log.alice.press("Export JSON lines").response.text.splitlines()
    assert log.known([json.loads(line)["id"] for line in lines]) == wanted_ids
    sheet = log.alice.open(page).press("Export CSV").response.content.decode("utf-8-sig")
    assert log.known([int(r["id"]) for r in csv.DictReader(io.StringIO(sheet))]) == wanted_ids


def test_export_from_a_later_page_includes_newer_events(log: Log) -> None:
    oldest = log.events[-1]["id"]
    log.alice.open(f"/audit-log?interface=cli&before={oldest + 2}")
    assert log.alice.response.text.count('<span class="event">') <= 2
    lines = log.alice.press("Export JSON lines").response.text.splitlines()
    expected = [e["id"] for e in log.events if e["interface"] == "cli"]
    assert log.known([json.loads(line)["id"] for line in lines]) == expected


def test_end_before_the_beginning_is_refused_by_the_api(log: Log) -> None:
    def ask(until: str) -> requests.Response:
        return requests.get(
            f"{log.served.api}/api/v1/audit-events",
            params={"since": "2026-11-24T18:30:00+01:00", "until": until},
            auth=("alice", PASSWORD), verify=str(log.served.ca), timeout=30,
        )  # fmt: skip

    refused = ask("2026-11-24T17:29:59Z")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert refused.json()["detail"] == "until must not be before since."
    assert ask("2026-11-24T17:30:00Z").json()["items"] == []


def test_end_before_the_beginning_is_refused_on_the_command_line(log: Log) -> None:
    for command in ("list", "export"):
        arguments = ("audit", command, "--since", "2026-11-24", "--until", "2026-11-23")
        done = log.served.cli(*arguments, expect=2)
        assert "Invalid value for --until: it is before --since" in done.stderr
