"""/docs: the description of the API as a page, with a real browser and a real curl."""

from __future__ import annotations

import html
import re
import subprocess
from typing import Any

import pytest
import requests

from tests.support.browser import OF_LOOKS, Chromium
from tests.support.script import DOCUMENT
from tests.support.served import PASSWORD, Served
from watchword.web.api.table import TABLE
from watchword.web.http.problem_kinds import KINDS

NOT_YET = {
    "reset_mfa": 409, "disable_mfa": 409, "revoke_api_password": 409,
    "revoke_member_api_password": 409, "set_member_password": 403, "enable_member_mfa": 403,
    "disable_member_mfa": 403, "reset_member_mfa": 403,
}  # fmt: skip
"""Status of examples that need a state which the new accounts bob and mia do not have (409), or that
the API refuses (403).
"""


INDEX_PIXELS = 6000
"""With all resources the page was 41,568 pixels tall at the width of a phone."""


@pytest.fixture(scope="module")
def page(served: Served) -> requests.Response:
    return requests.get(
        served.api + "/docs", auth=("alice", PASSWORD), verify=str(served.ca), timeout=30
    )


def test_page_has_a_section_for_each_operation_with_its_problems(page: requests.Response) -> None:
    for row in TABLE:
        section = re.search(rf'<section [^>]*id="{row.name}".*?</section>', page.text, re.S)
        assert section, row.name
        text = html.unescape(re.sub("<[^>]+>", "", section[0]))
        assert f"{row.method} {row.path}" in text
        assert row.summary in text
        assert "curl" in text
        for code in row.codes:
            assert code in text, (row.name, code)
    for code in KINDS:
        assert f"<code>{code}</code>" in page.text
    for name in DOCUMENT["components"]["schemas"]:
        assert f'id="schema-{name}"' in page.text


def test_field_names_are_code_and_left_to_right(
    page: requests.Response,
) -> None:
    """The document encloses them in backticks, as in CommonMark."""
    assert "`" not in page.text
    assert "<code>done</code>, <code>refused</code> or <code>failed</code>." in page.text
    assert "code, pre, .where { direction: ltr; unicode-bidi: isolate; }" in page.text


def test_page_has_strict_headers_and_allows_only_its_own_style(
    page: requests.Response, served: Served
) -> None:
    """Only the codes lead elsewhere: to the console's page of each problem."""
    policy = page.headers["content-security-policy"]
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+'; base-uri 'none'; "
        r"form-action 'none'; frame-ancestors 'none'",
        policy,
    )
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["cross-origin-resource-policy"] == "same-origin"
    assert "<script" not in page.text
    elsewhere = set(re.findall(r'(?:src|href)="((?:https?:)?//[^"]+)', page.text))
    assert elsewhere == {f"{served.console}/problems/{code}" for code in KINDS}


def test_each_internal_link_has_a_target(page: requests.Response) -> None:
    targets = set(re.findall(r'href="#([^"]+)"', page.text))
    assert targets <= set(re.findall(r'id="([^"]+)"', page.text))
    assert {row.name for row in TABLE} <= targets


@pytest.mark.parametrize(
    ("width", "scheme", "rules"), [(1180, "light", ()), (320, "dark", OF_LOOKS)]
)
def test_browser_and_axe_report_no_problems(
    chromium: Chromium, served: Served, width: int, scheme: str, rules: tuple[str, ...]
) -> None:
    with chromium.trusting(served.ca) as visitor:
        seen = visitor.open(
            http_credentials={"username": "alice", "password": PASSWORD},
            color_scheme=scheme,
            viewport={"width": width, "height": 900},
        )  # fmt: skip
        answer = seen.page.goto(served.api + "/docs")
        assert answer is not None
        assert answer.status == 200
        background = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert background == {"light": "rgb(246, 247, 249)", "dark": "rgb(15, 19, 24)"}[scheme]
        assert seen.page.evaluate("document.documentElement.scrollWidth") == width
        height = "document.documentElement.scrollHeight"
        assert seen.page.evaluate(height) < INDEX_PIXELS
        assert seen.page.locator(".resource:visible").count() == 0
        assert seen.axe(*rules) == []
        seen.page.get_by_role("link", name="GET /api/v1/whoami").click()
        assert seen.page.locator(".resource:visible").count() == 1
        assert seen.page.locator("#whoami").is_visible()
        assert seen.page.evaluate("document.documentElement.scrollWidth") == width
        assert seen.axe(*rules) == []
        assert seen.complaints() == []
        assert seen.hosts == {f"127.0.0.1:{served.api_port}"}


def test_examples_use_the_address_of_the_request(served: Served, page: requests.Response) -> None:
    port = served.api_port
    assert f"https://127.0.0.1:{port}/api/v1/whoami" in page.text
    named = requests.get(
        f"https://localhost:{port}/docs",
        auth=("alice", PASSWORD),
        verify=str(served.ca),
        timeout=30,
    )
    assert f"https://localhost:{port}/api/v1/whoami" in named.text
    assert "https://127.0.0.1" not in re.sub(r'href="[^"]+"', "", named.text)
    problem = requests.get(f"https://localhost:{served.console_port}/problems/unauthorized",
                           verify=str(served.ca), timeout=30)  # fmt: skip
    assert f"https://localhost:{served.console_port}/problems/unauthorized" in problem.text


def examples(page: requests.Response) -> dict[str, str]:
    """The curl command of each section."""
    found = {}
    for row in TABLE:
        section = page.text.partition(f'<section class="card" id="{row.name}"')[2]
        found[row.name] = html.unescape(section.partition("<pre><code>")[2].partition("<")[0])
    return found


def test_every_curl_example_does_what_its_section_says(
    served: Served, page: requests.Response
) -> None:
    """Each command is run as shown, with username and password filled in."""
    ends = " --silent -o /dev/null -w '%{http_code}'"
    for name, command in examples(page).items():
        prepare(served, name)
        mine = command.replace("NAME:PASSWORD", f"alice:{PASSWORD}")
        mine = mine.replace("ca.crt", str(served.ca)) + ends
        done = subprocess.run(mine, shell=True, capture_output=True, text=True, check=True)
        wanted = {NOT_YET[name]} if name in NOT_YET else range(200, 300)
        assert int(done.stdout) in wanted, f"{name}: {done.stdout}"


NEW = {
    "administrator": ("bob", {"username": "bob", "password": PASSWORD}),
    "member": ("mia", {"username": "mia", "password": PASSWORD}),
    "application": ("wiki", {"name": "wiki", "hosts": ["wiki.example.org"]}),
}  # fmt: skip
"""What the examples are about: its name, and the body that creates it."""


def prepare(served: Served, operation: str) -> None:
    """Create bob, mia and wiki again, except for the operation that creates them."""
    options: dict[str, Any] = {
        "auth": ("alice", PASSWORD), "verify": str(served.ca), "timeout": 30
    }  # fmt: skip
    for kind, (name, body) in NEW.items():
        where = f"{served.api}/api/v1/{kind}s"
        requests.delete(f"{where}/{name}", **options)
        if operation != f"create_{kind}":
            made = requests.post(where, json=body, **options)
            assert made.status_code == 201, made.text
