"""Your MFA Settings while a replaced API password is still accepted; the second process is the
command line.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import requests

from tests.support.person import Person
from tests.support.served import PASSWORD, Served
from tests.web.conftest import whoami

GENERATE, STOP = "Generate New API Password", "Stop It Now"
HOUR = 3600 * 1_000_000


def generate(person: Person, hours: int) -> str:
    person.settings().press(GENERATE, The_current_API_password_stops_working=str(hours))
    return person.api_password


def test_old_api_password_is_shown_until_it_is_stopped(served: Served, alice: Person) -> None:
    assert "The current API password stops working" not in alice.settings().page.labels
    first = alice.press(GENERATE).api_password
    assert not alice.settings().sees("The old API password still works")
    second = generate(alice, 24)
    assert (whoami(served, "alice", first), whoami(served, "alice", second)) == (200, 200)
    assert alice.settings().sees("The old API password still works")
    assert alice.sees(f"It begins with {first[:8]} and ends ")
    assert re.search(r"Last used just now from 127\.0\.0\.1 by \S", alice.page.text)
    assert alice.sees("A client still uses your old API password")
    assert alice.open("/").sees("A client still uses your old API password")

    other = Person(served).login("alice").settings()
    alice.settings().press(STOP)
    assert alice.sees("The old API password no longer works.")
    assert (whoami(served, "alice", first), whoami(served, "alice", second)) == (401, 200)
    other.press(STOP)
    assert other.sees("The old API password has already ended. The current one still works.")
    assert whoami(served, "alice", second) == 200
    other.close()


def test_two_processes_agree_on_the_end_of_the_old_api_password(served: Served) -> None:
    """The server answers from its cache until the command line or the time ends the password."""
    served.create("bob")
    first = served.cli("api-password", "generate", "bob").stdout.strip()
    assert whoami(served, "bob", first) == 200
    kept = served.cli("api-password", "generate", "--keep-old", "1h", "bob")
    assert "The old API password works until 20" in kept.stderr
    second = kept.stdout.strip()
    for _ in range(2):
        assert (whoami(served, "bob", first), whoami(served, "bob", second)) == (200, 200)
    with closing(sqlite3.connect(served.data / "watchword.db", isolation_level=None)) as database:
        moved = database.execute("UPDATE old_api_passwords SET ends_at = ends_at - ?", [HOUR])
        assert moved.rowcount == 1
    assert (whoami(served, "bob", first), whoami(served, "bob", second)) == (401, 200)
    third = served.cli("api-password", "generate", "--keep-old", "72h", "bob").stdout.strip()
    assert (whoami(served, "bob", second), whoami(served, "bob", third)) == (200, 200)
    served.cli("api-password", "revoke", "bob")
    assert (whoami(served, "bob", second), whoami(served, "bob", third)) == (401, 401)


def test_form_of_an_earlier_generation_ends_nothing(served: Served) -> None:
    served.create("carol")
    carol = Person(served).login("carol")
    first = carol.settings().press(GENERATE).api_password
    second_tab = Person(served).login("carol").settings()
    second = generate(carol, 72)
    second_tab.press(GENERATE)
    assert second_tab.api_password == ""
    assert (whoami(served, "carol", first), whoami(served, "carol", second)) == (200, 200)
    for person in (carol, second_tab):
        person.close()


def test_page_shows_address_documentation_and_a_curl_line(served: Served, alice: Person) -> None:
    alice.settings()
    shown = alice.page.attributes["curl"]["data-copy"]
    assert shown == f"curl --cacert watchword-ca.crt --user alice {served.api}/api/v1/whoami"
    assert f"{served.api}/docs" in alice.response.text
    answer = requests.get(f"{served.api}/docs", auth=("alice", PASSWORD), verify=str(served.ca),
                          timeout=30)  # fmt: skip
    assert answer.status_code == 200
    served.create("ops:carl")
    carl = Person(served).login("ops:carl").settings()
    assert "--user ops:carl:API_PASSWORD" in carl.page.attributes["curl"]["data-copy"]
    carl.close()


def test_new_api_password_gets_the_focus(alice: Person) -> None:
    """So it is in view after "Confirm it is you", without the script too."""
    alice.settings().press(GENERATE)
    assert "autofocus" in alice.page.attributes["new-api-credential"]
