"""Text fields with characters that keyboards and documents add to typed or pasted text."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import closing
from urllib.parse import quote

import pytest
import requests

from tests.support import phone
from tests.support.person import Person
from tests.support.script import Script
from tests.support.served import PASSWORD, Served

AROUND = {
    "blank": " ", "no-break space": "\u00a0", "tab": "\t", "zero width space": "\u200b",
    "byte order mark": "\ufeff", "left-to-right mark": "\u200e",
}  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("typed") / "data"
    with Served.running(folder, environ={"WATCHWORD_ENROLMENT_PROOF": "always"}) as server:
        server.create("alice")
        server.create("bob")
        yield server


@pytest.fixture(scope="module")
def alice(served: Served) -> Iterator[Person]:
    with closing(Person(served)) as person:
        yield person.login()


def decorated(text: str, around: str) -> str:
    return around + text + around


def at_login(served: Served, alice: Person, around: str) -> bool:
    with closing(Person(served)) as person:
        return person.login(decorated("bob", around)).heading == "Overview"


def by_basic(served: Served, alice: Person, around: str) -> bool:
    sent = base64.b64encode(f"{decorated('bob', around)}:{PASSWORD}".encode()).decode()
    answer = requests.get(
        f"{served.api}/api/v1/whoami", verify=str(served.ca), timeout=30,
        headers={"Authorization": f"Basic {sent}"},
    )  # fmt: skip
    return answer.status_code == 200 and answer.json()["username"] == "bob"


def in_a_path(served: Served, alice: Person, around: str) -> bool:
    name = quote(decorated("bob", around), safe="")
    answer = Script(served)("GET", f"/api/v1/administrators/{name}")
    return bool(answer.json().get("username") == "bob")


def by_invoke(served: Served, alice: Person, around: str) -> bool:
    sent = {"userName": decorated("bob", around), "password": PASSWORD}
    answer = Script(served)("POST", "/api/invoke/SetSystemAdministratorPassword", data=sent)
    return answer.json()["error"] is None


def on_the_command_line(served: Served, alice: Person, around: str) -> bool:
    return "disabled" in served.cli("mfa", "status", "--", decorated("bob", around)).stdout.lower()


def in_the_search_box(served: Served, alice: Person, around: str) -> bool:
    word = quote(decorated("bob", around))
    found = alice.open(f"/administrators?search={word}").response.text
    return "/administrators/bob?" in found and "/administrators/alice?" not in found


def in_the_audit_log(served: Served, alice: Person, around: str) -> bool:
    name = quote(decorated("bob", around))
    return not alice.open(f"/audit-log?account={name}").sees("No matching events.")


def in_email_and_full_name(served: Served, alice: Person, around: str) -> bool:
    name = f"c{ord(around)}"
    alice.open("/new-administrator").press(
        "Create Administrator", Username=name, Email=decorated("c@example.org", around),
        Full_name=decorated("C", around), Password=PASSWORD, Repeat_password=PASSWORD,
    )  # fmt: skip
    found = Script(served)("GET", f"/api/v1/administrators/{name}").json()
    return (found.get("email"), found.get("full_name")) == ("c@example.org", "C")


FIELDS: dict[str, Callable[[Served, Person, str], bool]] = {
    "login": at_login,
    "Basic": by_basic,
    "path of the API": in_a_path,
    "invoke": by_invoke,
    "command line": on_the_command_line,
    "search": in_the_search_box,
    "audit log": in_the_audit_log,
    "email and full name": in_email_and_full_name,
}


@pytest.mark.parametrize("field", FIELDS)
def test_field_is_read_with_unseen_characters_around_it(
    served: Served, alice: Person, field: str
) -> None:
    unread = [name for name, c in AROUND.items() if not FIELDS[field](served, alice, c)]
    assert unread == []


def test_pasted_codes_of_an_enrolment_are_read(served: Served) -> None:
    served.create("carol")
    with closing(Person(served)) as person:
        person.login("carol").settings().press("Enable MFA")
        code = person.page.attributes["enrolment-code"]["data-copy"]
        person.follow("Continue").press("Logout").login("\u200bcarol ")
        person.press("OK", Enrolment_code=f"\u200b{code.replace('-', '–')}. ")
        digits = phone.code(person.token)
        person.press("OK", Code=f"\ufeff{digits[:3]}\u2013{digits[3:]}\u200e")
        recovery = person.recovery_codes()[0].replace("-", "\u2011").lower()
        person.follow("Continue").press("Logout")
        person.open("/login/with-recovery-code").press(
            "OK", Username="carol\u00a0", Password=PASSWORD,
            Recovery_code=f"• {recovery}\u200b",
        )  # fmt: skip
        assert person.sees("The recovery code you used")


@pytest.mark.parametrize("added", [".", "%20", "%E2%80%8B", ")", "%3E", "%0A", "%EF%BB%BF"])
def test_first_run_link_with_copied_characters_is_read(empty: Served, added: str) -> None:
    path = empty.first_run_link.removeprefix(empty.console)
    with closing(Person(empty)) as person:
        assert person.open(path + added).heading == "First administrator"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served.running(tmp_path_factory.mktemp("empty") / "data") as server:
        yield server
