"""Takes a picture of every page, as it is met on the way: light and dark, wide and narrow.

    .venv/bin/python tools/pictures.py [FOLDER]

The pages are those of a real server, driven by a real browser; look at them before a change of
pages is called done.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.sync_api import Page

from tests.support import browser, phone
from tests.support.served import PASSWORD, Served

WIDTHS = (1180, 390)
NAME = "ops:alice"


class Camera:
    """Takes each picture in every variant."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self.folder = folder
        self.number = 0

    def take(self, name: str) -> None:
        self.number += 1
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            for scheme in ("light", "dark"):
                self._see(scheme)
                file = f"{self.number:02d}-{name}-{scheme}-{width}.png"
                self.page.screenshot(path=self.folder / file, full_page=True)
        self.page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        self._see("light")

    def _see(self, scheme: str) -> None:
        # Without motion: a picture in the middle of a transition shows neither scheme.
        colours: Literal["dark", "light"] = "dark" if scheme == "dark" else "light"
        self.page.emulate_media(color_scheme=colours, reduced_motion="reduce")


def _fill(page: Page, **fields: str) -> None:
    for label, value in fields.items():
        page.get_by_label(label.replace("_", " "), exact=True).fill(value)


def _press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def first_run(page: Page, served: Served, take: Callable[[str], None]) -> None:
    page.goto(served.first_run_link)
    take("first-run")
    _fill(page, Username=NAME, Full_name="Alice Example", Email="alice", Password="short",
          Repeat_password="other")  # fmt: skip
    _press(page, "Create Administrator")
    take("first-run-refused")
    _fill(page, Email="alice@example.org", Password=PASSWORD, Repeat_password=PASSWORD)
    _press(page, "Create Administrator")
    page.goto(served.first_run_link)
    take("first-run-over")


def login(page: Page, served: Served, take: Callable[[str], None]) -> None:
    page.goto(served.console)
    take("login")
    _fill(page, Username=NAME, Password="wrong")
    _press(page, "OK")
    take("login-refused")
    _fill(page, Password=PASSWORD)
    _press(page, "OK")
    take("overview")


def enrol(page: Page, take: Callable[[str], None]) -> str:
    page.get_by_role("link", name="Your MFA Settings").first.click()
    take("settings-disabled")
    _press(page, "Enable MFA")
    take("settings-pending")
    _press(page, "Logout")
    _fill(page, Username=NAME, Password=PASSWORD)
    _press(page, "OK")
    take("enrol")
    _fill(page, Code="000000")
    _press(page, "OK")
    take("enrol-refused")
    secret = phone.secret_in(phone.scan(page.screenshot()))
    _fill(page, Code=phone.code(secret))
    _press(page, "OK")
    take("recovery-codes")
    page.get_by_role("link", name="Continue").click()
    return secret


def settings(page: Page, take: Callable[[str], None]) -> None:
    page.get_by_role("link", name="Your MFA Settings").first.click()
    take("settings-active")
    _press(page, "Generate New API Password")
    take("api-password")
    page.get_by_role("link", name="System Administrators").click()
    take("administrators")
    page.get_by_role("link", name="New Administrator").click()
    take("administrator-new")
    for act in ("edit", "delete", "reset-secret"):
        page.goto(page.url.split("/administrators")[0] + f"/administrators/bob/{act}")
        take(f"administrator-{act}")
    page.get_by_role("link", name="Your Sessions").click()
    take("your-sessions")
    page.get_by_role("link", name="Audit Log").click()
    take("audit-log")
    page.get_by_role("link", name="Overview").click()
    page.get_by_role("link", name="Change Password").click()
    take("change-password")


def second_step(page: Page, take: Callable[[str], None]) -> None:
    _press(page, "Logout")
    _fill(page, Username=NAME, Password=PASSWORD)
    _press(page, "OK")
    take("code")
    _fill(page, Code="123456")
    _press(page, "OK")
    take("code-refused")
    page.get_by_role("link", name="Use a recovery code").click()
    take("recovery-code")


def confirm(page: Page, served: Served, take: Callable[[str], None]) -> None:
    """Runs on a server that asks for a recent proof every time."""
    page.goto(served.console + "/login")
    _fill(page, Username=NAME, Password=PASSWORD)
    _press(page, "OK")
    page.goto(served.console + "/change-password")
    take("confirm")
    page.goto(served.console + "/nowhere")
    take("not-found")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, browser.running() as chromium:
        with Served.running(Path(data) / "data") as served:
            with chromium.trusting(served.ca) as visitor:
                page = visitor.open().page
                take = Camera(page, folder).take
                first_run(page, served, take)
                login(page, served, take)
                served.create("bob")
                served.create("carol:ops")
                enrol(page, take)
                settings(page, take)
                second_step(page, take)
        other = Path(data) / "other"
        with Served.running(other, environ={"WATCHWORD_RECENT_PROOF_MINUTES": "0"}) as served:
            served.create(NAME)
            with chromium.trusting(served.ca) as visitor:
                page = visitor.open().page
                camera = Camera(page, folder)
                camera.number = 30
                confirm(page, served, camera.take)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "pictures"))
