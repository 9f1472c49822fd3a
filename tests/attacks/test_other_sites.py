"""Cross-site requests: logins, logouts and acts that another site causes in a browser."""

from __future__ import annotations

import base64

import pytest
from playwright.sync_api import Page

from tests.attacks.conftest import House
from tests.support.attacker import FORM, Headers
from tests.support.browser import Chromium
from tests.support.served import PASSWORD, Served

SESSION = "__Host-ww_s"
ACT = "/your-mfa-settings/enable"


def origin(served: Served, shape: str) -> str:
    port = served.console_port
    return shape.format(port=port, other=port + 1, api=served.api_port)


FOREIGN_ORIGINS = [
    "null", "https://evil.example", "http://127.0.0.1:{port}", "https://127.0.0.1:{other}",
    "https://127.0.0.1:{api}", "https://127.0.0.1", "https://127.0.0.1:{port}.evil.example",
    "https://127.0.0.1:{port}@evil.example", "https://evil.example#127.0.0.1:{port}",
    "https://localhost:{port}", "https://127.0.0.1:{port}/", "HTTPS://127.0.0.1:{port}",
    "https://127.0.0.1:{port} ,https://evil.example", "https://127.0.0.1:0{port}", "",
    "https://evil127.0.0.1:{port}", "https://[::1]:{port}", "127.0.0.1:{port}", "file://",
    "https://127.0.0.1:{port}, null", "https://127.1:{port}", "chrome-extension://abc",
]  # fmt: skip


@pytest.mark.parametrize("shape", FOREIGN_ORIGINS)
def test_form_of_another_origin_is_refused_with_a_valid_token(house: House, shape: str) -> None:
    owner = house.owner()
    victim = house.logged_in(owner)
    foreign = [("Origin", origin(house.served, shape))]
    assert victim.post(ACT, {}, foreign).status == 403
    assert victim.post("/logout", {}, foreign).status == 403
    assert not house.account(owner).mfa.is_enabled
    ours = [("Origin", origin(house.served, "https://127.0.0.1:{port}"))]
    assert victim.post(ACT, {}, ours).status == 303


@pytest.mark.parametrize(
    "site",
    ["cross-site", "same-site", "none", "", "SAME-ORIGIN", "same-origin, cross-site", "same-origin2",
     "same-origin;x", '"same-origin"', "unheard-of"],
)  # fmt: skip
def test_only_same_origin_is_accepted_with_sec_fetch_site(house: House, site: str) -> None:
    """If Sec-Fetch-Site is present, it decides; a correct Origin does not override it."""
    owner = house.owner()
    victim = house.logged_in(owner)
    ours = ("Origin", house.served.console)
    assert victim.post(ACT, {}, [("Sec-Fetch-Site", site), ours]).status == 403
    assert not house.account(owner).mfa.is_enabled
    assert victim.post(ACT, {}, [("Sec-Fetch-Site", "same-origin"), ours]).status == 303


@pytest.mark.parametrize(
    "token", ["", "0", "0" * 64, "of-another", "of-before", "cut", "upper", "longer", "non-ascii"]
)
def test_form_with_a_foreign_token_is_refused(house: House, token: str) -> None:
    owner = house.owner()
    victim, other = house.logged_in(owner), house.logged_in(house.owner())
    own = victim.token("/")
    tokens = {
        "of-another": other.token("/"),
        "of-before": house.browser().token(),
        "cut": own[:-1],
        "upper": own.upper() + " ",
        "longer": own + "0",
        "non-ascii": own + "\u0661",
    }
    sent = tokens.get(token, token)
    answer = victim.send("POST", ACT, f"form_token={sent}".encode(), [FORM, *victim.jar])
    assert answer.status in {403, 400}
    assert not house.account(owner).mfa.is_enabled
    assert victim.post(ACT, {}, token=own).status == 303


def test_token_in_query_or_header_is_ignored(house: House) -> None:
    owner = house.owner()
    victim = house.logged_in(owner)
    token = victim.token("/")
    headers: Headers = [FORM, *victim.jar, ("X-CSRF-Token", token), ("Form-Token", token)]
    answer = victim.send("POST", f"{ACT}?form_token={token}", b"x=1", headers)
    assert answer.status == 403
    assert not house.account(owner).mfa.is_enabled


