"""The tested clients and the kinds of usernames that each can send."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from tests.clients import runs
from tests.clients.runs import Run


class Name(StrEnum):
    """Kinds of usernames; each value is an example."""

    PLAIN = "alice"
    COLON = "ops:alice"
    LATIN_1 = "zoë"
    BEYOND = "мария"


class Made(StrEnum):
    """Result of a client with a username. A username that is sent gets the usual response."""

    SENT = "works"
    REFUSED = "refused by the client"
    CHALLENGE = "no"
    """The client sends no credentials, or other ones, and gets 401."""


S, R, C = Made.SENT, Made.REFUSED, Made.CHALLENGE


@dataclass(frozen=True)
class Client:
    """One way to call; `made` has a result for each kind of username, in order."""

    program: str
    how: str
    run: Run
    made: tuple[Made, Made, Made, Made]

    def of(self, name: Name) -> Made:
        return self.made[list(Name).index(name)]


OURS = partial(partial, runs.python, interpreter=runs.OURS)
SYSTEM = partial(partial, runs.python, interpreter=runs.SYSTEM)
NODE = partial(partial, runs.node)
JAVA = partial(partial, runs.java)
ALL = (S, S, S, S)

CLIENTS = (
    Client("curl", "`--user NAME:PASSWORD`", runs.curl_user, ALL),
    Client("curl", "`--anyauth` (after the challenge)", runs.curl_challenged, ALL),
    Client("curl", "`--netrc-file`, name and password in quotes", runs.curl_netrc, ALL),
    Client("curl", "in the URL", runs.curl_address, ALL),
    Client("wget", "`--user`, `--password` (after the challenge)", runs.wget_user, ALL),
    Client("wget", "the same with `--auth-no-challenge`", runs.wget_first, ALL),
    Client("wget", "in the URL", runs.wget_address, ALL),
    Client("Python requests", "`auth=(name, password)`", OURS("requests_auth"), (S, S, S, R)),
    Client("Python requests", "`auth=(name.encode(), password.encode())`",
           OURS("requests_bytes"), ALL),
    Client("Python requests", "in the URL", OURS("requests_address"), (S, S, S, R)),
    Client("Python requests", "your own header `Authorization`", OURS("requests_header"),
           ALL),
    Client("Python curl_cffi", "`auth=(name, password)` (BoringSSL)", OURS("curl_cffi_auth"), ALL),
    Client("Python httpx", "`auth=(name, password)`", SYSTEM("httpx_auth"), ALL),
    Client("Python httpx", "in the URL", SYSTEM("httpx_address"), ALL),
    Client("Python urllib", "`HTTPBasicAuthHandler` (after the challenge)",
           SYSTEM("urllib_challenged"), ALL),
    Client("Python urllib", "`HTTPPasswordMgrWithPriorAuth`", SYSTEM("urllib_first"), ALL),
    Client("Python urllib", "your own header `Authorization`", SYSTEM("urllib_header"), ALL),
    Client("Python aiohttp", "`BasicAuth(name, password)`", SYSTEM("aiohttp_auth"), (S, R, S, R)),
    Client("Python aiohttp", "`BasicAuth(name, password, encoding=\"utf-8\")`",
           SYSTEM("aiohttp_utf8"), (S, R, S, S)),
    Client("Python aiohttp", "your own header `Authorization`", SYSTEM("aiohttp_header"), ALL),
    Client("Node fetch", "a header `Authorization`, by `Buffer.from(...).toString(\"base64\")`",
           NODE("header"), ALL),
    Client("Node fetch", "a header `Authorization`, by `btoa(...)`", NODE("btoa"), (S, S, S, R)),
    Client("Node fetch", "in the URL", NODE("address"), (R, R, R, R)),
    Client("Java HttpClient", "your own header `Authorization`", JAVA("header"), ALL),
    Client("Java HttpClient", "`Authenticator` (after the challenge)", JAVA("authenticator"), ALL),
    Client("Ansible uri", "`url_username`, `url_password`, `force_basic_auth: true`",
           partial(runs.ansible, True), ALL),
    Client("Ansible uri", "the same without `force_basic_auth` (after the challenge)",
           partial(runs.ansible, False), ALL),
)  # fmt: skip
