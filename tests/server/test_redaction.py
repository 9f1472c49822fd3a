"""No secret is written to the log, the database or an answer.

A test uses a real server as an administrator does, at log level debug and with failures, then
searches everything that was written for each secret.
"""

from __future__ import annotations

import base64
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support import phone, postgres
from tests.support.acts import basic_header
from tests.support.canaries import Canaries, forms
from tests.support.person import Person
from tests.support.postgres import PostgresServer
from tests.support.served import Served

# Prefixes of the names of secrets that a page shows to their owner.
ENROLMENT = ("totp secret",)
COOKIES_AND_FORMS = ("cookie", "form token")
REDRAWN_FIELDS = ("unknown username",)


@dataclass
class Life:
    """One server, its clients and all of their answers."""

    served: Served
    canaries: Canaries
    responses: list[requests.Response] = field(default_factory=list)
    cli_output: list[str] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)

    def person(self) -> Person:
        person = Person(self.served)
        person.http.hooks["response"].append(self.take)
        self.people.append(person)
        return person

    def take(self, response: requests.Response, *_args: Any, **_kwargs: Any) -> None:
        self.responses.append(response)
        for name, value in response.cookies.items():
            self.canaries.plant(f"cookie {name}", value)
        for token in re.findall(r'name="form_token" value="([^"]+)"', response.text):
            self.canaries.plant("form token", token)

    def api(self, method: str, path: str, header: bytes, **options: Any) -> requests.Response:
        headers = {"Authorization": header.decode("latin-1"), **options.pop("headers", {})}
        response = requests.request(
            method, f"{self.served.api}{path}", verify=str(self.served.ca), timeout=30,
            headers=headers, hooks={"response": self.take}, **options,
        )  # fmt: skip
        self.canaries.plant("authorization header", header.removeprefix(b"Basic "))
        return response

    def cli(self, *arguments: str, stdin: str = "", expect: int = 0) -> str:
        done = self.served.cli(*arguments, stdin=stdin, expect=expect)
        self.cli_output += [done.stdout, done.stderr]
        return done.stdout

    def code(self, secret: str, steps: int = 0) -> str:
        found = phone.code(secret, datetime.now(UTC) + timedelta(seconds=30 * steps))
        self.canaries.codes.append(found)
        return found


# --- the usage -------------------------------------------------------------------------------
def live(life: Life) -> tuple[str, str]:
    """Use the server. Returns alice's last password and API password."""
    plant = life.canaries.word
    old, new, wrong = (plant(f"password {n}", "otter gravel ") for n in ("old", "new", "wrong"))
    alice = life.person()
    link = life.served.first_run_link.replace(life.served.console, "")
    life.canaries.plant("first-run token", link.rpartition("/")[2])
    life.person().open(f"/first-run/{plant('first-run token, wrong', before='X')}")
    alice.open(link).press("Create Administrator", Username="alice", Password=old,
                           Repeat_password=wrong)  # fmt: skip
    alice.open(link).press("Create Administrator", Username="alice", Password=old,
                           Repeat_password=old)  # fmt: skip
    alice.login("alice", wrong)
    alice.login(plant("unknown username", "hunter"), wrong)
    alice.login("alice", old).settings().press("Enable MFA")
    alice.press("Finish now") if alice.button("Finish now") else alice.follow("Finish now")
    secret = alice.token
    life.canaries.plant("totp secret", secret)
    life.canaries.plant("totp secret, bytes", base64.b32decode(secret))
    alice.press("OK", Code=plant("code, malformed"))
    alice.press("OK", Code=life.code(secret, steps=40))
    confirmed = life.code(secret)
    alice.press("OK", Code=confirmed)
    codes = alice.recovery_codes()
    assert codes
    _plant_recovery_codes(life, codes)
    alice.settings().press("Generate New API Password")
    api_password = alice.api_password
    life.canaries.plant("api password", api_password)
    alice.press("Generate New Recovery Codes")
    _plant_recovery_codes(life, alice.recovery_codes())
    used = alice.recovery_codes()[0]
    alice.open("/change-password").press(
        "Change Password", Current_password=wrong, New_password=new, Repeat_new_password=new
    )
    alice.open("/change-password").press(
        "Change Password", Current_password=old, New_password=new, Repeat_new_password=new
    )
    alice.press("Logout")
    _second_steps(life, new, confirmed, used)
    _others(life, alice, plant("password of bob", "otter gravel "), new, secret)
    _calls(life, api_password, new, wrong)
    return new, api_password


def _plant_recovery_codes(life: Life, codes: list[str]) -> None:
    for code in codes:
        life.canaries.plant("recovery code", code)
        life.canaries.plant("recovery code, plain", code.replace("-", ""))


