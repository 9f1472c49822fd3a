"""Filters of the audit log on its page, in its export and in the API: each returns exactly the
matching events. The links of the page lead to such filters.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests

from tests.support.person import Person
from tests.support.served import PASSWORD, Served

Event = dict[str, Any]
DAY = timedelta(days=1)
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


def shown(person: Person) -> list[int]:
    """Return the numbers of the events on the page."""
    return [int(id_) for id_ in re.findall(r"<dt>Number</dt><dd>(\d+)</dd>", person.response.text)]


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
        alice = Person(served).login("alice").open("/administrators/carol")
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
    "category": (
        lambda _: {"category": "mfa"}, lambda e, _: e["event"].startswith(("mfa.", "recovery.")),
    ),
    "changes only": (
        lambda _: {"changes": "yes"},
        lambda e, _: e["event"].startswith("administrator.") or e["event"] in {"mfa.enable", "mfa.disable"},
    ),
    "failed attempts": (
        lambda _: {"failures": "yes"}, lambda e, _: e["event"] == "api.auth.fail",
    ),
    "category, changes only and account": (
        lambda _: {"category": "mfa", "changes": "yes", "account": "bob"},
        lambda e, _: e["event"] in {"mfa.enable", "mfa.disable"} and "bob" in (e["actor"], e["subject"]),
    ),
    "address": (lambda _: {"address": "127.0.0.1"}, lambda e, _: e["address"] == "127.0.0.1"),
    "address and category": (
        lambda _: {"address": "127.0.0.1", "category": "logins"},
        lambda e, _: e["address"] == "127.0.0.1" and e["event"].startswith("auth."),
    ),
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
    of_the_page = {"category", "changes", "failures", "address"}
    if not wanted.keys() & of_the_page:
        times = {k: f"{v}Z" if k in {"since", "until"} else v for k, v in wanted.items()}
        assert log.known([e["id"] for e in listed(log.served, **times)]) == wanted_ids
    page = f"/audit-log?{urlencode(wanted)}"
    assert log.known(shown(log.alice.open(page))) == wanted_ids
    lines = log.alice.press("Export JSON lines").response.text.splitlines()
    assert log.known([json.loads(line)["id"] for line in lines]) == wanted_ids
    sheet = log.alice.open(page).press("Export CSV").response.content.decode("utf-8-sig")
    assert log.known([int(r["id"]) for r in csv.DictReader(io.StringIO(sheet))]) == wanted_ids


def test_export_from_a_later_page_includes_newer_events(log: Log) -> None:
    oldest = log.events[-1]["id"]
    log.alice.open(f"/audit-log?interface=cli&before={oldest + 2}")
    assert len(shown(log.alice)) <= 2
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


def test_event_of_another_category_matches_nothing(log: Log) -> None:
    log.alice.open("/audit-log?category=accounts&event=mfa.enable")
    assert (log.alice.response.status_code, shown(log.alice)) == (200, [])
    assert log.alice.sees("No matching events.")
    assert log.alice.press("Export JSON lines").response.text == ""
    log.alice.open("/audit-log?category=mfa&event=mfa.enable")
    assert len(log.known(shown(log.alice))) == 2


@pytest.mark.parametrize(
    ("name", "label"),
    [("category", "Category"), ("changes", "Changes only"), ("failures", "Failed attempts")],
)
def test_unknown_value_of_a_link_is_reported(log: Log, name: str, label: str) -> None:
    log.alice.open(f"/audit-log?account=bob&{name}=others")
    assert log.alice.response.status_code == 422
    assert log.alice.sees(f"{label}: this value does not exist. It was ignored.")
    assert log.alice.page.attributes["account"]["value"] == "bob"
    assert shown(log.alice)
    log.alice.press("Export CSV")
    assert (log.alice.response.status_code, log.alice.sees("Nothing was exported.")) == (422, True)


def test_category_without_a_failed_attempt_matches_nothing(log: Log) -> None:
    page = log.alice.open("/audit-log?category=accounts&failures=yes")
    assert (page.response.status_code, shown(page)) == (200, [])
    assert page.press("Export JSON lines").response.text == ""


def test_failed_attempts_are_counted_by_address(log: Log) -> None:
    page = log.alice.open("/audit-log?changes=yes").follow("Failed attempts")
    assert page.path == "/audit-log?failures=yes"
    assert page.sees("Address of the newest event: 127.0.0.1 1")
    page.follow("127.0.0.1 1")
    assert page.path == "/audit-log?failures=yes&address=127.0.0.1"
    assert len(log.known(shown(page))) == 1
    assert not page.follow("Changes only").sees("of the newest")


def filter_of(person: Person, link: str) -> dict[str, str]:
    """Return the query of a link."""
    return dict(parse_qsl(urlsplit(person.page.links[link]).query))


def test_quick_ranges_are_dates_and_keep_the_rest_of_the_filter(log: Log) -> None:
    page = log.alice.open("/audit-log?account=bob")
    today = datetime.now(UTC).date()
    first = today.replace(day=1)
    for label, since, until in (
        ("Today", today, today),
        ("Yesterday", today - DAY, today - DAY),
        ("7 days", today - 6 * DAY, today),
        ("30 days", today - 29 * DAY, today),
        ("Last month", (first - DAY).replace(day=1), first - DAY),
    ):
        limits = {"since": str(since), "until": str(until)}
        assert filter_of(page, label) == {"account": "bob", **limits}
    page.follow("Last month")
    # The same link switches it off.
    assert filter_of(page, "Last month") == {"account": "bob"}
    assert page.press("Export CSV").response.text.count("\n") == 1 + len(
        [e for e in log.events if "bob" in (e["actor"], e["subject"]) and e["at"] < str(first)]
    )


def test_links_of_the_page_combine_and_remove_filters(log: Log) -> None:
    page = log.alice.open("/audit-log").follow("MFA").follow("Changes only").follow("bob")
    asked = {"category": "mfa", "changes": "yes", "account": "bob"}
    assert dict(parse_qsl(urlsplit(page.path).query)) == asked
    assert log.known(shown(page)) == [
        e["id"]
        for e in log.events
        if e["subject"] == "bob" and e["event"] in ("mfa.enable", "mfa.disable")
    ]
    words = "Category: MFA; Changes only: yes; Account: bob"
    assert words in re.sub("<.*?>", "", page.response.text)  # on paper
    # The form keeps what only links choose.
    page.press("Filter", Account="carol")
    assert asked | {"account": "carol"} == {
        name: value for name, value in parse_qsl(urlsplit(page.path).query) if value
    }
    for label in ("Account: carol", "Category: MFA", "Changes only: yes"):
        page.follow(f"Remove the filter: {label}")
    assert page.path == "/audit-log"
    page.follow("127.0.0.1")
    assert page.path == "/audit-log?address=127.0.0.1"


def test_event_is_a_sentence_with_all_its_facts(log: Log) -> None:
    page = log.alice.open("/audit-log?event=auth.login&account=alice")
    assert page.sees("alice logged in with password only.")
    details = page.page.text.partition("alice logged in with password only.")[2]
    for fact in ("auth.login", "Account alice", "By alice", "Interface Console", "Address 127.0.0.1",
                 "Client python-requests", "User-Agent python-requests/", "Request ", "Node ",
                 "Number ", "factors pwd"):  # fmt: skip
        assert fact in details
    page.open("/audit-log?event=mfa.disable&account=bob&interface=api")
    assert page.sees("alice (API) disabled MFA for bob .")
    page.open("/audit-log?event=api.auth.fail")
    assert page.sees("API login of carol refused: with MFA, only the API password works.")
    assert page.sees("Refused")
    assert page.sees("By A client that was not logged in")


def test_events_have_headings_by_day(log: Log) -> None:
    page = log.alice.open("/audit-log")
    ids = shown(page)
    days = [e["at"][:10] for e in listed(log.served) if e["id"] in ids]
    found = re.findall(
        r"<h2>(?:(?:Today|Yesterday) <span class=\"aside\">)?(\d{4}-\d\d-\d\d)", page.response.text
    )
    assert found == [day for day, _ in groupby(days)]


def test_days_are_those_of_the_time_zone_of_the_page(log: Log) -> None:
    """In a zone in which it is already tomorrow, or still yesterday."""
    now = datetime.now(UTC)
    hours = 14 if now.hour >= 11 else -12
    local = (now + timedelta(hours=hours)).date()
    assert local != now.date()
    page = log.alice.open("/preferences").press("Save", Time_zone=f"Etc/GMT{-hours:+}")
    ids = [e["id"] for e in log.events if e["interface"] == "api"]
    try:
        assert filter_of(page.open("/audit-log"), "Today")["since"] == str(local)
        for day, found in ((local, ids), (now.date(), [])):
            page.open(f"/audit-log?interface=api&since={day}&until={day}")
            assert log.known(shown(page)) == found
        page.open(f"/audit-log?interface=api&since={local}+00:00")
        assert log.known(shown(page)) == ids
        assert page.page.attributes["since"]["value"] == f"{local} 00:00"
        assert f'<h2>Today <span class="aside">{local}' in page.response.text
    finally:
        page.open("/preferences").press("Save", Time_zone="")


def test_limits_that_no_page_of_the_zone_can_show_are_reported(log: Log) -> None:
    page = log.alice.open("/preferences").press("Save", Time_zone="Europe/Berlin")
    try:
        for since in ("0000-01-01", "0001-01-01", "9999-12-31 23:30Z"):
            page.open(f"/audit-log?{urlencode({'since': since})}")
            assert (page.response.status_code, page.heading) == (422, "Audit Log"), since
            assert page.page.attributes["since"]["value"] == since
        page.open("/audit-log?since=2026-06-02&until=2026-06-01")
        assert page.response.status_code == 422
        assert page.open("/audit-log?since=2026-06-02&until=2026-06-02").response.status_code == 200
        # 02:30 occurs twice on that day; the form must not move the limit by an hour.
        for utc, shown_as in (("00:30", "02:30"), ("01:30", "02:30+01:00")):
            page.open(f"/audit-log?since=2026-10-25T{utc}:00Z")
            for _ in range(2):
                assert page.page.attributes["since"]["value"] == f"2026-10-25 {shown_as}"
                page.press("Filter")
    finally:
        page.open("/preferences").press("Save", Time_zone="")
