"""The pages in print, in text browsers and with forced colours."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page

from tests.support import phone
from tests.support.browser import Chromium, Visitor
from tests.support.person import Person
from tests.support.screen import fill, login, press
from tests.support.served import Served

NUMBERS = count(1)
SETTINGS = "/your-mfa-settings"
DATE = r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2} UTC"
GENERATED = """() => document.querySelectorAll('time').forEach(time => {
    const text = getComputedStyle(time, '::after').content;
    time.append(document.createTextNode(JSON.parse(text))); })"""
"""Adds the text after each time, which inner_text() leaves out."""
EDGES = """() => [...document.querySelectorAll(
    'button, a.button, main input:not([type=hidden]):not([aria-hidden]), select')]
  .filter(e => e.type !== 'checkbox' && !e.classList.contains('link'))
  .filter(e => { const at = getComputedStyle(e);
    return at.borderBlockStartStyle === 'none' || at.borderBlockStartColor === at.backgroundColor; })
  .map(e => e.outerHTML)"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served.running(tmp_path_factory.mktemp("eyes") / "data") as server:
        yield server


@pytest.fixture
def name(served: Served) -> str:
    """The name of an account that only this test uses."""
    name = f"n:{next(NUMBERS)}"
    served.create(name)
    return name


# --- on paper --------------------------------------------------------------------------------
def printed(page: Page) -> str:
    """Return the printed text of the page."""
    page.emulate_media(media="print")
    page.evaluate(GENERATED)
    return page.locator("body").inner_text()


@pytest.mark.parametrize("way", ["login", "finish now"])
def test_printed_recovery_codes_name_their_owner(
    served: Served, visitor: Visitor, name: str, way: str
) -> None:
    page = visitor.open().page
    login(page, served, name)
    page.goto(served.console + SETTINGS)
    press(page, "Enable MFA")
    if way == "login":
        press(page, "Logout")
        login(page, served, name)
    else:
        press(page, "Finish now")
    fill(page, Code=phone.code(str(page.locator("#token").get_attribute("data-copy"))))
    press(page, "OK")
    text = printed(page)
    host = served.console.split("//")[1]
    assert re.search(f"Watchword recovery codes for {name} on {host}, created {DATE}", text)
    assert len(re.findall(r"(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}", text)) > 1
    demand_nothing_to_press(text)


def test_printed_api_password_names_its_owner_and_nothing_else(
    served: Served, visitor: Visitor, name: str
) -> None:
    page = visitor.open().page
    login(page, served, name)
    page.goto(served.console + SETTINGS)
    press(page, "Generate New API Password")
    text = printed(page)
    host = served.console.split("//")[1]
    assert re.search(f"Watchword API password for {name} on {host}, created {DATE}", text)
    assert text.count("wwp_") == 1
    assert "MFA Enabled" not in text
    demand_nothing_to_press(text)


def test_printed_enrolment_code_names_its_owner_and_life(
    chromium: Chromium, tmp_path: Path
) -> None:
    environ = {"WATCHWORD_ENROLMENT_PROOF": "always"}
    with (
        Served.running(tmp_path / "data", environ=environ) as proving,
        chromium.trusting(proving.ca) as visitor,
    ):
        for name in ("alice", "bob"):
            proving.create(name)
        host = proving.console.split("//")[1]
        page = visitor.open().page
        login(page, proving, "alice")
        for path, name in (("/administrators/bob/enable-mfa", "bob"), (SETTINGS, "alice")):
            page.emulate_media(media="screen")
            page.goto(proving.console + path)
            press(page, "Enable MFA")
            text = printed(page)
            assert re.search(f"enrolment code for {name} on {host}, created {DATE}", text)
            assert text.count("valid for three days and one login") == 1
            demand_nothing_to_press(text)


def test_printed_overview_names_user_warnings_and_times(
    served: Served, visitor: Visitor, name: str
) -> None:
    served.create(name + "-newer")
    page = visitor.open().page
    login(page, served, name)
    text = printed(page)
    assert re.search(rf"Logged in as\s+{name}\b", text)
    assert "MFA is off. Anyone with your password" in text
    assert re.search(f"{name}-newer was created. {DATE}", text)
    assert "Logout" not in text


@pytest.mark.parametrize("media", ["screen", "print"])
def test_mfa_checkbox_is_visible(
    served: Served, visitor: Visitor, name: str, media: Literal["screen", "print"]
) -> None:
    page = visitor.open().page
    login(page, served, name)
    page.goto(served.console + SETTINGS)
    page.emulate_media(media=media)
    box = page.get_by_label("MFA Enabled")
    look = "box => { const at = getComputedStyle(box); return [at.appearance, at.borderTopColor]; }"
    assert box.evaluate(look) == ["none", "rgb(85, 96, 110)"]
    mark = "box => getComputedStyle(box, '::before').borderBottomStyle"
    assert box.evaluate(mark) == "none"
    page.emulate_media(media="screen")
    press(page, "Enable MFA")
    assert box.evaluate(mark) == "solid"


def demand_nothing_to_press(text: str) -> None:
    words = ("Logout", "Overview", "Audit Log", "Copy", "Print", "Continue", "Generate New",
             "Logged in as")  # fmt: skip
    assert [word for word in words if word in text] == []


# --- in a text browser -----------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/login", "/", SETTINGS, "/change-password", "/your-sessions"])
def test_text_browser_shows_no_control_of_the_script(served: Served, name: str, path: str) -> None:
    person = Person(served)
    if path != "/login":
        person.login(name)
    shown = dumped(person.open(path).response.content).replace("Show the numbers", "")
    person.close()
    words = ("logged out", "Stay logged in", "Working", "Show", "Hide", "Copy")
    assert [word for word in words if word in shown] == []
    assert "Watchword" in shown


def dumped(html: bytes) -> str:
    """Return w3m's rendering of a page."""
    command = ["w3m", "-dump", "-I", "UTF-8", "-O", "UTF-8", "-T", "text/html"]
    return subprocess.run(command, input=html, capture_output=True, check=True).stdout.decode()


# --- forced colours --------------------------------------------------------------------------
def test_forced_colours_show_the_edge_of_every_control(
    served: Served, visitor: Visitor, name: str
) -> None:
    page = visitor.open(forced_colors="active").page
    login(page, served, name)
    for path in ("/", SETTINGS, "/administrators", "/new-administrator", "/audit-log",
                 "/your-sessions", "/change-password"):  # fmt: skip
        page.goto(served.console + path)
        assert page.evaluate(EDGES) == []
    page.evaluate("() => { document.querySelector('main button').style.border = '0'; }")
    assert len(page.evaluate(EDGES)) == 1
    page.get_by_role("button", name="Logout").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