def _second_steps(life: Life, password: str, used_code: str, recovery_code: str) -> None:
    person = life.person().login("alice", password)
    person.press("OK", Code=used_code)  # a replay
    person.follow("Use a recovery code")
    person.press("OK", Recovery_code=life.canaries.word("recovery code, malformed"))
    person.press("OK", Recovery_code=life.canaries.word("recovery code, wrong", "ABCD" * 2))
    person.press("OK", Recovery_code=recovery_code)
    _plant_recovery_codes(life, person.recovery_codes())
    person.follow("Continue").press("Keep current phone")
    assert person.heading == "Overview", person.page.text
    again = life.person().login("alice", password)
    again.press("Cancel")


def _others(life: Life, alice: Person, bobs: str, password: str, secret: str) -> None:
    alice = life.people[-2]
    alice.open("/new-administrator").press(
        "Create Administrator", Username="bob", Password=bobs, Repeat_password=bobs
    )
    alice.open("/administrators/bob").act(
        "Set Password", New_password="short", Repeat_new_password=bobs
    )
    life.cli("administrator", "create", "carol", "--password-stdin",
             stdin=life.canaries.word("password of carol", "otter gravel "))  # fmt: skip
    life.cli("administrator", "create", "carol", "--password-stdin",
             stdin=life.canaries.word("password of carol, again", "otter gravel "), expect=1)  # fmt: skip
    life.cli("administrator", "list")
    life.cli("keys", "rotate", "--yes")
    shown_once = life.served.cli("api-password", "generate", "carol")
    life.canaries.plant("api password of carol", shown_once.stdout.strip())
    life.cli_output.append(shown_once.stderr)


def _calls(life: Life, api_password: str, password: str, wrong: str) -> None:
    plant = life.canaries.word
    right = basic_header("alice", api_password)
    assert life.api("GET", "/api/v1/whoami", right).status_code == 200
    refused = [
        ("alice", password), ("alice", wrong), (plant("unknown username", "hunter"), wrong),
        ("alice", api_password[:-1] + ("A" if api_password[-1] != "A" else "B")),
    ]  # fmt: skip
    for name, word in refused:
        assert life.api("GET", "/api/v1/whoami", basic_header(name, word)).status_code == 401
    malformed = b"Basic " + plant("authorization, malformed", "%").encode()
    assert life.api("GET", "/api/v1/whoami", malformed).status_code == 401
    bodies = (
        {"json": {"username": "dora", "password": plant("password of dora", "otter gravel ")}},
        {"json": {"username": "-", "password": plant("password refused", "aaaa")}},
        {"json": {"username": "eve", "passwort": plant("password in an unknown field")}},
        {"json": {"username": [plant("password of a wrong kind")], "password": 1}},
        {"data": '{"password": "' + plant("password in broken JSON"),
         "headers": {"Content-Type": "application/json"}},
        {"data": f"password={plant('password in a form')}"},
    )  # fmt: skip
    for body in bodies:
        life.api("POST", "/api/v1/administrators", right, **body)
    given = {"password": plant("password given", "otter gravel ")}
    life.api("PUT", "/api/v1/administrators/dora/password", right, json=given)
    life.api("GET", f"/api/v1/audit-events?password={plant('word in a query')}", right)
    _strange_requests(life)


def _strange_requests(life: Life) -> None:
    """Send requests that no browser sends."""
    plant, console = life.canaries.word, life.served.console
    with requests.Session() as http:
        http.trust_env = False
        http.verify = str(life.served.ca)
        http.hooks["response"].append(life.take)
        word = plant("cookie, twice")
        for headers in (
            {"Cookie": f"__Host-ww_s={word}; __Host-ww_s={word}"},
            {"Cookie": f"__Host-ww_s={plant('cookie, unknown')}"},
            {"Authorization": f"Bearer {plant('authorization at the console')}"},
            {"Proxy-Authorization": f"Basic {plant('authorization of a proxy')}"},
        ):
            http.get(f"{console}/", headers=headers, timeout=30)
        http.get(f"{console}/login?password={plant('word in a query')}", timeout=30)
        http.post(f"{console}/login", timeout=30, data={
            "username": "alice", "password": plant("password without a token"),
            "form_token": plant("form token, wrong")})  # fmt: skip
        http.post(f"{console}/login", timeout=30, files={"password": plant("password as a file")})
        http.post(f"{console}/login", timeout=30, headers={"Content-Type": FORM},
                  data=f"password={plant('password twice')}&password=x")  # fmt: skip


FORM = "application/x-www-form-urlencoded"


