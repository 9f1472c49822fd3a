"""The end of a session, as the browser's script tells it: two minutes before, with a way to stay;
and what was typed is there again after the next login.

The browser's clock is moved; the server's sessions are real.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from playwright.sync_api import Page

from tests.support.browser import Seen, Visitor
from tests.support.clock import START
from tests.support.screen import fill, follow, login, press, tap
from tests.support.served import PASSWORD, Served

NUMBERS = count(1)
NEW = "/administrators/new"
SOON = "You will be logged out in less than two minutes because"
OVER = "You have been logged out."
AGAIN = "What you typed before you were logged out has been restored."
STAYING = "You stay logged in."
STORED = "() => sessionStorage.getItem('watchword-draft')"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    environ = {"WATCHWORD_SESSION_IDLE_MINUTES": "5"}
    with Served.running(tmp_path_factory.mktemp("end") / "data", environ=environ) as server:
        yield server


@pytest.fixture
def name(served: Served) -> str:
    """An account that nobody else uses."""
    name = f"n{next(NUMBERS)}"
    served.create(name)
    return name


def logged_in(visitor: Visitor, served: Served, name: str, path: str = NEW) -> Seen:
    """At a page; its clock stands still."""
    seen = visitor.open()
    seen.page.clock.install(time=START)
    login(seen.page, served, name)
    seen.page.clock.pause_at(START + timedelta(minutes=1))
    seen.page.goto(served.console + path)
    return seen


def wait(page: Page, seconds: int) -> None:
    page.clock.run_for(seconds * 1000)


def said(page: Page) -> str:
    return page.locator("#idle").inner_text()


# --- the warning -----------------------------------------------------------------------------
def test_two_minutes_before_the_end_the_page_says_so_and_takes_no_focus(
    served: Served, visitor: Visitor, name: str
) -> None:
    seen = logged_in(visitor, served, name)
    page = seen.page
    field = page.get_by_label("Full name", exact=True)
    field.focus()
    wait(page, 170)
    assert said(page) == ""
    wait(page, 12)
    assert SOON in said(page)
    assert page.locator("#idle").get_attribute("role") == "status"
    assert page.evaluate("document.activeElement.name") == "full_name"
    wait(page, 120)
    assert OVER in said(page)
    assert page.get_by_role("link", name="Login").get_attribute("href") == f"/login?to={NEW}"
    page.clock.resume()  # axe waits by the page's clock
    assert seen.axe() == []
    assert seen.complaints() == []


def test_stay_logged_in_asks_the_server_and_begins_the_time_anew(
    served: Served, visitor: Visitor, name: str
) -> None:
    seen = logged_in(visitor, served, name)
    page = seen.page
    page.get_by_label("Full name", exact=True).focus()
    wait(page, 200)
    with page.expect_response("**/stay") as answered:
        tap(page, "Stay logged in")
    assert answered.value.status == 204
    page.get_by_text(STAYING).wait_for()
    assert page.evaluate("document.activeElement.name") == "full_name"
    wait(page, 60)
    assert said(page) == ""
    wait(page, 100)
    assert said(page) == ""
    wait(page, 30)
    assert SOON in said(page)
    assert seen.complaints() == []


def test_stay_pressed_after_the_session_was_ended_says_that_it_is_over(
    served: Served, visitor: Visitor, name: str
) -> None:
    page = logged_in(visitor, served, name).page
    wait(page, 200)
    served.cli("sessions", "end", name)
    with page.expect_response("**/stay") as answered:
        tap(page, "Stay logged in")
    assert answered.value.status == 403
    page.get_by_text("The server does not answer.").wait_for()
    wait(page, 2)
    assert OVER in said(page)


def test_another_tab_that_asks_the_server_counts_for_this_one(
    served: Served, visitor: Visitor, name: str
) -> None:
    seen = logged_in(visitor, served, name)
    wait(seen.page, 200)
    assert SOON in said(seen.page)
    other = seen.context.new_page()
    other.goto(served.console + "/your-sessions")
    told = "() => new Promise(done => setTimeout(done, 0))"
    for _ in range(50):
        wait(seen.page, 1)
        if said(seen.page) == "":
            break
        other.evaluate(told)
    assert said(seen.page) == ""


def test_who_has_not_logged_in_is_warned_of_nothing(served: Served, visitor: Visitor) -> None:
    page = visitor.open().page
    page.goto(served.console + "/login")
    assert page.locator("#idle").count() == 0


def test_without_the_script_nothing_of_it_is_seen(
    served: Served, visitor: Visitor, name: str
) -> None:
    page = visitor.open(java_script_enabled=False).page
    login(page, served, name)
    page.goto(served.console + NEW)
    assert page.get_by_role("button", name="Stay logged in").count() == 0
    assert page.get_by_text(OVER).count() == 0


# --- what was typed --------------------------------------------------------------------------
def type_it(page: Page) -> None:
    fill(page, Username="dora", Full_name="Dora <b>D</b>", Email="dora@example.org",
         Password="a secret of nine pencils", Repeat_password="a secret of nine pencils")  # fmt: skip
    page.locator("[data-reveals]").first.click()  # shown, it is a secret all the same


def demand_typed(page: Page) -> None:
    page.get_by_text(AGAIN).wait_for()
    for label, value in [("Username", "dora"), ("Full name", "Dora <b>D</b>"),
                         ("Email", "dora@example.org"), ("Password", ""),
                         ("Repeat password", "")]:  # fmt: skip
        assert page.get_by_label(label, exact=True).input_value() == value
    assert page.evaluate(STORED) is None


def again(page: Page, name: str) -> None:
    fill(page, Username=name, Password=PASSWORD)
    press(page, "OK")


def test_a_form_sent_after_the_session_ended_is_there_again_without_its_secrets(
    served: Served, visitor: Visitor, name: str
) -> None:
    seen = logged_in(visitor, served, name)
    page = seen.page
    type_it(page)
    served.cli("sessions", "end", name)
    press(page, "Create Administrator")
    stored = page.evaluate(STORED)
    assert "dora@example.org" in stored
    assert "pencils" not in stored
    follow(page, "Login")
    again(page, name)
    demand_typed(page)
    page.reload()
    assert page.get_by_label("Username", exact=True).input_value() == ""
    assert seen.complaints() == []


def test_a_form_whose_time_was_over_while_nobody_looked_is_there_again(
    served: Served, visitor: Visitor, name: str
) -> None:
    page = logged_in(visitor, served, name).page
    type_it(page)
    wait(page, 310)
    assert "pencils" not in page.evaluate(STORED)
    served.cli("sessions", "end", name)
    follow(page, "Login")
    again(page, name)
    demand_typed(page)


def test_a_form_that_was_refused_and_then_too_late_is_there_again(
    served: Served, visitor: Visitor, name: str
) -> None:
    page = logged_in(visitor, served, name).page
    fill(page, Username="dora", Full_name="Dora <b>D</b>", Email="dora@example.org")
    press(page, "Create Administrator")
    assert page.get_by_text("There is a problem").is_visible()
    served.cli("sessions", "end", name)
    press(page, "Create Administrator")
    follow(page, "Login")
    again(page, name)
    demand_typed(page)


@pytest.mark.parametrize("way", ["another account", "another page", "an hour later"])
def test_otherwise_it_is_forgotten(served: Served, visitor: Visitor, name: str, way: str) -> None:
    page = logged_in(visitor, served, name).page
    type_it(page)
    served.cli("sessions", "end", name)
    press(page, "Create Administrator")
    if way == "an hour later":
        wait(page, 3700)
    if way == "another page":
        page.goto(served.console + "/login")
    else:
        follow(page, "Login")
    other = f"{name}-other"
    if way == "another account":
        served.create(other)
    again(page, other if way == "another account" else name)
    assert page.evaluate(STORED) is None
    page.goto(served.console + NEW)
    assert page.get_by_label("Username", exact=True).input_value() == ""
    assert page.get_by_text(AGAIN).count() == 0


def test_a_form_that_was_taken_leaves_nothing_behind(
    served: Served, visitor: Visitor, name: str
) -> None:
    page = logged_in(visitor, served, name).page
    good = "another otter with pencils"
    fill(page, Username=f"{name}-new", Full_name="New", Password=good, Repeat_password=good)
    press(page, "Create Administrator")
    assert page.get_by_text(f"The account {name}-new is created.").is_visible()
    assert page.evaluate(STORED) is None
