"""Overview: the login before this one, and failed logins."""

from __future__ import annotations

from pathlib import Path

from tests.support.person import Person
from tests.support.served import Served


def test_failed_logins_are_counted_since_the_named_login(tmp_path: Path) -> None:
    with Served.running(tmp_path / "data") as served:
        served.create("nia")
        person = Person(served).login("nia", "wrong").login("nia")
        assert person.sees("This is your first login Failed logins before it 1")
        person.press("Logout").login("nia", "wrong").login("nia")
        assert person.sees("Failed logins since then 1")
        assert not person.sees("This is your first login")
        person.close()