# --- failures --------------------------------------------------------------------------------
@contextmanager
def sqlite_with(data: Path, spoil: str, repair: str) -> Iterator[None]:
    with closing(sqlite3.connect(data / "watchword.db", timeout=10)) as database:
        database.execute(spoil)
        database.commit()
        yield
        database.execute(repair)
        database.commit()


BREAK_AUDIT = (
    "CREATE TRIGGER broken BEFORE INSERT ON audit_events BEGIN SELECT RAISE(ABORT, 'x'); END"
)
SPOILT = [
    ("alice", "ALTER TABLE throttles RENAME TO away", "ALTER TABLE away RENAME TO throttles", 500),
    ("alice", BREAK_AUDIT, "DROP TRIGGER broken", 500),
    ("carol", "UPDATE administrators SET password_hash = 'v1$' || password_hash",
     "UPDATE administrators SET password_hash = substr(password_hash, 4)", 500),
]  # fmt: skip
"""Account that logs in (an error makes its next attempt wait), damage, repair and status."""


def go_wrong_on_sqlite(life: Life, password: str) -> None:
    for name, spoil, repair, status in SPOILT:
        with sqlite_with(life.served.data, spoil, repair):
            person = life.person().login(name, password)
            assert person.response.status_code == status, spoil
            life.api("GET", "/api/v1/whoami", basic_header(name, password))
    stored = life.canaries.word("stored hash")
    spoil = (
        f"UPDATE administrators SET password_hash = 'v1$aa$m={stored},t=1,p=1$$' "
        "WHERE username = 'bob'"
    )
    with sqlite_with(life.served.data, spoil, "SELECT 1"):
        assert life.person().login("bob", password).response.status_code == 500
        answer = life.api("GET", "/api/v1/whoami", basic_header("bob", password))
        assert answer.status_code in {429, 500}
    with closing(sqlite3.connect(life.served.data / "watchword.db")) as database:
        database.execute("BEGIN EXCLUSIVE")
        assert life.person().login("dora", password).response.status_code == 503


def go_wrong_on_postgresql(life: Life, server: PostgresServer, password: str) -> None:
    person = life.person().open("/login")
    server.stop()
    try:
        person.press("OK", Username="alice", Password=password)
        assert person.response.status_code == 503
        answer = life.api("GET", "/api/v1/whoami", basic_header("alice", password))
        assert answer.status_code == 503
    finally:
        server.start()


# --- the search ------------------------------------------------------------------------------
def exported(life: Life, api_password: str) -> dict[str, bytes]:
    """Return the audit log from each export and from the API."""
    alice = life.people[-1] if life.people[-1].heading == "Overview" else _logged_in(life)
    written: dict[str, bytes] = {}
    for name, button in (("jsonl", "Export JSON lines"), ("csv", "Export CSV")):
        alice.open("/audit-log")
        written[name] = alice.submit(alice.button(button) or alice.page.buttons[0], {}).content
        assert b"auth.login" in written[name]
    page, after = b"", ""
    while True:
        header = basic_header("alice", api_password)
        answer = life.api("GET", f"/api/v1/audit-events?limit=200{after}", header)
        page += answer.content
        if not (following := answer.json()["next"]):
            break
        after = f"&after={following}"
    assert b"auth.login" in page
    return {**written, "api": page}


def _logged_in(life: Life) -> Person:
    return next(p for p in life.people if p.open("/audit-log").heading == "Audit Log")


def everything_written(life: Life) -> dict[str, bytes]:
    """Return the output of the server and the files of the data folder."""
    process = life.served.process
    process.send_signal(15)
    process.wait(15)
    assert process.stdout is not None
    rest = process.stdout.read()
    life.served.stop()
    printed = [line for line in life.served.output if "/first-run/" not in line]
    found = {
        "standard output": "\n".join([*printed, rest]).encode(),
        "standard error": "".join(life.served.errors).encode(),
        "command line": "\n".join(life.cli_output).encode(),
    }
    for path in life.served.data.rglob("*"):
        if path.is_file():
            found[str(path.relative_to(life.served.data))] = path.read_bytes()
    return found


def leaks_in_answers(life: Life) -> list[str]:
    """Return secrets in answers, except those that a page shows to their owner."""
    leaks = []
    for response in life.responses:
        but = [*COOKIES_AND_FORMS, *REDRAWN_FIELDS]
        if 'id="token"' in response.text:
            but += ENROLMENT
        if 'action="/first-run/' in response.text:
            but += ["first-run token"]
        if 'id="enrolment-code"' in response.text:
            but += ["enrolment code, shown"]
        if response.status_code < 400:
            but += ["recovery code", "api password"] if "shown once" in response.text else []
            but += ["recovery code"] if _is_recovery_page(response) else []
        name = f"{response.request.method} {response.url} {response.status_code}"
        leaks += [f"{name}: {f}" for f in life.canaries.found_in(response.content, but=but)]
        leaks += [f"{name}: code {c}" for c in life.canaries.codes_in(response.text)]
    return leaks