def test_login_csrf_is_refused(house: House) -> None:
    """Login CSRF: the attacker's form token belongs to the attacker's browser."""
    attackers, victim = house.owner(), house.browser()
    attacker = house.browser()
    token = attacker.token()
    body = f"form_token={token}&username={attackers.username}&password={PASSWORD}".encode()
    for jar in ([], victim.jar):
        answer = victim.send("POST", "/login", body, [FORM, *jar])
        assert answer.status == 403
    assert SESSION not in victim.cookies
    assert victim.login(house.owner().username).status == 303


# --- a real browser on a page of another site ------------------------------------------------
def _log_in(page: Page, served: Served, username: str) -> None:
    page.goto(served.console + "/login")
    page.get_by_label("Username", exact=True).fill(username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name="OK", exact=True).click()


EVIL = {
    "img": "<img src='{at}/logout'><img src='{at}{act}'>",
    "form": "<form method=post action='{at}/logout'><input name=x></form>"
    "<script>document.forms[0].submit()</script>",
    "plain-text-form": "<form method=post enctype=text/plain action='{at}{act}'>"
    "<input name='form_token=' value=x></form><script>document.forms[0].submit()</script>",
    "fetch": "<script>fetch('{at}/logout', {{method: 'POST', mode: 'no-cors', "
    "credentials: 'include', body: new URLSearchParams({{x: 1}})}})</script>",
    "frame": "<iframe src='{at}/your-mfa-settings'></iframe>",
    "beacon": "<script>navigator.sendBeacon('{at}{act}', new URLSearchParams({{x: 1}}))</script>",
}


def test_other_sites_change_nothing_in_a_real_browser(house: House, chromium: Chromium) -> None:
    owner = house.owner()
    with chromium.trusting(house.served.ca) as visitor:
        seen = visitor.open()
        _log_in(seen.page, house.served, owner.username)
        evil = seen.context.new_page()
        for kind, html in EVIL.items():
            _visit(evil, house.served, html.format(at=house.served.console, act=ACT))
            if kind == "frame":
                assert all("MFA Enabled" not in frame.content() for frame in evil.frames)
        seen.page.goto(house.served.console + "/your-mfa-settings")
        assert "Status: Disabled" in (seen.page.text_content("main") or "")
    assert not house.account(owner).mfa.is_enabled


def _visit(evil: Page, served: Served, html: str) -> None:
    """Open the page as http://evil.example/ and wait for its request to our server."""
    evil.unroute_all()
    evil.route(
        "**://evil.example/*", lambda route: route.fulfill(body=html, content_type="text/html")
    )
    with evil.expect_request(lambda r: r.url.startswith(served.console)):
        evil.goto("http://evil.example/", wait_until="commit")
    evil.wait_for_load_state("load")


def test_link_on_another_site_keeps_the_session(house: House, chromium: Chromium) -> None:
    with chromium.trusting(house.served.ca) as visitor:
        seen = visitor.open()
        _log_in(seen.page, house.served, house.owner().username)
        other = seen.context.new_page()
        for path, leads_to in (("/login", "/"), ("/audit-log?limit=1", "/audit-log?limit=1")):
            _follow_a_link(other, house.served.console + path)
            other.get_by_role("button", name="Logout").wait_for()
            assert other.url == house.served.console + leads_to


def _follow_a_link(other: Page, address: str) -> None:
    """Click on a link to this address on a page at http://evil.example/."""
    html = f"<a href='{address}'>here</a>"
    other.unroute_all()
    other.route(
        "**://evil.example/*", lambda route: route.fulfill(body=html, content_type="text/html")
    )
    other.goto("http://evil.example/")
    other.get_by_role("link", name="here").click()


def test_api_call_of_another_site_is_refused(house: House) -> None:
    """Basic credentials that a browser has stored are no exception."""
    owner, target = house.owner(), house.owner()
    sent = "Basic " + base64.b64encode(f"{owner.username}:{PASSWORD}".encode()).decode()
    path = f"/api/v1/administrators/{target.username}"
    for foreign in (
        [("Origin", "null")],
        [("Origin", "https://evil.example")],
        [("Origin", house.served.console)],
        [("Sec-Fetch-Site", "cross-site")],
        [("Sec-Fetch-Site", "same-site"), ("Origin", house.served.api)],
    ):
        assert house.browser().call([sent], "DELETE", path, headers=foreign).status == 403
    assert house.browser().call([sent], "DELETE", path).status == 204
