"""Two nodes on one PostgreSQL database."""

from __future__ import annotations

import base64
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests

from tests.support import phone
from tests.support.person import Person
from tests.support.postgres import PostgresServer
from tests.support.served import PASSWORD, Served


def whoami(served: Served, password: str) -> int:
    credentials = base64.b64encode(f"alice:{password}".encode()).decode()
    answer = requests.get(
        f"{served.api}/api/v1/whoami", verify=str(served.ca), timeout=30,
        headers={"Authorization": f"Basic {credentials}"},
    )  # fmt: skip
    return answer.status_code


def login_at(served: Served, code: str) -> str:
    person = Person(served).login()
    person.press("OK", Code=code)
    person.close()
    return person.heading


def test_two_nodes_are_one_installation(postgres_server: PostgresServer, tmp_path: Path) -> None:
    environ = {"WATCHWORD_DATABASE_URL": postgres_server.url(postgres_server.new_database())}
    with Served.running(tmp_path / "one", environ=environ) as one:
        shutil.copytree(tmp_path / "one" / "keys", tmp_path / "two" / "keys")
        with Served.running(tmp_path / "two", environ=environ) as two:
            person = Person(one).open(one.first_run_link.replace(one.console, ""))
            person.open(two.first_run_link.replace(two.console, ""))
            person.press("Create Administrator", Username="alice", Password=PASSWORD,
                         Repeat_password=PASSWORD)  # fmt: skip
            assert person.path == "/login?username=alice"
            person.login().settings().press("Generate New API Password")
            password = person.api_password
            person.press("Enable MFA").press("Logout")
            secret = person.enrol()
            person.close()
            assert whoami(two, password) == 200
            assert whoami(two, PASSWORD) == 401
            code = phone.code(secret, datetime.now(UTC) + timedelta(seconds=30))
            assert login_at(one, code) == "Overview"
            assert login_at(two, code) == "Login"


def test_a_second_node_with_a_key_of_its_own_is_refused(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    environ = {"WATCHWORD_DATABASE_URL": postgres_server.url(postgres_server.new_database())}
    with Served.running(tmp_path / "one", environ=environ):
        try:
            Served.start(tmp_path / "two", environ=environ).stop()
        except AssertionError as refused:
            error = str(refused)
        else:
            error = ""
    assert "its keyring is missing" in error
    assert "copy it from the first" in error