def _is_recovery_page(response: requests.Response) -> bool:
    return re.search(r"<h1>[^<]*[Rr]ecovery codes", response.text) is not None


def files_in(folder: Path, since: float) -> dict[str, bytes]:
    """Return the files of the database server, including its write-ahead log."""
    paths = [p for p in folder.rglob("*") if p.is_file() and p.stat().st_mtime >= since]
    return {f"postgresql/{p.relative_to(folder)}": p.read_bytes().rstrip(b"\0") for p in paths}


def leaks_in_writings(life: Life, written: dict[str, bytes]) -> list[str]:
    leaks = []
    for name, content in written.items():
        # This value was written into the database by the test. It must not appear elsewhere.
        but = ["stored hash"] if name.startswith("watchword.db") else []
        leaks += [f"{name}: {found}" for found in life.canaries.found_in(content, but=but)]
    for name in ("standard output", "standard error", "command line", "jsonl", "csv", "api"):
        leaks += [f"{name}: code {c}" for c in life.canaries.codes_in(written[name].decode())]
    return leaks


@pytest.fixture
def life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Life]:
    """A server on SQLite, or on the database that the environment names."""
    monkeypatch.setenv("WATCHWORD_LOG_LEVEL", "debug")
    with Served.running(tmp_path / "data") as served:
        lived = Life(served, Canaries())
        yield lived
        for person in lived.people:
            person.close()


@pytest.fixture
def own_postgres_server() -> Iterator[PostgresServer]:
    """A server whose files are only of this test: all of them are searched."""
    with postgres.running() as server:
        yield server


@pytest.fixture
def life_on_postgresql(
    own_postgres_server: PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Life:
    url = own_postgres_server.url(own_postgres_server.new_database())
    monkeypatch.setenv("WATCHWORD_DATABASE_URL", url)
    found: Life = request.getfixturevalue("life")
    return found


def test_no_secret_is_written_down(life: Life) -> None:
    password, api_password = live(life)
    written = exported(life, api_password)
    go_wrong_on_sqlite(life, password)
    written |= everything_written(life)
    assert len(life.canaries.planted) > 60
    assert b"failed" in written["standard error"]
    assert leaks_in_answers(life) == []
    assert leaks_in_writings(life, written) == []


def test_no_secret_is_written_down_on_postgresql(
    life_on_postgresql: Life, own_postgres_server: PostgresServer
) -> None:
    life, began = life_on_postgresql, time.time()
    password, api_password = live(life)
    written = exported(life, api_password)
    go_wrong_on_postgresql(life, own_postgres_server, password)
    written |= everything_written(life)
    own_postgres_server.stop()
    own_postgres_server.start()
    written |= files_in(own_postgres_server.folder, began)
    assert leaks_in_answers(life) == []
    assert leaks_in_writings(life, written) == []


# --- tests of the search ---------------------------------------------------------------------
Form = Callable[[bytes], bytes | str]


@pytest.mark.parametrize("before", [b"", b"x", b"xy", b"xyz", b"wxyz"])
@pytest.mark.parametrize(
    "form",
    [base64.b64encode, base64.urlsafe_b64encode, base64.b32encode, bytes.hex, bytes],
    ids=["base64", "url-safe", "base32", "hex", "plain"],
)
def test_the_search_finds_a_value_in_every_encoding(before: bytes, form: Form) -> None:
    canaries = Canaries({"word": "s3cret>>word??\xff"})
    content = form(before + "s3cret>>word??\xff".encode() + b"tail")
    content = content.encode() if isinstance(content, str) else content
    assert canaries.found_in(b'{"a": "' + content + b'"}') == ["word"]
    assert canaries.found_in(b'{"a": "another"}') == []


def test_the_search_finds_codes_only_where_they_stand_alone() -> None:
    canaries = Canaries(codes=["081804"])
    assert canaries.codes_in('{"code": "081804"}') == ["081804"]
    assert canaries.codes_in("id 1081804 and a081804f") == []


def test_percent_encoding_is_searched_for_as_well() -> None:
    assert {b"a%20b%2Bc%2Fd", b"a+b%2Bc%2Fd"} <= forms("a b+c/d")
    assert b"another" not in forms("a b+c/d")
