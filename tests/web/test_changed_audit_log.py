"""Reports on Overview and the command line after a change of the audit log in the database."""

from __future__ import annotations

from pathlib import Path

import requests

from tests.support.changed_log import change_the_log
from tests.support.person import Person
from tests.support.served import Served

NOTE = "The audit log was changed in the database, from event 1 on."
RESOLVE = ("audit", "resolve", "--yes")


def broken(served: Served) -> str:
    found = requests.get(f"{served.api}/metrics", timeout=30, verify=str(served.ca)).text
    return next(line for line in found.splitlines() if line.startswith("watchword_audit_chain"))


def test_finding_stays_on_overview_until_it_is_resolved(tmp_path: Path) -> None:
    with Served.running(tmp_path / "data") as served:
        served.create("alice")
        assert "Nothing to resolve" in served.cli(*RESOLVE).stdout
        assert change_the_log(served) == 1
        assert broken(served) == "watchword_audit_chain_broken 1"
        person = Person(served).login()
        assert person.sees(NOTE)
        assert person.press("Mark as seen").sees(NOTE)
        served.cli("audit", "verify", expect=1)
        assert "starts again" in served.cli(*RESOLVE).stdout
        served.cli("audit", "verify")
        assert not person.open("/").sees(NOTE)
        assert person.sees("The audit log's chain was restarted")
        assert broken(served) == "watchword_audit_chain_broken 0"
        person.close()
