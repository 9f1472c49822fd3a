"""Two administrators in separate browsers: help after a lost phone, creation, revocation."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Page

from tests.support import phone
from tests.support.browser import Chromium, Visitor
from tests.support.screen import fill, follow, later, login, press, scanned, whoami
from tests.support.served import PASSWORD, Served

NEW = "another otter with pencils"
SCRIPT = r"""
while :; do
  answer=$(curl --silent --show-error --cacert "$CA" --user "$NAME:$API_PASSWORD" \
                --write-out '\n%{http_code}' "$API/api/v1/whoami")
  status=${answer##*$'\n'}
  echo "$status"
  if [ "$status" != 200 ]; then echo "${answer%$'\n'*}" >&2; exit 1; fi
done
"""
"""A typical script: it runs until it is refused and prints the response."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served.running(tmp_path_factory.mktemp("others") / "data") as server:
        server.create("alice")
        yield server


@pytest.fixture
def visitor(served: Served, chromium: Chromium) -> Iterator[Visitor]:
    with chromium.trusting(served.ca) as opened:
        yield opened


def find(page: Page, name: str) -> None:
    """Search for an exact username on System Administrators: this opens the account's page."""
    follow(page, "System Administrators")
    page.get_by_label("Search", exact=True).fill(name)
    press(page, "Search")
    assert page.get_by_role("heading", level=1).inner_text().endswith(name)


def enrolled(page: Page, served: Served, name: str) -> str:
    """Log in, enable MFA and finish; return the secret in the phone."""
    login(page, served, name)
    follow(page, "Your MFA Settings")
    press(page, "Enable MFA")
    press(page, "Finish now")
    secret = phone.secret_in(scanned(page))
    fill(page, Code=phone.code(secret))
    press(page, "OK")
    return secret


def new_api_password(page: Page, served: Served) -> str:
    page.goto(served.console + "/your-mfa-settings")
    press(page, "Generate New API Password")
    return page.locator("#new-api-credential").inner_text()


@pytest.mark.parametrize("script", [True, False], ids=["javascript", "no-javascript"])
def test_another_administrator_resets_a_lost_secret(
    served: Served, visitor: Visitor, script: bool
) -> None:
    name = f"bob:{script}"
    served.create(name)
    bobs = visitor.open(java_script_enabled=script)
    bob = bobs.page
    old = enrolled(bob, served, name)
    old_codes = bob.locator("#codes li").all_inner_texts()
    api_password = new_api_password(bob, served)
    assert whoami(served, name, api_password).status_code == 200

    alices = visitor.open(java_script_enabled=script)
    alice = alices.page
    login(alice, served, "alice")
    find(alice, name)
    press(alice, "Reset Secret")
    heading = alice.get_by_role("heading", name=f"Confirm: Reset Secret for {name}", exact=True)
    assert heading.is_visible()
    box = alice.get_by_label("Revoke the API password too")
    assert not box.is_checked()  # scripts use it
    box.check()
    press(alice, "Reset Secret")
    assert alice.get_by_text(f"The secret of the account {name} is reset").is_visible()
    assert alice.get_by_text("Its API password is revoked.").is_visible()

    follow(bob, "Overview")
    assert bob.get_by_role("heading", name="Login").is_visible()
    assert whoami(served, name, api_password).status_code == 401
    login(bob, served, name)
    new = phone.secret_in(scanned(bob))
    assert new != old
    fill(bob, Code=later(old))
    press(bob, "OK")
    assert bob.get_by_text("Incorrect code.").first.is_visible()
    fill(bob, Code=phone.code(new))
    press(bob, "OK")
    codes = bob.locator("#codes li").all_inner_texts()
    assert len(codes) == 8
    assert not set(codes) & set(old_codes)
    follow(bob, "Continue")
    press(bob, "Logout")

    login(bob, served, name)
    follow(bob, "Use a recovery code")
    fill(bob, Recovery_code=old_codes[0])
    press(bob, "OK")
    assert bob.get_by_text("The recovery code is incorrect").first.is_visible()
    fill(bob, Recovery_code=codes[0])
    press(bob, "OK")
    follow(bob, "Continue")
    press(bob, "Keep current phone")
    assert bob.get_by_role("heading", name="Overview").is_visible()
    for seen in (alices, bobs):
        assert seen.complaints() == []
        assert seen.hosts == {f"127.0.0.1:{served.console_port}"}


def test_new_administrator_chooses_a_password_and_enrols(served: Served, visitor: Visitor) -> None:
    name = "נועם"
    alices, newcomers = visitor.open(), visitor.open()
    alice, newcomer = alices.page, newcomers.page
    login(alice, served, "alice")
    follow(alice, "System Administrators")
    follow(alice, "New Administrator")
    fill(alice, Username=name, Full_name="נועם לוי", Email="noam", Password=PASSWORD,
         Repeat_password=NEW)  # fmt: skip
    press(alice, "Create Administrator")
    assert alice.get_by_role("heading", name="There is a problem").is_visible()
    assert alice.get_by_label("Username", exact=True).input_value() == name
    fill(alice, Email="noam@example.org", Password=PASSWORD, Repeat_password=PASSWORD)
    press(alice, "Create Administrator")
    assert alice.get_by_text(f"The account {name} is created.").is_visible()

    login(newcomer, served, name)
    assert newcomer.get_by_role("heading", name="Choose your password").is_visible()
    newcomer.goto(served.console + "/your-mfa-settings")
    assert newcomer.url.partition("?")[0].endswith("/new-password")
    fill(newcomer, New_password=PASSWORD, Repeat_new_password=PASSWORD)
    press(newcomer, "OK")
    assert newcomer.get_by_text("this is the one you logged in with").first.is_visible()
    fill(newcomer, New_password=NEW, Repeat_new_password=NEW)
    press(newcomer, "OK")
    follow(newcomer, "Your MFA Settings")
    press(newcomer, "Enable MFA")
    press(newcomer, "Logout")

    login(newcomer, served, name, PASSWORD)
    assert newcomer.get_by_text("Incorrect username or password.").is_visible()
    login(newcomer, served, name, NEW)
    fill(newcomer, Code=phone.code(phone.secret_in(scanned(newcomer))))
    press(newcomer, "OK")
    assert newcomer.locator("#codes li").count() == 8
    follow(newcomer, "Continue")
    assert newcomer.get_by_role("heading", name="Overview").is_visible()
    follow(alice, "System Administrators")
    row = alice.get_by_role("row").filter(has_text="noam@example.org")
    assert row.get_by_text("Active", exact=True).is_visible()
    for seen in (alices, newcomers):
        assert seen.complaints() == []


@pytest.mark.parametrize("script", [True, False], ids=["javascript", "no-javascript"])
def test_old_login_is_confirmed_after_wrong_answers(
    served: Served, visitor: Visitor, script: bool
) -> None:
    mine, other = f"old:{script}", f"other:{script}"
    served.create(mine)
    served.create(other)
    page = visitor.open(java_script_enabled=script).page
    enrolled(page, served, mine)
    code = page.locator("#codes li").first.inner_text()
    with closing(sqlite3.connect(served.data / "watchword.db", isolation_level=None)) as database:
        database.execute("UPDATE sessions SET proved_at = proved_at - 11 * 60 * 1000000")
    page.goto(f"{served.console}/administrators/{other}")
    press(page, "Set Password")
    for wrong in ({"Password": "wrong", "Code": "000000"}, {"Password": PASSWORD, "Code": "0" * 6}):
        fill(page, **wrong)
        press(page, "OK")
        assert page.get_by_text("Incorrect password or code.").first.is_visible()
    press(page, "Use a recovery code")
    for given in (f"{code[:-4]}0000", code):
        fill(page, Password=PASSWORD, Recovery_code=given)
        press(page, "OK")
    fill(page, New_password=NEW, Repeat_new_password=NEW)
    press(page, "Set Password")
    assert page.get_by_text(f"The password of the account {other} is set").is_visible()


def test_revoking_an_api_password_stops_a_running_script(served: Served, visitor: Visitor) -> None:
    """The script's responses change from 200 to 401; its output explains what to do."""
    served.create("carol")
    carol, alice = visitor.open().page, visitor.open().page
    enrolled(carol, served, "carol")
    api_password = new_api_password(carol, served)
    login(alice, served, "alice")
    find(alice, "carol")

    environ = {**os.environ, "CA": str(served.ca), "API": served.api, "NAME": "carol",
               "API_PASSWORD": api_password}  # fmt: skip
    with subprocess.Popen(["bash", "-c", SCRIPT], env=environ, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as running:  # fmt: skip
        try:
            assert running.stdout is not None
            assert [running.stdout.readline() for _ in range(3)] == ["200\n"] * 3
            press(alice, "Revoke API Password")
            assert alice.get_by_text(
                "Scripts used the API password in the last 7 days."
            ).is_visible()
            press(alice, "Revoke API Password")
            assert alice.get_by_text(
                "The API password of the account carol is revoked."
            ).is_visible()
            assert whoami(served, "carol", api_password).status_code == 401
            output, errors = running.communicate(timeout=30)
        finally:
            running.kill()
    answers = output.split()
    assert (set(answers[:-1]) | {"200"}, answers[-1]) == ({"200"}, "401")
    assert running.returncode == 1
    assert "generate an API password in the Management Console" in errors

    carol.goto(served.console + "/your-mfa-settings")
    assert carol.get_by_text("You have no API password.").is_visible()
    assert whoami(served, "carol", new_api_password(carol, served)).status_code == 200
