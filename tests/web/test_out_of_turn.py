"""Pages of the console that are asked for, and forms that are sent, at another step than theirs."""

from __future__ import annotations

import socket
import sqlite3
import ssl
from contextlib import closing
from pathlib import Path

import pytest
import requests

from tests.support.person import Person
from tests.support.served import Served
from tests.web.test_console import name, person, post, served

__all__ = ["name", "person", "served"]


@pytest.fixture
def enrolling(person: Person, name: str) -> Person:
    """Somebody who logs in while MFA is pending: the QR code is shown."""
    person.login(name).settings().press("Enable MFA").press("Logout").login(name)
    assert person.path == "/login/second-step"
    return person


def fields_of(person: Person, button: str) -> dict[str, str]:
    found = person.button(button)
    assert found is not None
    return person.page.forms[found.form].fields


def events(served: Served, username: str) -> list[str]:
    with closing(sqlite3.connect(served.data / "watchword.db")) as database:
        found = database.execute(
            "SELECT event FROM audit_events WHERE subject_name = ? ORDER BY id", [username]
        )
        return [str(row[0]) for row in found]


@pytest.mark.parametrize("path", ["/login/recovery-code", "/login/enrolment-code"])
def test_a_page_of_another_step_leads_to_the_one_that_is_due(enrolling: Person, path: str) -> None:
    secret = enrolling.token
    enrolling.open(path)
    assert (enrolling.path, enrolling.token) == ("/login/second-step", secret)


@pytest.mark.parametrize("path", ["/login/recovery-code", "/login/enrolment-code"])
def test_a_code_of_another_step_is_not_even_looked_at(
    served: Served, enrolling: Person, name: str, path: str
) -> None:
    """While MFA is pending there is no way in but the new phone's code."""
    codes = {"recovery_code": "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA", "enrolment_code": "0000-0000-0000"}
    before = events(served, name)
    answer = post(enrolling, path, {**fields_of(enrolling, "OK"), **codes})
    assert [each.status_code for each in answer.history] == [303]
    assert answer.url.endswith("/login/second-step")
    again = [event for event in events(served, name)[len(before) :] if "shown" not in event]
    assert again == []


def test_logout_in_a_second_tab_leads_to_the_login_too(person: Person, name: str) -> None:
    """There is no session any more; the page it was drawn in belongs to nobody."""
    person.open("/login")
    fields = next(iter(person.page.forms.values())).fields
    answer = post(person, "/logout", fields)
    assert [each.status_code for each in answer.history] == [303]
    assert answer.url.endswith("/login")


@pytest.mark.parametrize(
    ("left", "says"),
    [
        (3, ""),
        (2, "Only 2 recovery codes are left."),
        (1, "Only 1 recovery code is left."),
        (0, "Only 0 recovery codes are left."),
    ],
)
def test_the_overview_tells_when_few_recovery_codes_are_left(
    served: Served, person: Person, name: str, left: int, says: str
) -> None:
    person.login(name).settings().press("Enable MFA").press("Logout")
    person.enrol(name)
    with closing(sqlite3.connect(served.data / "watchword.db")) as database:
        database.execute(
            "DELETE FROM recovery_codes WHERE mac IN (SELECT mac FROM recovery_codes"
            " JOIN administrators ON administrators.id = administrator_id WHERE username = ?"
            " LIMIT ?)",
            [name, 8 - left],
        )
        database.commit()
    person.open("/")
    assert person.sees("Only") is bool(says)
    assert person.sees(says)


def test_who_has_a_password_of_their_own_is_not_asked_to_choose_one(
    person: Person, name: str
) -> None:
    assert person.login(name).open("/new-password").path == "/"


def test_to_end_the_session_one_is_in_is_to_log_out(person: Person, name: str) -> None:
    """No message is kept for a session that is not there any more."""
    person.login(name).open("/your-sessions").press("End")
    assert [each.status_code for each in person.response.history] == [303]
    assert (person.path, person.heading) == ("/login", "Login")
    assert person.open("/your-sessions").heading == "Login"


def test_a_browser_that_hangs_up_in_its_form_is_no_crash(tmp_path: Path) -> None:
    with Served.running(tmp_path / "data") as own:
        trusting = ssl.create_default_context(cafile=str(own.ca))
        plain = socket.create_connection(("127.0.0.1", own.console_port), timeout=30)
        with trusting.wrap_socket(plain, server_hostname="localhost") as connection:
            connection.sendall(
                b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n"
                b"Content-Type: application/x-www-form-urlencoded\r\n\r\nusername=alice"
            )
        assert requests.get(own.console + "/login", verify=str(own.ca), timeout=30).ok
        assert own.stop() == 0
        assert own.complaints == []


def test_who_enables_mfa_on_an_older_password_is_offered_another_one_first(
    served: Served, person: Person, name: str
) -> None:
    """MFA on an account whose password is stolen has to begin with another password."""
    person.login(name).settings()
    assert not person.sees("begin with another one")
    with closing(sqlite3.connect(served.data / "watchword.db")) as database:
        database.execute(
            "UPDATE administrators SET password_set_at = password_set_at - ? WHERE username = ?",
            [25 * 3600 * 1_000_000, name],
        )
        database.commit()
    assert person.settings().sees("begin with another one")
    assert person.page.links["Change Password"] == "/change-password"
    person.press("Enable MFA")
    assert not person.sees("begin with another one")
