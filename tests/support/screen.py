"""Actions of a person in a real browser. Labels are English; pages may be in another language,
which `watchword.i18n.using` sets.
"""

from __future__ import annotations

import base64
import contextlib
from datetime import UTC, datetime, timedelta

import requests
from playwright.sync_api import Error, Locator, Page

from tests.support import phone
from tests.support.served import PASSWORD, Served
from watchword.i18n import _


def fill(page: Page, **fields: str) -> None:
    """Fill fields, named by their labels ("_" for a space)."""
    for label, value in fields.items():
        page.get_by_label(_(label.replace("_", " ")), exact=True).fill(value)


def press(page: Page, name: str) -> None:
    """Press a button that sends a form, and wait for the next page."""
    with page.expect_navigation():
        page.get_by_role("button", name=_(name), exact=True).click()


def follow(page: Page, name: str) -> None:
    """Follow the first link of that name, and wait for the next page."""
    with page.expect_navigation():
        page.get_by_role("link", name=_(name)).first.click()


def tap(where: Page | Locator, name: str) -> None:
    """Press a button that stays on the page. Name a region where several have that name."""
    where.get_by_role("button", name=_(name), exact=True).click()


def login(page: Page, served: Served, name: str, password: str = PASSWORD) -> None:
    """Log in with username and password."""
    page.goto(served.console + "/login")
    fill(page, Username=name, Password=password)
    press(page, "OK")


def picture(page: Page) -> bytes:
    """Return a screenshot; on a busy machine Chromium sometimes fails at the first attempt."""
    for _attempt in range(3):
        with contextlib.suppress(Error):
            return page.screenshot(full_page=True)
    return page.screenshot(full_page=True)


def scanned(page: Page) -> str:
    """Return the text of the QR code on the screen."""
    return phone.scan(picture(page))


def later(secret: str) -> str:
    """Return an unused code: the next step's, which the drift window accepts."""
    return phone.code(secret, datetime.now(UTC) + timedelta(seconds=30))


def whoami(served: Served, name: str, password: str) -> requests.Response:
    """Return the response of the Management API to these credentials."""
    credentials = base64.b64encode(f"{name}:{password}".encode()).decode()
    return requests.get(
        f"{served.api}/api/v1/whoami", verify=str(served.ca), timeout=30,
        headers={"Authorization": f"Basic {credentials}"},
    )  # fmt: skip
