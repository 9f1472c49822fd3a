"""Eight tasks of an administrator, in a real Chromium: their results, and what each costs.

Each task begins on Overview, after a login. A change that makes a task longer fails here.
"""

from __future__ import annotations

import base64
import contextlib
import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
import requests

from tests.support import phone
from tests.support.acts import BY_CLI, CONSOLE, Acts
from tests.support.browser import Chromium
from tests.support.clock import MovableClock
from tests.support.effort import Effort, Worker
from tests.support.installation import CHEAP, Installation, settings_for
from tests.support.person import Person
from tests.support.served import PASSWORD, Served
from tests.support.stage import Stage
from watchword import bootstrap
from watchword.domain.audit import Actor, Interface
from watchword.domain.errors import Refusal
from watchword.domain.mfa import Event
from watchword.usecases.administrators import other_accounts, other_credentials
from watchword.usecases.administrators.authorization import By

ATTACKER: Final = Actor(
    Interface.CONSOLE, address="203.0.113.66", user_agent="python-requests/2.32"
)
LAPTOP: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CLIENT: Final = "backup-script/1.0"
TRIES: Final = 20
CROWD: Final = 55
"""Accounts before ruth and simon in the list, so that its first page shows neither."""
DAY: Final = timedelta(days=1)


def _last_month() -> datetime:
    now = datetime.now(UTC)
    return (now.replace(day=1) - DAY).replace(day=15, hour=10, minute=0, second=0, microsecond=0)


def _live(here: Installation) -> dict[str, str]:
    """Let administrators work last month, yesterday and today. Returns the secrets of the phones."""
    for number in range(CROWD):
        Acts(here, f"op{number:02}")
        if number % 10:
            other_credentials.change_mfa(here.app, BY_CLI, f"op{number:02}", Event.ENABLE)
    people = {n: Acts(here, n) for n in ("alice", "dave", "erin", "frank", "ruth", "simon", "zoe")}
    for name in ("dave", "ruth"):
        people[name].activate()
    # Yesterday: zoe's change among logins.
    here.clock.put_back(datetime.now(UTC).replace(hour=10) - DAY)
    zoe = people["zoe"].login()
    by = By(CONSOLE.known_as(zoe.account), zoe.account, zoe)
    other_accounts.change(here.app, by, "simon", email="simon@elsewhere.example")
    _log_in(here)
    here.clock.put_back(datetime.now(UTC) - timedelta(hours=3))
    for number in range(TRIES):
        here.clock.advance(timedelta(minutes=2))
        with contextlib.suppress(Refusal):
            people["zoe"].password("wrong wrong", username=f"root{number}", actor=ATTACKER)
    _log_in(here)
    return {n: base64.b32encode(people[n].phone).decode() for n in ("dave", "ruth")}


def _log_in(here: Installation) -> None:
    for number in range(0, CROWD, 10):
        for _ in range(10):
            Acts(here, f"op{number:02}", is_there=True).password()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, chromium: Chromium) -> Iterator[Stage]:
    folder: Path = tmp_path_factory.mktemp("tasks") / "data"
    settings, clock = settings_for(folder), MovableClock(_last_month())
    app = bootstrap.open(settings, clock=clock, hashing=CHEAP)
    with contextlib.closing(Installation("sqlite", folder, settings, clock, app)) as here:
        secrets = _live(here)
    with Served.running(folder) as served, chromium.trusting(served.ca) as visitor:
        yield Stage(served, visitor, secrets=secrets)


def at_work(stage: Stage, name: str = "alice") -> Worker:
    """Return an administrator who has just logged in and sees Overview."""
    stage.new_browser(accept_downloads=True)
    person = Person(stage.served).login(name)
    if name in stage.secrets:
        person.press("OK", Code=phone.code(stage.secrets[name]))
    stage.take_over(person)
    stage.at("/")
    return Worker(stage.page)


def call(stage: Stage, name: str, password: str, client: str = CLIENT) -> requests.Response:
    return requests.get(
        f"{stage.served.api}/api/v1/whoami", auth=(name, password), timeout=30,
        verify=str(stage.served.ca), headers={"User-Agent": client},
    )  # fmt: skip


def find(worker: Worker, name: str) -> None:
    """Open the page of an account that is not on the first page of the list."""
    worker.go("System Administrators")
    worker.type("Search", name)
    worker.go("Search")


# --- tasks: each returns the person at the end ---------------------------------------------------
def lost_phone(stage: Stage) -> Worker:
    worker = at_work(stage)
    find(worker, "ruth")
    worker.go("Reset Secret", "Reset Secret")
    assert worker.sees("The secret of the account ruth is reset")
    ruth = Person(stage.served).login("ruth")
    assert ruth.token != stage.secrets["ruth"]
    ruth.close()
    return worker


