"""A person at the console without JavaScript: reads pages, fills fields by their labels,
presses buttons by their text. HTTP over the real port; the parsing is Python's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import requests

from tests.support import phone
from tests.support.served import PASSWORD, Served

_VOID = {"input", "meta", "link", "img", "br", "path"}


@dataclass
class Button:
    """A submit button."""

    text: str
    form: str
    name: str = ""
    value: str = ""
    disabled: bool = False


@dataclass
class Form:
    """A form as drawn."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Drawn(HTMLParser):
    """A page as a person sees it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: dict[str, Form] = {}
        self.buttons: list[Button] = []
        self.labels: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.attributes: dict[str, dict[str, str]] = {}
        self.words: list[str] = []
        self.images: list[str] = []
        self._form = ""
        self._open: list[tuple[str, dict[str, str], list[str]]] = []
        self.feed(html)
        self.text = re.sub(r"\s+", " ", " ".join(self.words)).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {k: v or "" for k, v in attrs}
        if "id" in at:
            self.attributes[at["id"]] = at
        if tag == "form":
            self._form = at.get("id") or f"form{len(self.forms)}"
            self.forms[self._form] = Form(at.get("action", ""))
        is_left_out = at.get("type") == "checkbox" and "checked" not in at
        if tag == "input" and self._form and at.get("name") and not is_left_out:
            self.forms[self._form].fields[at["name"]] = at.get("value", "")
        if tag == "img":
            self.images.append(at.get("src", ""))
        if tag not in _VOID:
            self._open.append((tag, at, []))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = ""
        while self._open:
            name, at, words = self._open.pop()
            text = " ".join("".join(words).split())
            if name == "label" and "for" in at:
                self.labels[text] = at["for"]
            if name == "a":
                self.links[text] = at.get("href", "")
            if name == "button":
                self._button(text, at)
            if self._open:
                self._open[-1][2].append("".join(words))
            if name == tag:
                return

    def _button(self, text: str, at: dict[str, str]) -> None:
        if at.get("type") != "submit":
            return
        form = at.get("form", self._form)
        button = Button(text, form, at.get("name", ""), at.get("value", ""), "disabled" in at)
        self.buttons.append(button)

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self._open:
            self._open[-1][2].append(data)


class Person:
    """Somebody at the console."""

    def __init__(self, served: Served, **headers: str) -> None:
        self.served = served
        self.http = requests.Session()
        # The environment may name another CA bundle, which would win over `verify`.
        self.http.trust_env = False
        self.http.verify = str(served.ca)
        self.http.headers.update(headers)
        self.response = requests.Response()
        self.page = Drawn("")

    def close(self) -> None:
        """Leave; the connections close."""
        self.http.close()

    # --- reading -----------------------------------------------------------------------------
    def _took(self, response: requests.Response) -> Person:
        self.response = response
        self.page = Drawn(response.text)
        return self

    def open(self, path: str) -> Person:
        """Go to an address."""
        return self._took(self.http.get(urljoin(self.served.console, path), timeout=30))

    @property
    def path(self) -> str:
        return re.sub(r"^https://[^/]+", "", self.response.url)

    @property
    def heading(self) -> str:
        found = re.search(r"<h1>(.*?)</h1>", self.response.text, re.S)
        return found[1].strip() if found else ""

    def sees(self, text: str) -> bool:
        """Whether the words stand on the page."""
        return text in self.page.text

    def button(self, text: str) -> Button | None:
        """The button of that text."""
        return next((b for b in self.page.buttons if b.text == text), None)

    # --- acting ------------------------------------------------------------------------------
    def press(self, text: str, **fields: str) -> Person:
        """Fill fields, named by their labels ("_" for a space), and press a button."""
        button = self.button(text)
        assert button is not None, f"no button {text!r} on {self.path}: {self.page.text[:300]}"
        assert not button.disabled, f"{text!r} cannot be pressed"
        return self._took(self.submit(button, fields))

    def submit(self, button: Button, fields: dict[str, str]) -> requests.Response:
        """Send the button's form."""
        form = self.page.forms[button.form]
        values: dict[str, Any] = dict(form.fields)
        for label, value in fields.items():
            values[self.page.labels[label.replace("_", " ")]] = value
        if button.name:
            values[button.name] = button.value
        address = urljoin(self.response.url, form.action)
        return self.http.post(address, data=values, timeout=30)

    def follow(self, text: str) -> Person:
        """Follow a link."""
        return self.open(self.page.links[text])

    def login(self, username: str = "alice", password: str = PASSWORD) -> Person:
        """Username, password, OK."""
        return self.open("/login").press("OK", Username=username, Password=password)

    def settings(self) -> Person:
        """Open Your MFA Settings by the menu."""
        return self.open("/").follow("Your MFA Settings")

    # --- what the pages tell -----------------------------------------------------------------
    @property
    def token(self) -> str:
        """The token below the QR code, without its spaces."""
        return self.page.attributes["token"]["data-copy"]

    @property
    def status(self) -> str:
        """The status on Your MFA Settings."""
        found = re.search(r"Status: (Disabled|Pending|Active)", self.page.text)
        return found[1] if found else ""

    @property
    def api_password(self) -> str:
        found = re.search(r"wwp_[0-9A-Za-z]{38}", self.page.text)
        return found[0] if found else ""

    def recovery_codes(self) -> list[str]:
        return re.findall(r"\b(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}\b", self.page.text)

    def enrol(self, username: str = "alice", password: str = PASSWORD) -> str:
        """Log in while pending, and finish. Returns the secret in the phone."""
        self.login(username, password)
        secret = self.token
        self.press("OK", Code=phone.code(secret))
        return secret
