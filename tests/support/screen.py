"""What a person does in a real browser, in a few words."""

from __future__ import annotations

import base64
import contextlib
from datetime import UTC, datetime, timedelta

import requests
from playwright.sync_api import Error, Page

from tests.support import phone
from tests.support.served import PASSWORD, Served


def fill(page: Page, **fields: str) -> None:
    """Fill fields, named by their labels ("_" for a space)."""
    for label, value in fields.items():
        page.get_by_label(label.replace("_", " "), exact=True).fill(value)


def press(page: Page, name: str) -> None:
    """Press a button that sends a form, and wait for the page that comes."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    """Follow the first link of that name, and wait for the page that comes."""
    with page.expect_navigation():
        page.get_by_role("link", name=name).first.click()


def tap(page: Page, name: str) -> None:
    """Press a button that stays on the page."""
    page.get_by_role("button", name=name, exact=True).click()


def login(page: Page, served: Served, name: str, password: str = PASSWORD) -> None:
    """Username, password, OK."""
    page.goto(served.console + "/login")
    fill(page, Username=name, Password=password)
    press(page, "OK")


def picture(page: Page) -> bytes:
    """A screenshot; on a busy machine Chromium does not always get one at the first try."""
    for _ in range(3):
        with contextlib.suppress(Error):
            return page.screenshot(full_page=True)
    return page.screenshot(full_page=True)


def scanned(page: Page) -> str:
    """What the phone reads off the screen."""
    return phone.scan(picture(page))


def later(secret: str) -> str:
    """A code that was not used yet: the next step's, which the drift window accepts."""
    return phone.code(secret, datetime.now(UTC) + timedelta(seconds=30))


def whoami(served: Served, name: str, password: str) -> requests.Response:
    """What the Management API answers to these credentials."""
    credentials = base64.b64encode(f"{name}:{password}".encode()).decode()
    return requests.get(
        f"{served.api}/api/v1/whoami", verify=str(served.ca), timeout=30,
        headers={"Authorization": f"Basic {credentials}"},
    )  # fmt: skip
