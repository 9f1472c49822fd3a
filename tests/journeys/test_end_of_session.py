"""The end of a session in the browser's script: a warning two minutes before, a button to stay,
and a draft of the form that is restored after the next login.

The tests move the browser's clock; the server's sessions are real.
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
NEW = "/new-administrator"
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
    """The name of an account that only this test uses."""
    name = f"n{next(NUMBERS)}"
    served.create(name)
    return name


def logged_in(visitor: Visitor, served: Served, name: str, path: str = NEW) -> Seen:
    """Open a page of a session; its clock is stopped."""
    seen = visitor.open()
    seen.page.clock.install(time=START)
    login(seen.page, served, name)
    seen.page.clock.pause_at(START + timedelta(minutes=1))
    seen.page.goto(served.console + path)
    return seen


def wait(page: Page, seconds: int) -> None:
    page.clock.run_for(seconds * 1000)


def note(page: Page) -> str:
    return page.locator("#idle").inner_text()


# --- the warning -----------------------------------------------------------------------------
def test_warning_appears_two_minutes_before_the_end_without_focus(
    served: Served, visitor: Visitor, name: str
) -> None:
    seen = logged_in(visitor, served, name)
    page = seen.page
    field = page.get_by_label("Full name", exact=True)
    field.focus()
    wait(page, 170)
    assert note(page) == ""
    wait(page, 12)
    assert SOON in note(page)
    assert page.locator("#idle").get_attribute("role") == "status"
    assert page.evaluate("document.activeElement.name") == "full_name"
    wait(page, 120)
    assert OVER in note(page)
    assert page.get_by_role("link", name="Login").get_attribute("href") == f"/login?to={NEW}"
    page.clock.resume()  # axe waits by the page's clock
    assert seen.axe() == []
    assert seen.complaints() == []


def test_stay_logged_in_extends_the_session(served: Served, visitor: Visitor, name: str) -> None:
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
    assert note(page) == ""
    wait(page, 100)
    assert note(page) == ""
    wait(page, 30)
    assert SOON in note(page)
    assert seen.complaints() == []


def test_stay_logged_in_after_the_end_reports_the_end(
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
    assert OVER in note(page)


def test_request_of_another_tab_removes_the_warning(
    served: Served, visitor: Visitor, name: str
) -> None:
    seen = logged_in(visitor, served, name)
    wait(seen.page, 200)
    assert SOON in note(seen.page)
    other = seen.context.new_page()
    other.goto(served.console + "/your-sessions")
    one_task = "() => new Promise(done => setTimeout(done, 0))"
    for _ in range(50):
        wait(seen.page, 1)
        if note(seen.page) == "":
            break
        other.evaluate(one_task)
    assert note(seen.page) == ""


def test_login_page_has_no_warning(served: Served, visitor: Visitor) -> None:
    page = visitor.open().page
    page.goto(served.console + "/login")
    assert page.locator("#idle").count() == 0


def test_page_without_javascript_has_no_warning(
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
    page.locator("[data-reveals]").first.click()  # a shown password is still a secret


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


def test_form_sent_after_the_end_is_restored_without_secrets(
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


def test_form_of_an_expired_session_is_restored(
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


def test_refused_form_sent_after_the_end_is_restored(
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
def test_draft_is_deleted_in_other_cases(
    served: Served, visitor: Visitor, name: str, way: str
) -> None:
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


def test_accepted_form_leaves_no_draft(served: Served, visitor: Visitor, name: str) -> None:
    page = logged_in(visitor, served, name).page
    good = "another otter with pencils"
    fill(page, Username=f"{name}-new", Full_name="New", Password=good, Repeat_password=good)
    press(page, "Create Administrator")
    assert page.get_by_text(f"The account {name}-new is created.").is_visible()
    assert page.evaluate(STORED) is None
