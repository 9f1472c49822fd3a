"""The pages of the console that the `type` of problem documents refers to."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
import requests
from starlette.types import Message

from tests.support import json_schema, loops
from tests.support.acts import Acts
from tests.support.script import DOCUMENT
from tests.support.served import PASSWORD, Served
from tools import problems_reference
from watchword import asgi
from watchword.web.http.problem_documents import ProblemKind
from watchword.web.http.problem_kinds import KINDS

NAMED = "https://ops.example:8470"
each_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


def asked(app: Any, path: str) -> tuple[int, str]:
    """Status and body of a request through ASGI."""

    async def ask() -> list[Message]:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            return {"type": "http.request", "body": b""}

        scope: dict[str, Any] = {
            "type": "http", "method": "GET", "path": path, "raw_path": path.encode(),
            "query_string": b"", "headers": [], "scheme": "https", "client": ("192.0.2.1", 1),
        }  # fmt: skip
        await app(scope, receive, send)
        return sent

    start, body = loops.run(ask())
    return start["status"], body["body"].decode()


def read(served: Served, address: str) -> str:
    """The text of the page without a login."""
    answer = requests.get(address, verify=str(served.ca), timeout=30)
    assert answer.status_code == 200
    return html.unescape(re.sub("<[^>]+>", " ", answer.text))


CALLS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "unauthorized": ("GET", "/api/v1/whoami", {"auth": None}),
    "not-found": ("GET", "/api/v1/nothing", {}),
    "method-not-allowed": ("PUT", "/api/v1/whoami", {}),
    "no-such-administrator": ("GET", "/api/v1/administrators/nobody", {}),
    "bad-json": ("POST", "/api/v1/administrators",
                 {"data": "{", "headers": {"Content-Type": "application/json"}}),
    "unsupported-media-type": ("POST", "/api/v1/administrators", {"data": "x"}),
    "invalid": ("POST", "/api/v1/administrators", {"json": {"username": ".", "password": "x"}}),
    "own-account": ("DELETE", "/api/v1/administrators/alice", {}),
    "cross-origin": ("POST", "/api/v1/administrators", {"headers": {"Origin": "null"}}),
    "too-large": ("POST", "/api/v1/administrators", {"data": "x" * 70_000}),
}  # fmt: skip


def words(text: str) -> str:
    """The displayed text; field names are set as code instead of in backticks."""
    return " ".join(text.replace("`", " ").split())


@pytest.mark.parametrize("code", CALLS)
def test_type_of_a_problem_is_the_address_of_its_page(served: Served, code: str) -> None:
    """RFC 9457, section 3.1.1: dereferenced, it should provide human-readable documentation."""
    method, path, options = CALLS[code]
    options = {"auth": ("alice", PASSWORD), **options}
    answer = requests.request(
        method, served.api + path, verify=str(served.ca), timeout=30, **options
    )
    problem = answer.json()
    assert (problem["code"], answer.status_code) == (code, problem["status"])
    assert problem["type"] == f"{served.console}/problems/{code}"
    page = read(served, problem["type"])
    for expected in (problem["title"], code, KINDS[code].happened, KINDS[code].remedy):
        assert words(expected) in words(page)
    assert "`" not in page
    assert problem["title"] == KINDS[code].title


@each_kind
def test_each_kind_has_a_page_with_a_valid_example(served: Served, kind: ProblemKind) -> None:
    page = read(served, f"{served.console}/problems/{kind.code}")
    example = json.loads(page[page.index("{") : page.rindex("}") + 1])
    assert example == kind.example(served.console)
    schema = DOCUMENT["components"]["schemas"]["Problem"]
    assert list(json_schema.problems(DOCUMENT, schema, example)) == []
    for text in (kind.happened, kind.remedy):
        assert re.fullmatch(r"[A-Z`].*[.)]", text, re.S), text
    assert (
        f"/problems/{kind.code}"
        in requests.get(f"{served.console}/problems", verify=str(served.ca), timeout=30).text
    )


@each_kind
def test_pages_are_served_while_the_database_is_unavailable(acts: Acts, kind: ProblemKind) -> None:
    console = asgi.console(acts.app)
    acts.app.close()
    status, page = asked(console, f"/problems/{kind.code}")
    assert status == 200
    assert kind.code in page


def test_invalid_code_has_no_page(served: Served) -> None:
    for path in ("/problems/nothing", "/problems/", "/problems/invalid/x", "/problems/%2e"):
        answer = requests.get(served.console + path, verify=str(served.ca), timeout=30)
        assert answer.status_code == 404


def test_unknown_code_shows_the_list(served: Served) -> None:
    """A server of another version may have this code."""
    answer = requests.get(served.console + "/problems/gone", verify=str(served.ca), timeout=30)
    assert "The Management API has no problem with this code." in answer.text
    assert '<a class="button" href="/problems">All problems</a>' in answer.text


def test_type_begins_with_the_public_address(acts: Acts) -> None:
    acts.here.with_settings(console_url=NAMED + "/")
    _, body = asked(asgi.api(acts.here.app), "/api/v1/whoami")
    assert json.loads(body)["type"] == f"{NAMED}/problems/unauthorized"
    _, page = asked(asgi.console(acts.here.app), "/problems/unauthorized")
    assert f"{NAMED}/problems/unauthorized" in page


def test_embedder_passes_the_address_of_the_console(acts: Acts) -> None:
    _, body = asked(asgi.api(acts.app, console_url=NAMED), "/api/v1/whoami")
    assert json.loads(body)["type"] == f"{NAMED}/problems/unauthorized"
    _, body = asked(asgi.api(acts.app), "/api/v1/whoami")
    assert json.loads(body)["type"] == f"https://{acts.app.settings.console}/problems/unauthorized"


def test_reference_page_is_generated_from_the_table() -> None:
    assert problems_reference.PAGE.read_text() == problems_reference.page(), (
        "run .venv/bin/python -m tools.problems_reference"
    )
