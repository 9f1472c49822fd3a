"""Requests to the apps in this process, and the order in which they enter the files of src."""

from __future__ import annotations

import re
import sys
import threading
from types import FrameType
from urllib.parse import urlencode

import httpx
from starlette.types import ASGIApp

from tests.support import loops
from watchword import asgi

SOURCE = f"{asgi.__file__.rpartition('/')[0]}/"
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}


class Client:
    """A browser or a script: keeps cookies, and sends the hidden fields of the last page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._cookies: dict[str, str] = {}
        self._hidden: dict[str, str] = {}

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Request a page. `headers` have underscores for hyphens."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._request("GET", path, given | {"Sec-Fetch-Site": "same-origin"})

    def post(self, path: str, **fields: str) -> httpx.Response:
        """Submit the form of the last page."""
        return self._request("POST", path, FORM, urlencode(self._hidden | fields))

    def _request(
        self, method: str, path: str, headers: dict[str, str], body: str = ""
    ) -> httpx.Response:
        answer = loops.run(self._answered(method, path, headers, body))
        self._cookies |= dict(answer.cookies)
        found = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', answer.text)
        self._hidden = dict(found)
        return answer

    async def _answered(
        self, method: str, path: str, headers: dict[str, str], body: str
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(
            transport=transport, base_url="https://localhost", cookies=self._cookies
        ) as client:
            return await client.request(method, path, headers=headers, content=body)


class Entered:
    """Context: `files` lists the files of src whose functions were called, by their first call."""

    def __init__(self) -> None:
        self.files: dict[str, None] = {}

    def _called(self, frame: FrameType, event: str, _argument: object) -> None:
        name = frame.f_code.co_filename
        if event == "call" and name.startswith(SOURCE):
            self.files.setdefault(name.removeprefix(SOURCE))

    def __enter__(self) -> Entered:
        threading.setprofile(self._called)  # for the threads that begin from now on
        sys.setprofile(self._called)
        return self

    def __exit__(self, *_error: object) -> None:
        sys.setprofile(None)
        threading.setprofile(None)
