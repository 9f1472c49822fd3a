"""Servers in every state that a page needs, and browsers with the session of an account.

Each page is reached with few browser actions: accounts log in over HTTP, and the browser gets
their cookies.
"""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Response

from tests.support import phone, postgres
from tests.support.browser import Chromium, Seen, Visitor
from tests.support.person import Person
from tests.support.screen import fill, press
from tests.support.served import PASSWORD, Served

LONG = "W" * 64
"""The widest username possible."""
PEOPLE = {
    "plain:ops": ("Plain", "plain@example.org"),
    LONG: ("M" * 200, "e" * 60 + "@" + "x" * 60 + ".example.org"),
    "נועם": ("נועם לוי, ראש צוות", "noam@example.org"),
    "ops 🦊🔐🌈": ("Fox 🦊", "fox@example.org"),
    "off": ("Switched Off", ""),
    "must": ("", ""),
}
"""Username, full name, e-mail address."""
KINDS = {
    "main": {},
    "people": {},
    "asking": {"WATCHWORD_RECENT_PROOF_MINUTES": "0"},
    "proving": {"WATCHWORD_ENROLMENT_PROOF": "other_browser"},
    "empty": {},
    "damaged": {},
    "away": {},
}


@dataclass
class Stage:
    """One server, and a browser that trusts it."""

    served: Served
    visitor: Visitor
    database: postgres.PostgresServer | None = None
    secrets: dict[str, str] = field(default_factory=dict)
    numbers: Any = field(default_factory=count)
    seen: Seen = field(init=False)
    answers: list[Response] = field(default_factory=list)
    _kept: dict[str, Seen] = field(default_factory=dict)

    @property
    def page(self) -> Page:
        return self.seen.page

    def new_browser(self, **options: Any) -> None:
        """Open a new browser profile; failures of earlier pages are deleted."""
        self.seen = self.visitor.open(**options)
        self.page.on("response", self._answered)
        self._begin()

    def same_browser(self, language: str) -> None:
        """Use one browser profile for all pages in a language, without cookies and drafts.

        A new profile starts a process, which compiles all scripts again.
        """
        if language not in self._kept:
            self.new_browser(reduced_motion="reduce", locale=language)
            self._kept[language] = self.seen
            return
        self.seen = self._kept[language]
        self.seen.empty()
        self._begin()

    def _begin(self) -> None:
        self.answers = []
        if self.database is None:
            self.sql("DELETE FROM throttles")

    def _answered(self, response: Response) -> None:
        if response.request.is_navigation_request():
            self.answers.append(response)

    def sql(self, statement: str) -> None:
        """Change stored rows without the server."""
        database = sqlite3.connect(self.served.data / "watchword.db", timeout=10)
        with database:
            database.execute(statement)
        database.close()

    # --- people ------------------------------------------------------------------------------
    def newcomer(self, *, must_change: bool = False) -> str:
        """Create an account without a login; its name contains a colon."""
        name = f"n:{next(self.numbers)}"
        self.served.create(name, must_change=must_change)
        return name

    def pending(self) -> str:
        """Create an account whose MFA is pending."""
        name = self.newcomer()
        Person(self.served).login(name).settings().press("Enable MFA").close()
        return name

    def active(self) -> str:
        """Create an account whose MFA is active, with an API password."""
        name = self.newcomer()
        person = Person(self.served).login(name).settings().press("Enable MFA")
        person.press("Finish now")
        self.secrets[name] = person.token
        person.press("OK", Code=phone.code(person.token)).follow("Continue")
        person.press("Generate New API Password").close()
        return name

    def at(self, path: str) -> None:
        """Open an address."""
        self.page.goto(self.served.console + path)

    def login(self, name: str, password: str = PASSWORD) -> None:
        """Log in with username and password in the browser."""
        self.at("/login")
        fill(self.page, Username=name, Password=password)
        press(self.page, "OK")

    def as_(self, name: str, path: str = "/") -> None:
        """Open a page with a session that was opened over HTTP."""
        person = Person(self.served).login(name)
        self.take_over(person)
        self.at(path)

    def take_over(self, person: Person) -> None:
        """Continue the session of a person in the browser."""
        self.seen.context.add_cookies(
            [{"name": c.name, "value": str(c.value), "url": self.served.console, "secure": True}
             for c in person.http.cookies]
        )  # fmt: skip
        person.close()

    def press(self, button: str, **fields: str) -> None:
        """Fill fields and press a button."""
        fill(self.page, **fields)
        press(self.page, button)


class Stages:
    """The servers, each started at its first use."""

    def __init__(self, folder: Path, chromium: Chromium) -> None:
        self._folder = folder
        self._chromium = chromium
        self._open: dict[str, Stage] = {}
        self._stack = ExitStack()

    def __getitem__(self, kind: str) -> Stage:
        if kind not in self._open:
            self._open[kind] = self._start(kind)
        return self._open[kind]

    def close(self) -> None:
        self._stack.close()

    def _start(self, kind: str) -> Stage:
        environ, database = dict(KINDS[kind]), None
        if kind == "away":
            database = self._stack.enter_context(postgres.running())
            environ["WATCHWORD_DATABASE_URL"] = database.url(database.new_database())
        running = Served.running(self._folder / kind, environ=environ)
        served = self._stack.enter_context(running)
        visitor = self._stack.enter_context(self._chromium.trusting(served.ca))
        if kind in {"main", "people"}:
            self._populate(served)
        return Stage(served, visitor, database)

    def _populate(self, served: Served) -> None:
        for name, (full_name, email) in PEOPLE.items():
            must = ["--must-change"] if name == "must" else []
            served.cli("administrator", "create", "--password-stdin", "--full-name", full_name,
                       "--email", email, *must, "--", name, stdin=PASSWORD)  # fmt: skip
        served.cli("administrator", "disable", "off")
        wiki = (
            "--host",
            "wiki.example.org",
            "--host",
            "docs.example.org",
            "--accept-api-passwords",
        )
        served.cli("application", "create", "wiki", *wiki)
        served.cli("application", "grant", "wiki", "--group", "staff", "--account", "plain:ops")
        served.cli("application", "create", "old", "--host", "old.example.org")
        served.cli("application", "disable", "old", "--yes")
