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
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

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

_LOOKS: Final = """() => {
  const seen = new Map(), texts = new Map();
  const hasText = e => e.matches('input, select, textarea, button')
    || [...e.childNodes].some(n => n.nodeType === Node.TEXT_NODE && n.data.trim());
  const look = e => {
    if (e === null) return '';
    if (!seen.has(e)) {
      const s = getComputedStyle(e);
      seen.set(e, [look(e.parentElement), e.localName, e.className, e.disabled, e.type, hasText(e),
        s.color, s.backgroundColor, s.backgroundImage, s.opacity, s.filter, s.textShadow,
        s.textDecoration, s.position, s.fontSize, s.fontWeight].join());
    }
    return seen.get(e);
  };
  for (const e of document.querySelectorAll('body, body *')) {
    e.removeAttribute('data-look');
    if (!hasText(e) || !e.checkVisibility()) continue;
    if (!texts.has(look(e))) texts.set(look(e), []);
    texts.get(look(e)).push(e);
  }
  window.looks = texts;
  return ['axe' in window, [...texts.keys()]];
}"""
"""Groups the texts of a page by their look: tags, classes and colours up to the root."""
_OF_CONTRAST: Final = {"color-contrast": "*", "link-in-text-block": "a[href]"}
"""The axe rules that compare colours, and the elements that they judge."""
_JUDGE: Final = """([looks, rules, options]) => {
  for (const look of looks) window.looks.get(look).forEach(e => e.setAttribute('data-look', ''));
  axe.configure({rules});
  return axe.run(document, options);
}"""
_passed: Final[set[str]] = set()
"""The looks whose contrast axe has found sufficient. To judge each text of each page would take
more time than all the other rules.
"""


@dataclass
class Chromium:
    """Starts browsers; each trusts one CA, and stays open for later servers with this CA."""

    playwright: Playwright
    folder: Path
    opened: dict[tuple[object, ...], Browser] = field(default_factory=dict)

    @contextmanager
    def trusting(self, ca: Path, *flags: str) -> Iterator[Visitor]:
        """Yield a browser that trusts this CA. Its profiles are closed at the end of the block."""
        key = ca.read_bytes(), flags
        if key not in self.opened or not self.opened[key].is_connected():
            self.opened[key] = self._start(ca, flags)
        visitor = Visitor(self.opened[key])
        try:
            yield visitor
        finally:
            visitor.close()

    def _start(self, ca: Path, flags: tuple[str, ...]) -> Browser:
        home = Path(tempfile.mkdtemp(dir=self.folder))
        database = home / ".pki" / "nssdb"
        database.mkdir(parents=True)
        certutil = ["certutil", "-d", f"sql:{database}"]
        subprocess.run([*certutil, "-N", "--empty-password"], check=True)
        add = ["-A", "-t", "C,,", "-n", "watchword", "-i", str(ca)]
        subprocess.run([*certutil, *add], check=True)
        return self.playwright.chromium.launch(
            executable_path=_program(), args=[*FLAGS, *flags],
            env={**os.environ, "HOME": str(home)},
        )  # fmt: skip


@dataclass
class Visitor:
    """A browser; each `open` makes a new profile."""

    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, **options: Any) -> Seen:
        """Open a page in a new profile: `java_script_enabled`, `viewport`, `color_scheme`..."""
        self.contexts.append(self.browser.new_context(**options))
        return Seen(self.contexts[-1], self.contexts[-1].new_page())

    def close(self) -> None:
        """Close the profiles."""
        for context in self.contexts:
            context.close()


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

    def empty(self) -> None:
        """Delete the cookies, the drafts of forms, and the notes about earlier pages."""
        self.page.unroute_all()
        self.page.evaluate("() => { sessionStorage.clear(); localStorage.clear(); }")
        self.context.clear_cookies()
        self.messages.clear()
        self.hosts.clear()

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
        is_loaded, looks = self.page.evaluate(_LOOKS)
        if not is_loaded:
            self.page.evaluate(AXE_SCRIPT)
        new = [look for look in looks if look not in _passed]
        limited = [{"id": i, "selector": f"{e}[data-look]"} for i, e in _OF_CONTRAST.items()]
        found = self.page.evaluate(_JUDGE, [new, limited, options])["violations"]
        if not any(v["id"] in _OF_CONTRAST for v in found):
            _passed.update(new)
        return [f"{v['id']}: {n['html']}" for v in found for n in v["nodes"]]


@contextmanager
def running() -> Iterator[Chromium]:
    """Start Playwright with Debian's Chromium."""
    with tempfile.TemporaryDirectory(prefix="watchword-chromium-") as folder:
        with sync_playwright() as playwright:
            chromium = Chromium(playwright, Path(folder))
            yield chromium
            for opened in chromium.opened.values():
                opened.close()
