"""Pages and forms of the console that are requested at another step of the login."""

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
    """A login while MFA is pending, on the page with the QR code."""
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
def test_page_of_another_step_redirects_to_the_current_one(enrolling: Person, path: str) -> None:
    secret = enrolling.token
    enrolling.open(path)
    assert (enrolling.path, enrolling.token) == ("/login/second-step", secret)


@pytest.mark.parametrize("path", ["/login/recovery-code", "/login/enrolment-code"])
def test_code_of_another_step_is_ignored(
    served: Served, enrolling: Person, name: str, path: str
) -> None:
    """While MFA is pending, only the new phone's code completes the login."""
    codes = {"recovery_code": "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA", "enrolment_code": "0000-0000-0000"}
    before = events(served, name)
    answer = post(enrolling, path, {**fields_of(enrolling, "OK"), **codes})
    assert [each.status_code for each in answer.history] == [303]
    assert answer.url.endswith("/login/second-step")
    again = [event for event in events(served, name)[len(before) :] if "shown" not in event]
    assert again == []


def test_logout_in_a_second_tab_redirects_to_the_login(person: Person, name: str) -> None:
    """The session has ended, so the form of its page is not accepted."""
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
def test_overview_warns_about_few_recovery_codes(
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


def test_own_password_needs_no_replacement(person: Person, name: str) -> None:
    assert person.login(name).open("/new-password").path == "/"


def test_connection_closed_during_a_form_is_no_crash(tmp_path: Path) -> None:
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


def test_enabling_mfa_with_an_old_password_suggests_a_new_one(
    served: Served, person: Person, name: str
) -> None:
    """MFA on an account with a stolen password should start with another password."""
    person.login(name).settings()
    assert not person.sees("change it first")
    with closing(sqlite3.connect(served.data / "watchword.db")) as database:
        database.execute(
            "UPDATE administrators SET password_set_at = password_set_at - ? WHERE username = ?",
            [25 * 3600 * 1_000_000, name],
        )
        database.commit()
    assert person.settings().sees("change it first")
    assert person.page.links["Change Password"] == "/change-password"
    person.press("Enable MFA")
    assert not person.sees("change it first")
