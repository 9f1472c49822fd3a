"""An HTTP client that sends arbitrary bytes over the real ports, from its own address.

It uses no library for cookies, headers and bodies: the test writes them.
"""

from __future__ import annotations

import http.client
import itertools
import re
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode

from tests.support.served import PASSWORD, Served

FORM = ("Content-Type", "application/x-www-form-urlencoded")
Headers = Sequence[tuple[str, str]]
_numbers = itertools.count(1)
_SESSION = "__Host-ww_s"


def new_address() -> str:
    """Return an unused address: throttling of an address must not affect other tests."""
    number = next(_numbers)
    return f"127.{10 + number // 60000}.{number // 250 % 250}.{number % 250 + 1}"


@dataclass(frozen=True)
class Answer:
    """One response, unchanged."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def header(self, name: str) -> str:
        return next((v for k, v in self.headers if k.lower() == name.lower()), "")

    def hidden(self, name: str) -> str:
        """Return the value of a hidden field."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        return unescape(found[1]) if found else ""


@dataclass
class Attacker:
    """A browser of an attacker; tests may set and copy its `cookies`."""

    served: Served
    address: str = field(default_factory=new_address)
    cookies: dict[str, str] = field(default_factory=dict)
    _connections: dict[int, http.client.HTTPSConnection] = field(default_factory=dict)

    # --- sending -----------------------------------------------------------------------------
    def send(
        self, method: str, path: str, body: bytes = b"", headers: Headers = (), *, api: bool = False
    ) -> Answer:
        """Send one request with exactly these headers, plus Host and Content-Length."""
        port = self.served.api_port if api else self.served.console_port
        connection = self._connection(port)
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value.encode("latin-1"))
        if body or method in {"POST", "PUT", "PATCH"}:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        response = connection.getresponse()
        answer = Answer(response.status, response.getheaders(), response.read())
        if not api:
            self._keep(answer)
        return answer

    def _connection(self, port: int) -> http.client.HTTPSConnection:
        if port not in self._connections:
            context = ssl.create_default_context(cafile=str(self.served.ca))
            self._connections[port] = http.client.HTTPSConnection(
                "127.0.0.1", port, context=context, timeout=30, source_address=(self.address, 0)
            )
        return self._connections[port]

    def _keep(self, answer: Answer) -> None:
        for name, value in answer.headers:
            if name.lower() == "set-cookie":
                key, _, content = value.partition(";")[0].partition("=")
                if content:
                    self.cookies[key] = content
                else:
                    self.cookies.pop(key, None)

    def raw(self, sent: bytes, *, api: bool = False) -> bytes:
        """Send bytes that need not be HTTP. Returns everything received."""
        port = self.served.api_port if api else self.served.console_port
        context = ssl.create_default_context(cafile=str(self.served.ca))
        with socket.create_connection(("127.0.0.1", port), 10, (self.address, 0)) as plain:
            with context.wrap_socket(plain, server_hostname="127.0.0.1") as secured:
                secured.sendall(sent)
                return _until_closed(secured)

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()

    # --- requests of a browser -------------------------------------------------------------------
    @property
    def jar(self) -> Headers:
        """Return the Cookie header of this browser."""
        pairs = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        return [("Cookie", pairs)] if pairs else []

    def get(self, path: str, headers: Headers = ()) -> Answer:
        return self.send("GET", path, headers=[*self.jar, *headers])

    def token(self, path: str = "/login") -> str:
        """Return the form token of a page."""
        return self.get(path).hidden("form_token")

    def post(
        self, path: str, fields: Mapping[str, str], headers: Headers = (), *, token: str = ""
    ) -> Answer:
        """Send a form with a token that is valid for this browser."""
        found = token or self.token("/" if _SESSION in self.cookies else "/login")
        body = urlencode({"form_token": found, **fields}).encode()
        return self.send("POST", path, body, [FORM, *self.jar, *headers])

    def login(self, username: str, password: str = PASSWORD, **fields: str) -> Answer:
        sent = {"username": username, "password": password, **fields}
        return self.post("/login", sent, token=self.token())

    def second_step(self, code: str, page: Answer | None = None) -> Answer:
        """Send the code; `page` is the page of the second step if it was opened earlier."""
        shown = page or self.get("/login/second-step")
        fields = {"attempt": shown.hidden("attempt"), "totp_code": code}
        return self.post("/login/second-step", fields, token=shown.hidden("form_token"))

    def recovery(self, code: str) -> Answer:
        shown = self.get("/login/recovery-code")
        fields = {"attempt": shown.hidden("attempt"), "recovery_code": code}
        return self.post("/login/recovery-code", fields, token=shown.hidden("form_token"))

    def with_recovery_code(self, username: str, code: str, password: str = PASSWORD) -> Answer:
        """Send username, password and recovery code in one form."""
        path = "/login/with-recovery-code"
        fields = {"username": username, "password": password, "recovery_code": code}
        return self.post(path, fields, token=self.token(path))

    def is_in(self) -> bool:
        """Return whether this browser is logged in."""
        if _SESSION not in self.cookies:
            return False
        answer = self.get("/")
        # After a login by recovery code the console asks for a decision first.
        return answer.status == 200 or answer.header("location") == "/after-recovery"

    def call(
        self, authorization: Sequence[str], method: str = "GET", path: str = "/api/v1/whoami",
        body: bytes = b"", headers: Headers = (),
    ) -> Answer:  # fmt: skip
        """Send a request to the API with any number of Authorization headers."""
        sent = [("Authorization", value) for value in authorization]
        return self.send(method, path, body, [*sent, *headers], api=True)


def _until_closed(secured: ssl.SSLSocket) -> bytes:
    received = b""
    secured.settimeout(3)
    try:
        while chunk := secured.recv(65536):
            received += chunk
    except (TimeoutError, ssl.SSLError, ConnectionError):
        pass
    return received
