"""A person at the console without JavaScript: reads pages, fills fields, presses buttons.

Fields and buttons are found by their labels. Requests go over the real port, and Python's own
parser reads the pages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from urllib.parse import urlencode, urljoin

import requests

from tests.support import phone
from tests.support.parsed_page import Button, ParsedPage, Typed
from tests.support.served import PASSWORD, Served


class Person:
    """A person at the console."""

    def __init__(self, served: Served, **headers: str) -> None:
        self.served = served
        self.http = requests.Session()
        # The environment may name another CA bundle, which requests would prefer to `verify`.
        self.http.trust_env = False
        self.http.verify = str(served.ca)
        self.http.headers.update(headers)
        self.response = requests.Response()
        self._page: ParsedPage | None = None

    def close(self) -> None:
        """Close the connections."""
        self.http.close()

    # --- reading -----------------------------------------------------------------------------
    def _took(self, response: requests.Response) -> Person:
        self.response = response
        self._page = None
        return self

    @property
    def page(self) -> ParsedPage:
        """The page of the last response, or another that the person still sees.

        It is parsed when it is first read: parsing takes as long as the request.
        """
        if self._page is None:
            self._page = ParsedPage(self.response.text)
        return self._page

    @page.setter
    def page(self, seen: ParsedPage) -> None:
        self._page = seen

    def open(self, path: str) -> Person:
        """Open an address."""
        return self._took(self.http.get(urljoin(self.served.console, path), timeout=30))

    @property
    def path(self) -> str:
        return re.sub(r"^https://[^/]+", "", self.response.url)

    @property
    def heading(self) -> str:
        """Return the text of the heading."""
        found = re.search(r"<h1>(.*?)</h1>", self.response.text, re.S)
        return unescape(re.sub(r"<[^>]+>", "", found[1])).strip() if found else ""

    def sees(self, text: str) -> bool:
        """Return whether the page contains the words."""
        return text in self.page.text

    def button(self, text: str) -> Button | None:
        """Return the button with that text, or None."""
        return next((b for b in self.page.buttons if b.text == text), None)

    # --- acting ------------------------------------------------------------------------------
    def press(self, text: str, **fields: Typed) -> Person:
        """Fill fields, named by their labels ("_" for a space), and press a button.

        True and False tick a box or clear it.
        """
        button = self.button(text)
        assert button is not None, f"no button {text!r} on {self.path}: {self.page.text[:300]}"
        assert not button.disabled, f"{text!r} cannot be pressed"
        return self._took(self.submit(button, fields))

    def act(self, text: str, **fields: Typed) -> Person:
        """Press a button, and press it again on its page "Confirm: ..."."""
        self.press(text)
        assert self.heading.startswith(f"Confirm: {text} for "), self.heading
        return self.press(text, **fields)

    def submit(self, button: Button, fields: Mapping[str, Typed]) -> requests.Response:
        """Send the button's form as a browser does."""
        form = self.page.forms[button.form]
        typed = {self.page.control(k.replace("_", " ")): v for k, v in fields.items()}
        sent = form.pairs(button, typed)
        address = urljoin(self.response.url, form.action)
        if form.method == "get":
            return self.http.get(f"{address.partition('?')[0]}?{urlencode(sent)}", timeout=30)
        return self.http.post(address, data=sent, timeout=30)

    def follow(self, text: str) -> Person:
        """Follow a link."""
        return self.open(self.page.links[text])

    def login(self, username: str = "alice", password: str = PASSWORD) -> Person:
        """Log in with username and password. The next page may ask for a code."""
        return self.open("/login").press("OK", Username=username, Password=password)

    def settings(self) -> Person:
        """Open Your MFA Settings from the menu."""
        return self.open("/").follow("Your MFA Settings")

    # --- values on the pages ---------------------------------------------------------------------
    @property
    def token(self) -> str:
        """Return the token below the QR code, without its spaces."""
        return self.page.attributes["token"]["data-copy"]

    @property
    def status(self) -> str:
        """Return the status on Your MFA Settings."""
        found = re.search(r"Status: (Disabled|Pending|Active)", self.page.text)
        return found[1] if found else ""

    @property
    def api_password(self) -> str:
        found = re.search(r"wwp_[0-9A-Za-z]{38}", self.page.text)
        return found[0] if found else ""

    def recovery_codes(self) -> list[str]:
        return re.findall(r"\b(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}\b", self.page.text)

    def enrol(self, username: str = "alice", password: str = PASSWORD) -> str:
        """Log in while pending, and enrol. Returns the secret in the phone."""
        self.login(username, password)
        secret = self.token
        self.press("OK", Code=phone.code(secret))
        return secret
