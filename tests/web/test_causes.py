"""Messages name the one cause that the server knows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import count

import pytest

from tests.support.person import Person
from tests.support.served import Served

NUMBERS = count(1)
HOUR = 3_600_000_000
OWN = "administrator_id = (SELECT id FROM administrators WHERE username = '{name}')"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served.running(tmp_path_factory.mktemp("causes") / "data") as server:
        yield server


def change(served: Served, statement: str) -> None:
    with closing(sqlite3.connect(served.data / "watchword.db")) as database:
        database.execute(statement)
        database.commit()


def test_first_run_link_names_why_it_does_not_work(served: Served) -> None:
    person = Person(served)
    link = served.first_run_link.removeprefix(served.console)
    person.open("/first-run/NOTHING")
    assert person.sees("Only the latest link works, and this is another one.")
    change(served, f"UPDATE first_run_links SET expires_at = expires_at - {2 * HOUR}")
    person.open(link)
    assert person.sees("This link is older than 60 minutes.")
    change(served, f"UPDATE first_run_links SET expires_at = expires_at + {2 * HOUR}")
    assert person.open(link).button("Create Administrator")
    served.create("first")
    person.open(link)
    assert person.sees("This server has an administrator, so first-run links no longer work.")
    assert person.response.status_code == 410
    person.close()


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        (f"UPDATE sessions SET last_seen_at = last_seen_at - {HOUR}",
         "Your session ended because of inactivity."),
        ("UPDATE sessions SET expires_at = 1", "Your session has reached its maximum length."),
        ("UPDATE sessions SET cred_ver = cred_ver + 1",
         "Your password or MFA was changed, which ended this session."),
        ("DELETE FROM sessions", "Your session was ended."),
    ],
    ids=["idle", "longest", "changed", "ended"],
)  # fmt: skip
def test_ended_session_names_its_cause(served: Served, statement: str, sentence: str) -> None:
    name = f"session-{next(NUMBERS)}"
    served.create(name)
    Person(served).login(name).close()  # another session, which has the button "End"
    person = Person(served).login(name).open("/your-sessions")
    change(served, f"{statement} WHERE {OWN.format(name=name)}")
    person.press("End")
    assert person.response.status_code == 403
    assert person.sees(f"{sentence} Please log in again.")
    person.close()


def test_five_wrong_answers_are_the_cause_of_an_ended_session(served: Served) -> None:
    served.create("proof")
    person = Person(served).login("proof")
    change(served, f"UPDATE sessions SET proved_at = 0 WHERE {OWN.format(name='proof')}")
    person.settings().press("Enable MFA")
    for _ in range(5):
        person.press("OK", Password="wrong")
    assert person.sees('"Confirm it is you" failed five times, which ended this session.')
    person.close()


def test_ended_login_attempt_names_its_cause(served: Served) -> None:
    served.create("attempt")
    served.cli("mfa", "enable", "--yes", "--", "attempt")
    person = Person(served)
    person.open("/login/second-step")
    assert person.sees("No login attempt is open in this browser.")
    change(served, f"DELETE FROM enrolment_codes WHERE {OWN.format(name='attempt')}")
    person.login("attempt")
    change(served, "UPDATE administrators SET cred_ver = cred_ver + 1 WHERE username = 'attempt'")
    person.open("/login/second-step")
    assert person.sees("Your account was changed during this login.")
    person.login("attempt")
    for _ in range(5):
        person.press("OK", Code="000000")
    assert person.sees("This attempt ended after 5 wrong codes.")
    person.close()
