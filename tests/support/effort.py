"""What a task costs a person in a browser: clicks, page loads and typed characters."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Locator, Page, Response


@dataclass(frozen=True)
class Effort:
    """The cost of a task. A choice in a list is one click; a redirect is no page load."""

    clicks: int
    loads: int
    typed: int


@dataclass
class Worker:
    """A person at a page; every action counts."""

    page: Page
    clicks: int = 0
    typed: int = 0
    loaded: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("response", self._answered)

    def _answered(self, response: Response) -> None:
        is_page = response.request.is_navigation_request() and not 300 <= response.status < 400
        if is_page and "attachment" not in response.headers.get("content-disposition", ""):
            self.loaded.append(response.url)

    @property
    def effort(self) -> Effort:
        return Effort(self.clicks, len(self.loaded), self.typed)

    def go(self, *names: str) -> None:
        """Press buttons or follow links, each of which leads to a page."""
        for name in names:
            with self.page.expect_navigation():
                self._click(self._named(name))

    def type(self, label: str, text: str) -> None:
        """Type into a field that has the focus or is reached by one key."""
        self.page.get_by_label(label, exact=True).fill(text)
        self.typed += len(text)

    def choose(self, label: str, option: str) -> None:
        self.page.get_by_label(label, exact=True).select_option(option)
        self.clicks += 1

    def download(self, name: str) -> str:
        """Press a button that downloads a text file; return the text."""
        with self.page.expect_download() as found:
            self._click(self._named(name))
        return Path(found.value.path()).read_text(encoding="utf-8-sig")

    def sees(self, text: str) -> bool:
        """Return whether the page shows the text."""
        return self.page.locator("main").get_by_text(text).first.is_visible()

    def _named(self, name: str) -> Locator:
        """Return the first button or link of that name; a count may follow the name."""
        said = re.compile(rf"^\s*{re.escape(name)}( \d+)?\s*$")
        link, button = (
            self.page.get_by_role("link", name=said),
            self.page.get_by_role("button", name=said),
        )
        return link.or_(button).first

    def _click(self, what: Locator) -> None:
        what.click()
        self.clicks += 1
