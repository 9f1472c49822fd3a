"""Keyboard access (Tab, Enter, Space) from enabling MFA to a login with a recovery code, the
feedback of slow requests, and the introduction to MFA.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from tests.support import phone
from tests.support.browser import Visitor
from tests.support.clock import START
from tests.support.screen import follow, later, login, press, tap
from tests.support.served import PASSWORD, Served

MOST_TABS = 40
AT = """() => { const at = document.activeElement;
  return (at.labels?.[0] ?? at).textContent.trim(); }"""
RING = "() => getComputedStyle(document.activeElement).outlineStyle"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served.running(tmp_path_factory.mktemp("keyboard") / "data") as server:
        for name in ("kim", "new", "old", "slow"):
            server.create(name)
        yield server


def tab_to(page: Page, words: str) -> None:
    """Press Tab until the field of that label, or the button or link of that text, has focus."""
    for _ in range(MOST_TABS):
        if page.evaluate(AT) == words:
            assert page.evaluate(RING) != "none", f"nothing shows that {words} has the focus"
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no {words!r} within {MOST_TABS} Tabs")


def enter(page: Page, words: str, key: str = "Enter") -> None:
    tab_to(page, words)
    with page.expect_navigation():
        page.keyboard.press(key)


def write(page: Page, label: str, text: str) -> None:
    tab_to(page, label)
    page.keyboard.type(text)


def write_login(page: Page) -> None:
    write(page, "Username", "kim")
    write(page, "Password", PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_enrolment_and_logins_work_by_keyboard(served: Served, visitor: Visitor) -> None:
    seen = visitor.open()
    page = seen.page
    page.goto(served.console + "/login")
    write_login(page)
    enter(page, "Your MFA Settings")
    enter(page, "Enable MFA", "Space")
    enter(page, "Logout", "Space")
    write_login(page)
    secret = str(page.locator("#token").get_attribute("data-copy"))
    write(page, "Code", "000000")
    enter(page, "OK")
    assert page.evaluate("document.activeElement.id") == "error-summary"
    tab_to(page, str(page.locator("#error-summary a").inner_text()))
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "totp_code"
    page.keyboard.press("Control+A")
    page.keyboard.type(phone.code(secret))
    enter(page, "OK", "Space")
    codes = page.locator("#codes li").all_inner_texts()
    assert len(codes) == 8
    enter(page, "Continue")
    enter(page, "Logout")

    write_login(page)
    write(page, "Code", later(secret))
    enter(page, "OK")
    assert page.get_by_role("heading", name="Overview").is_visible()
    enter(page, "Logout")

    write_login(page)
    enter(page, "Use a recovery code")
    write(page, "Recovery code", codes[0])
    enter(page, "OK")
    enter(page, "Continue")
    enter(page, "Keep current phone", "Space")
    assert page.get_by_role("heading", name="Overview").is_visible()
    page.reload()
    page.keyboard.press("Tab")
    assert page.evaluate(AT) == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    assert seen.complaints() == []


# --- a slow answer ---------------------------------------------------------------------------
def test_slow_button_shows_progress_and_is_released_after_five_seconds(
    served: Served, visitor: Visitor
) -> None:
    page = visitor.open().page
    page.clock.install(time=START)
    page.goto(served.console + "/login")
    page.clock.pause_at(START + timedelta(hours=1))
    page.evaluate("() => document.querySelector('main form')"
                  ".addEventListener('submit', event => event.preventDefault())")  # fmt: skip
    busy, words = page.locator("[data-busy]"), page.locator("#working")
    tap(page, "OK")
    assert (busy.inner_text(), words.inner_text()) == ("OK", "")
    page.clock.run_for(1100)
    assert words.inner_text() == "Working…"
    page.clock.run_for(4000)
    assert (busy.count(), words.inner_text()) == (0, "")


# --- three steps -----------------------------------------------------------------------------
def test_introduction_is_shown_until_it_is_dismissed(served: Served, visitor: Visitor) -> None:
    """The browser stores this per account; the script is not needed."""
    page = visitor.open(java_script_enabled=False).page
    tour = page.get_by_role("heading", name="MFA in three steps")
    login(page, served, "new")
    assert tour.is_visible()
    assert page.locator(".steps li").count() == 3
    follow(page, "API Password")
    assert page.url.endswith("/your-mfa-settings#api")
    page.goto(served.console)
    press(page, "Not now")
    assert tour.count() == 0
    press(page, "Logout")
    login(page, served, "new")
    assert tour.count() == 0
    press(page, "Logout")
    login(page, served, "slow")
    assert tour.is_visible()
    press(page, "Not now")
    press(page, "Logout")
    login(page, served, "new")
    assert tour.count() == 0


def test_introduction_is_not_shown_after_mfa(served: Served, visitor: Visitor) -> None:
    page = visitor.open().page
    tour = page.get_by_role("heading", name="MFA in three steps")
    login(page, served, "old")
    assert tour.is_visible()
    for button in ("Enable MFA", "Disable MFA"):
        page.goto(served.console + "/your-mfa-settings")
        press(page, button)
        page.goto(served.console)
        assert tour.count() == 0
