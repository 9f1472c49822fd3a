"""The layout of the note on the end of a session: it covers no control and moves no content."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page

from tests.support.browser import Seen, Visitor
from tests.support.clock import START
from tests.support.screen import login, tap
from tests.support.served import Served

NEW = "/new-administrator"
SOON = "You will be logged out in less than two minutes because"
IN_TIME_FOR_THE_NOTE = 182
"""Seconds of the five minutes that a session may be idle."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    environ = {"WATCHWORD_SESSION_IDLE_MINUTES": "5"}
    with Served.running(tmp_path_factory.mktemp("note") / "data", environ=environ) as server:
        server.create("alice")
        yield server


def small(visitor: Visitor, served: Served, width: int, path: str = NEW) -> Seen:
    """Open a page on a small screen; its clock is stopped."""
    seen = visitor.open(viewport={"width": width, "height": 640})
    seen.page.clock.install(time=START)
    login(seen.page, served, "alice")
    seen.page.clock.pause_at(START + timedelta(minutes=1))
    seen.page.goto(served.console + path)
    return seen


def wait(page: Page, seconds: int) -> None:
    page.clock.run_for(seconds * 1000)


def demand_seen_whole(page: Page, button: Locator) -> None:
    """Check that the button can be scrolled to and that nothing covers its corners."""
    button.scroll_into_view_if_needed()
    assert button.evaluate("""(button) => {
      const { left, right, top, bottom } = button.getBoundingClientRect();
      return [[left + 4, top + 4], [right - 4, bottom - 4]]
        .every(([x, y]) => document.elementFromPoint(x, y) === button);
    }""")


def intersecting(page: Page) -> list[str]:
    """Return the buttons and links that the note covers at any scroll position."""
    return list(
        page.evaluate("""() => {
      const note = document.getElementById("idle"), found = [];
      const overlap = (a, b) => {
        const [left, right] = [Math.max(a.left, b.left), Math.min(a.right, b.right)];
        const [top, bottom] = [Math.max(a.top, b.top), Math.min(a.bottom, b.bottom)];
        return { left, right, top, bottom, is: right - left > .5 && bottom - top > .5 };
      };
      const scrollers = [document.documentElement, ...document.body.querySelectorAll("*")]
        .filter((e) => e === document.documentElement || /auto|scroll/.test(getComputedStyle(e).overflowY));
      const outer = scrollers.reduce((a, b) => b.scrollHeight - b.clientHeight > a.scrollHeight - a.clientHeight ? b : a);
      for (let at = 0; at <= outer.scrollHeight; at += 100) {
        outer.scrollTop = at;
        for (const each of document.querySelectorAll("button, a, input")) {
          if (note.contains(each) || !each.getClientRects().length) continue;
          let seen = each.getBoundingClientRect();
          for (const s of scrollers.slice(1)) if (s.contains(each)) seen = overlap(seen, s.getBoundingClientRect());
          if (overlap(seen, note.getBoundingClientRect()).is) found.push(each.textContent || each.id);
        }
      }
      return [...new Set(found)];
    }""")
    )


@pytest.mark.parametrize("width", [390, 320])
@pytest.mark.parametrize("path", [NEW, "/your-mfa-settings"])
def test_note_covers_no_button(served: Served, visitor: Visitor, width: int, path: str) -> None:
    page = small(visitor, served, width, path).page
    wait(page, IN_TIME_FOR_THE_NOTE)
    assert SOON in page.locator("#idle").inner_text()
    assert intersecting(page) == []
    demand_seen_whole(page, page.locator("main .button").last)
    demand_seen_whole(page, page.get_by_role("button", name="Stay logged in"))
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_note_keeps_the_scroll_position(served: Served, visitor: Visitor) -> None:
    seen = small(visitor, served, 390)
    page = seen.page
    page.locator("main .button").last.focus()
    before = page.evaluate("document.documentElement.scrollTop")
    wait(page, IN_TIME_FOR_THE_NOTE)
    assert page.evaluate("document.querySelector('.page').scrollTop") >= before > 0
    with page.expect_response("**/stay"):
        tap(page, "Stay logged in")
    page.get_by_text("You stay logged in.").wait_for()
    page.evaluate("document.querySelector('.page').scrollTop = 70")
    wait(page, 11)
    assert page.locator("#idle").inner_text() == ""
    assert page.evaluate("document.documentElement.scrollTop") == 70
    assert seen.complaints() == []
