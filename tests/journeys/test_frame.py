"""What surrounds every page: header, menus, time zone, and "Back" after a refused form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import Visitor
from tests.support.screen import fill, follow, login, press
from tests.support.served import Served

PHONE = {"width": 390, "height": 800}
MENU = [
    "Overview",
    "Your MFA Settings",
    "System Administrators",
    "Members",
    "Applications",
    "Your Sessions",
    "Audit Log",
]
ACCOUNT = ["Change Password", "Your Sessions", "Appearance", "Language", "Help"]
BOXES = """() => [...document.querySelectorAll('.side li:not(.small-screen) a')].map(a => {
  const at = a.getBoundingClientRect(); return [at.x, at.y, at.width, at.height].join(' '); })"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served.running(tmp_path_factory.mktemp("frame") / "data") as server:
        for name in ("alice", "bob", "carol", "dora"):
            server.create(name)
        yield server


def account_menu(page: Page) -> Any:
    return page.locator(".account-menu summary")


def test_menus_work_without_javascript_on_a_phone(served: Served, visitor: Visitor) -> None:
    page = visitor.open(java_script_enabled=False, viewport=PHONE).page
    login(page, served, "alice")
    assert page.title() == "Overview · 127.0.0.1"
    menu = page.locator(".side")
    expect(menu.get_by_role("link")).to_have_count(0)
    top = page.locator("h1").evaluate("heading => heading.getBoundingClientRect().top")
    assert top < 100, "header and menu take one line"
    menu.locator("summary", has_text="Menu").click()
    assert menu.get_by_role("link").all_inner_texts() == [*MENU, "Help"]
    follow(page, "System Administrators")
    expect(menu.get_by_role("link")).to_have_count(0)
    account_menu(page).click()
    assert page.locator(".account-menu a").all_inner_texts() == ACCOUNT
    for name, path in zip(ACCOUNT, ["/change-password", "/your-sessions", "/preferences#appearance",
                                    "/preferences#language", "/help"], strict=True):  # fmt: skip
        if not page.locator(".account-menu[open]").count():
            account_menu(page).click()
        with page.expect_navigation():
            page.locator(".account-menu a", has_text=name).click()
        assert page.url == served.console + path
        anchor = path.partition("#")[2]
        assert not anchor or page.locator(f"h2#{anchor}").count() == 1


def test_account_menu_closes_with_escape_and_outside_press(
    served: Served, visitor: Visitor
) -> None:
    page = visitor.open().page
    login(page, served, "bob")
    summary, opened = account_menu(page), page.locator(".account-menu[open]")
    summary.focus()
    page.keyboard.press("Enter")
    expect(opened).to_have_count(1)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Change Password"
    page.keyboard.press("Escape")
    expect(opened).to_have_count(0)
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.keyboard.press("Enter")
    expect(opened).to_have_count(1)
    page.locator("h1").click()
    expect(opened).to_have_count(0)
    summary.click()
    for _ in range(len(ACCOUNT) + 1):
        page.keyboard.press("Tab")
    expect(opened).to_have_count(0)


def test_menu_stays_in_place_on_every_page(served: Served, visitor: Visitor) -> None:
    page = visitor.open(viewport={"width": 1180, "height": 800}).page
    login(page, served, "bob")
    seen = {}
    for name in MENU:
        follow(page, name)
        seen[name] = page.evaluate(BOXES)
        assert page.locator(".side [aria-current]").inner_text() == name
        assert page.locator(".who > a").inner_text() == "Help"
    assert len({tuple(boxes) for boxes in seen.values()}) == 1
    assert len({box.split()[3] for box in seen["Overview"]}) == 1, "a line of the menu wraps"
    page.goto(served.console + "/nowhere")
    assert page.evaluate(BOXES) == seen["Overview"]
    assert page.title() == "Page not found · 127.0.0.1"


def test_zone_of_the_browser_is_stored_at_login(served: Served, visitor: Visitor) -> None:
    login(visitor.open(timezone_id="America/St_Johns").page, served, "carol")
    page = visitor.open(java_script_enabled=False).page
    login(page, served, "carol")
    page.goto(served.console + "/preferences")
    tooltip = page.locator("main time").get_attribute("title") or ""
    assert "(America/St_Johns, UTC-0" in tooltip
    assert page.locator("main time").inner_text().count(":") == 2
    assert "UTC" not in page.locator("main time").inner_text()


def test_back_after_a_refused_form_does_not_ask_to_send_it_again(
    served: Served, visitor: Visitor
) -> None:
    page = visitor.open().page
    login(page, served, "dora", "wrong")
    assert page.title() == "Error: Login · 127.0.0.1"
    follow(page, "Help")
    page.go_back()
    assert page.title() == "Login · 127.0.0.1"
    login(page, served, "dora")
    page.goto(served.console + "/change-password")
    fill(page, Current_password="wrong")
    press(page, "Change Password")
    assert page.title().startswith("Error: ")
    page.reload()
    assert page.title() == "Change Password · 127.0.0.1"
