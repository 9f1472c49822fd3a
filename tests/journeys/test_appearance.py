"""The chosen appearance, light or dark, overrides the system's, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import Visitor
from tests.support.screen import login, press, scanned
from tests.support.served import Served

Scheme = Literal["light", "dark"]
BACKGROUND = {"light": "rgb(246, 247, 249)", "dark": "rgb(15, 19, 24)"}
OTHER: dict[Scheme, Scheme] = {"light": "dark", "dark": "light"}
GREY_ON_WHITE = "rgb(85, 96, 110)"

TICKED = """() => [...document.querySelectorAll('form[action="/appearance"] button')]
  .filter(button => getComputedStyle(button, '::before').borderBottomStyle === 'solid')
  .map(button => button.textContent)"""

each = pytest.mark.parametrize("chosen", ["light", "dark"])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served.running(tmp_path_factory.mktemp("look") / "data") as server:
        server.create("alice")
        server.create("newcomer")
        yield server


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def choose(page: Page, served: Served, choice: str) -> None:
    page.goto(served.console + "/preferences")
    press(page, choice.title())


@each
def test_choice_overrides_the_system_without_javascript(
    served: Served, visitor: Visitor, chosen: Scheme
) -> None:
    system = OTHER[chosen]
    page = visitor.open(
        java_script_enabled=False, color_scheme=system, reduced_motion="reduce"
    ).page
    login(page, served, "alice")
    assert background(page) == BACKGROUND[system]
    choose(page, served, chosen)
    assert background(page) == BACKGROUND[chosen]
    press(page, "Logout")
    assert background(page) == BACKGROUND[chosen]
    login(page, served, "alice")
    choose(page, served, "system")
    assert background(page) == BACKGROUND[system]


@each
def test_chosen_appearance_is_accessible_at_every_width(
    served: Served, visitor: Visitor, chosen: Scheme
) -> None:
    seen = visitor.open(color_scheme=OTHER[chosen], reduced_motion="reduce")
    login(seen.page, served, "alice")
    choose(seen.page, served, chosen)
    for width in (1180, 390):
        seen.page.set_viewport_size({"width": width, "height": 900})
        assert seen.axe() == []
    assert seen.complaints() == []


def test_choice_keeps_the_position_and_marks_the_button(served: Served, visitor: Visitor) -> None:
    page = visitor.open(viewport={"width": 390, "height": 600}).page
    login(page, served, "alice")
    page.goto(served.console + "/preferences")
    for choice in ("Dark", "Light", "System"):
        press(page, choice)
        button = page.get_by_role("button", name=choice, exact=True, pressed=True)
        expect(button).to_be_in_viewport()
        assert page.evaluate(TICKED) == [choice]
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "System"


def test_print_is_white_and_without_buttons(served: Served, visitor: Visitor) -> None:
    page = visitor.open(reduced_motion="reduce").page
    login(page, served, "alice")
    choose(page, served, "dark")
    page.goto(served.console + "/")
    page.emulate_media(media="print")
    assert background(page) == "rgb(255, 255, 255)"
    grey = page.locator(".facts dt").first.evaluate("dt => getComputedStyle(dt).color")
    assert grey == GREY_ON_WHITE
    assert "Appearance" not in page.locator("body").inner_text()


@each
def test_forced_colours_override_the_choice_and_show_the_tick(
    served: Served, visitor: Visitor, chosen: Scheme
) -> None:
    page = visitor.open(
        color_scheme=OTHER[chosen], forced_colors="active", reduced_motion="reduce"
    ).page
    login(page, served, "alice")
    before = background(page)
    choose(page, served, chosen)
    assert background(page) == before
    button = page.get_by_role("button", name=chosen.title(), exact=True, pressed=True)
    colours = """button => [getComputedStyle(button, '::before').borderBottomColor,
                           getComputedStyle(button).backgroundColor]"""
    tick, behind = button.evaluate(colours)
    assert tick != behind


def test_qr_code_is_readable_on_a_dark_page(served: Served, visitor: Visitor) -> None:
    page = visitor.open(color_scheme="light", reduced_motion="reduce").page
    login(page, served, "newcomer")
    choose(page, served, "dark")
    page.goto(served.console + "/your-mfa-settings")
    press(page, "Enable MFA")
    press(page, "Finish now")
    assert background(page) == BACKGROUND["dark"]
    white = page.locator(".qr").evaluate("qr => getComputedStyle(qr).backgroundColor")
    assert white == "rgb(255, 255, 255)"
    assert scanned(page).startswith("otpauth://totp/")
