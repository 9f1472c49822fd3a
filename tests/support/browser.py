"""A real Chromium that trusts a server's local CA, as after a person has imported it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
_PLAIN_NOTES = ("Failed to load resource", "Autofocus processing was blocked")


def _program() -> str:
    """Return Chromium's path: of the build without a user interface if it is installed.

    That build takes half the time; Debian has a package of it.
    """
    return shutil.which("chromium-headless-shell") or "/usr/bin/chromium"


OF_LOOKS: Final = ("color-contrast", "link-in-text-block", "target-size", "meta-viewport",
                   "scrollable-region-focusable")  # fmt: skip
"""The axe rules that depend on colours and layout."""


@dataclass
class Chromium:
    """Starts browsers; each trusts one CA and has a temporary profile."""

    playwright: Playwright
    folder: Path

    @contextmanager
    def trusting(self, ca: Path, *flags: str) -> Iterator[Visitor]:
        """Yield a browser that trusts this CA."""
        home = Path(tempfile.mkdtemp(dir=self.folder))
        database = home / ".pki" / "nssdb"
        database.mkdir(parents=True)
        certutil = ["certutil", "-d", f"sql:{database}"]
        subprocess.run([*certutil, "-N", "--empty-password"], check=True)
        add = ["-A", "-t", "C,,", "-n", "watchword", "-i", str(ca)]
        subprocess.run([*certutil, *add], check=True)
        browser = self.playwright.chromium.launch(
            executable_path=_program(), args=[*FLAGS, *flags],
            env={**os.environ, "HOME": str(home)},
        )  # fmt: skip
        try:
            yield Visitor(browser)
        finally:
            browser.close()


@dataclass
class Visitor:
    """A browser; each `open` makes a new profile."""

    browser: Any

    def open(self, **options: Any) -> Seen:
        """Open a page in a new profile: `java_script_enabled`, `viewport`, `color_scheme`..."""
        context = self.browser.new_context(**options)
        return Seen(context, context.new_page())


@dataclass
class Seen:
    """A page, its console messages and the hosts that it requested."""

    context: BrowserContext
    page: Page
    messages: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("console", lambda m: self.messages.append(m.text))
        self.page.on("pageerror", lambda e: self.messages.append(str(e)))
        self.page.on("request", lambda r: self.hosts.add(r.url.split("/")[2]))

    def complaints(self) -> list[str]:
        """Return the console messages, except two harmless ones: a response status of 4xx, and a
        field that the test filled before the browser set the focus.
        """
        return [m for m in self.messages if not m.startswith(_PLAIN_NOTES)]

    def axe(self, *rules: str) -> list[str]:
        """Return the violations that axe finds, by all of its rules or by these."""
        # Axe only counts what is correct: selectors of those elements take most of its time.
        options: dict[str, Any] = {"resultTypes": ["violations"]}
        if rules:
            options["runOnly"] = {"type": "rule", "values": list(rules)}
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        found = self.page.evaluate("options => axe.run(document, options)", options)
        return [f"{v['id']}: {n['html']}" for v in found["violations"] for n in v["nodes"]]


@contextmanager
def running() -> Iterator[Chromium]:
    """Start Playwright with Debian's Chromium."""
    with tempfile.TemporaryDirectory(prefix="watchword-chromium-") as folder:
        with sync_playwright() as playwright:
            yield Chromium(playwright, Path(folder))