def changed_yesterday(stage: Stage) -> Worker:
    worker = at_work(stage)
    worker.go("Audit Log", "Yesterday", "Changes only")
    events = worker.page.locator(".log > li")
    assert events.count() == 1
    assert "zoe" in events.inner_text()
    assert "simon" in events.inner_text()
    return worker


def without_mfa(stage: Stage) -> Worker:
    worker = at_work(stage)
    worker.go("Who has no MFA?")
    shown = worker.page.locator("tbody th a").all_inner_texts()
    assert {"alice", "op00", "op10"} <= set(shown)
    assert not {"dave", "op01"} & set(shown)
    return worker


def script_is_refused(stage: Stage) -> Worker:
    assert call(stage, "dave", PASSWORD).status_code == 401
    worker = at_work(stage, "dave")
    assert worker.sees("MFA is on: this script still sends the regular password.")
    assert worker.sees("backup-script")
    return worker


def new_api_password(stage: Stage) -> Worker:
    old = stage.served.cli("api-password", "generate", "--", "erin").stdout.strip()
    worker = at_work(stage, "erin")
    worker.go("Your MFA Settings")
    worker.choose("The current API password stops working", "24")
    worker.go("Generate New API Password")
    new = worker.page.locator("#new-api-credential").inner_text()
    assert [call(stage, "erin", each).status_code for each in (old, new)] == [200, 200]
    # Another day: the old one was not used since, and is stopped.
    worker.go("Your MFA Settings")
    assert worker.sees("The old API password still works")
    assert worker.sees("backup-script")
    worker.go("Stop It Now")
    assert [call(stage, "erin", each).status_code for each in (old, new)] == [401, 200]
    return worker


def own_laptop_is_stolen(stage: Stage) -> Worker:
    laptop = Person(stage.served, **{"User-Agent": LAPTOP}).login("frank")
    worker = at_work(stage, "frank")
    worker.go("Your Sessions", "End")
    assert laptop.open("/").heading == "Login"
    laptop.close()
    return worker


def laptop_of_another_is_stolen(stage: Stage) -> Worker:
    key = stage.served.cli("api-password", "generate", "--", "simon").stdout.strip()
    laptop = Person(stage.served, **{"User-Agent": LAPTOP}).login("simon")
    worker = at_work(stage)
    find(worker, "simon")
    worker.go("Lock Down Account", "Lock Down Account")
    assert laptop.open("/").heading == "Login"
    assert call(stage, "simon", key).status_code == 401
    laptop.close()
    return worker


def for_the_auditor(stage: Stage) -> Worker:
    worker = at_work(stage)
    worker.go("Audit Log", "Last month", "Changes only")
    rows = list(csv.DictReader(io.StringIO(worker.download("Export CSV"))))
    assert {row["at"][:7] for row in rows} == {_last_month().isoformat()[:7]}
    created = sum(row["event"] == "administrator.created" for row in rows)
    assert created == CROWD + 7
    assert not {"auth.login", "auth.password_ok"} & {row["event"] for row in rows}
    return worker


def attacks_by_address(stage: Stage) -> Worker:
    worker = at_work(stage)
    worker.go("Show in the Audit Log")
    addresses = worker.page.get_by_role("navigation", name="Addresses of the newest")
    assert addresses.get_by_role("link", name=f"{ATTACKER.address} {TRIES}").is_visible()
    return worker


TASKS: Final[dict[str, tuple[Callable[[Stage], Worker], Effort]]] = {
    "a colleague lost the phone": (lost_phone, Effort(clicks=4, loads=4, typed=4)),
    "who changed what yesterday": (changed_yesterday, Effort(3, 3, 0)),
    "which administrators have no MFA": (without_mfa, Effort(1, 1, 0)),
    "why a script is refused": (script_is_refused, Effort(0, 0, 0)),
    "a new API password without an outage": (new_api_password, Effort(5, 4, 0)),
    "one's own laptop is stolen": (own_laptop_is_stolen, Effort(2, 2, 0)),
    "a colleague's laptop is stolen": (laptop_of_another_is_stolen, Effort(4, 4, 5)),
    "last month's changes as a file": (for_the_auditor, Effort(4, 3, 0)),
    "from where passwords are tried": (attacks_by_address, Effort(1, 1, 0)),
}
"""What each task costs. Searching for an account includes its name."""


@pytest.mark.parametrize("name", TASKS)
def test_task_costs_exactly(stage: Stage, name: str) -> None:
    task, cost = TASKS[name]
    worker = task(stage)
    assert worker.effort == cost, worker.loaded
    assert stage.seen.complaints() == []
    stage.seen.context.close()
