"""Injection of scripts into pages, of formulas into exports, and of lines into logs."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Error

from tests.attacks.conftest import House, Owner
from tests.support.attacker import Attacker
from tests.support.browser import Chromium, Seen
from tests.support.served import PASSWORD, Served

AGENT = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>{{7*7}}"
PAYLOADS = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'><svg onload=alert(1)>",
    "{{7*7}}${7*7}<%=7*7%>",
    "</title></textarea><script>alert(1)",
    "javascript:alert(1)//\" onfocus=alert(1) autofocus x=\"",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<base href=//evil.example><link rel=stylesheet href=//evil.example>",
]  # fmt: skip
PAGES = ["/", "/your-mfa-settings", "/administrators", "/your-sessions", "/audit-log",
         "/change-password", "/your-mfa-settings/finish"]  # fmt: skip
OF_ONE = ["", "/delete", "/reset-secret", "/disable-mfa"]


def path_of(username: str, act: str) -> str:
    encoded = "".join(f"%{byte:02x}" for byte in username.encode())
    return f"/administrators/{encoded}{act}"


@pytest.fixture(scope="module")
def written() -> list[str]:
    """The created names, one with each payload in every text field."""
    return []


@pytest.fixture
def author(house: House, written: list[str]) -> Owner:
    """An administrator of an installation whose text fields all contain payloads."""
    if not written:
        for number, payload in enumerate(PAYLOADS):
            name = f"{payload[:58]}{number}"
            house.owner(name, full_name=payload, email=_as_email(payload), mfa="active", api=True)
            written.append(name)
    return Owner(written[0])


def _as_email(payload: str) -> str:
    return "".join(payload.split()).replace("@", "") + "@x.org"


@pytest.fixture
def screen(served: Served, chromium: Chromium) -> Iterator[Seen]:
    with chromium.trusting(served.ca) as visitor:
        seen = visitor.open(user_agent=AGENT)
        seen.page.on("dialog", lambda dialog: seen.messages.append(f"dialog {dialog.message}"))
        yield seen


def log_in(seen: Seen, served: Served, username: str) -> None:
    seen.page.goto(served.console + "/login")
    seen.page.get_by_label("Username", exact=True).fill(username)
    seen.page.get_by_label("Password", exact=True).fill(PASSWORD)
    with seen.page.expect_navigation():
        seen.page.get_by_role("button", name="OK", exact=True).click()


def test_user_text_runs_as_a_script_on_no_page(
    house: House, author: Owner, written: list[str], screen: Seen
) -> None:
    """The payloads neither run as scripts nor trigger the content security policy."""
    me = house.owner(f"<b onclick=alert(1)>{len(written)}", full_name=PAYLOADS[0])
    log_in(screen, house.served, me.username)
    page = screen.page
    asked = [f"/administrators?search={PAYLOADS[0]}", f"/audit-log?account={PAYLOADS[1]}&interface=\"><x",
             "/administrators?after=\"><script>alert(1)</script>"]  # fmt: skip
    of_one = [path_of(name, act) for name in written for act in OF_ONE[:2]]
    of_one += [path_of(written[0], act) for act in OF_ONE]
    for path in [*PAGES, *asked, *of_one]:
        page.goto(house.served.console + path)
        scripts = page.locator("script").count()
        assert (path, scripts, screen.complaints()) == (path, 1, [])
        assert page.locator("img[src=x], svg[onload], base, meta[http-equiv]").count() == 0
        assert "49" not in (page.text_content("h1") or "")
    assert screen.hosts == {f"127.0.0.1:{house.served.console_port}"}


def test_rejected_input_is_shown_as_text(house: House, screen: Seen) -> None:
    house.owner()  # the login page needs at least one account
    page = screen.page
    for payload in PAYLOADS:
        page.goto(house.served.console + "/login?to=" + payload.replace(" ", "+"))
        page.get_by_label("Username", exact=True).fill(payload)
        page.get_by_label("Password", exact=True).fill(payload)
        with page.expect_navigation():
            page.get_by_role("button", name="OK", exact=True).click()
        assert page.locator("script").count() == 1
        assert page.get_by_label("Username", exact=True).input_value() == payload
    assert screen.complaints() == []


def test_script_blocked_by_the_policy_is_detected(served: Served, screen: Seen) -> None:
    """Shows that the two tests above can fail: the effect of a script that is not escaped."""
    screen.page.goto(served.console + "/login")
    with pytest.raises(Error, match="TrustedScript"):
        screen.page.evaluate("document.createElement('b').setAttribute('onclick', 'alert(1)')")
    assert any("has been blocked" in message for message in screen.complaints())


# --- exports ---------------------------------------------------------------------------------
FORMULAS = ["=cmd()", "+1+1", "@SUM(1)", "=1;=2", "x;=cmd()", 'x",=cmd()', "\uff1d1", "x,=1"]


def export(browser: Attacker, kind: str) -> str:
    answer = browser.post("/audit-log/export", {"format": kind})
    assert answer.header("content-disposition").startswith("attachment; ")
    return answer.text


def test_export_contains_no_formulas(house: House) -> None:
    """For any separator, also in programs that drop the quotes."""
    for name in FORMULAS:
        house.owner(name + "f")
    visitor = house.browser()
    fields = {"username": "x", "password": "y"}
    visitor.post("/login", fields, [("User-Agent", "=cmd|' /C calc'!A0")], token=visitor.token())
    text = export(house.logged_in(house.owner()), "csv")
    for separator in ",;\t":
        for row in csv.reader(io.StringIO(text), delimiter=separator):
            assert not any(cell.startswith(tuple("=+-@\t\r\uff1d")) for cell in row), row
    subjects = {row[6] for row in csv.reader(io.StringIO(text))}
    assert {"'=cmd()f", "x;'=cmd()f", "x\",'=cmd()f"} <= subjects


def test_every_line_of_the_export_is_one_event(house: House) -> None:
    visitor = house.browser()
    for agent in ("a\u0085b", 'x"}\t{"event": "auth.login"', "\x1b[31m", "x\xa0y"):
        agent_ = agent.encode("utf-8").decode("latin-1")
        sent = {"username": "x", "password": "y"}
        visitor.post("/login", sent, [("User-Agent", agent_)], token=visitor.token())
    text = export(house.logged_in(house.owner()), "jsonl")
    rows = [json.loads(line) for line in text.splitlines()]
    assert len(rows) == text.count("\n")
    assert len({row["id"] for row in rows}) == len(rows)
    assert all(set(row) == set(rows[0]) for row in rows)
    assert all(c.isprintable() for row in rows for c in row["user_agent"])


def test_api_responses_are_not_rendered_by_browsers(house: House, author: Owner) -> None:
    caller = house.owner(api=True)
    sent = base64.b64encode(f"{caller.username}:{caller.api_password}".encode()).decode()
    for path in ("/api/v1/administrators", "/api/v1/audit-events", "/api/v1/<script>"):
        answer = house.browser().call([f"Basic {sent}"], path=path)
        assert "json" in answer.header("content-type")
        assert answer.header("x-content-type-options") == "nosniff"
        assert answer.header("content-security-policy").startswith("default-src 'none'")
