"""Enrolment, login and credentials of an administrator with a phone, in a real Chromium."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Error

from tests.support import phone
from tests.support.browser import Chromium, Visitor
from tests.support.ports import free_port
from tests.support.screen import fill, follow, later, login, press, scanned, tap, whoami
from tests.support.served import PASSWORD, Served

NAME = "ops:jürgen 🦊"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served.running(tmp_path_factory.mktemp("journeys") / "data") as server:
        yield server


@pytest.fixture
def visitor(served: Served, chromium: Chromium) -> Iterator[Visitor]:
    with chromium.trusting(served.ca) as opened:
        yield opened


@pytest.mark.parametrize("script", [True, False], ids=["javascript", "no-javascript"])
def test_first_run_leads_to_mfa_and_a_call_of_the_api(
    tmp_path_factory: pytest.TempPathFactory, chromium: Chromium, script: bool
) -> None:
    folder = tmp_path_factory.mktemp("first")
    with Served.running(folder / "data") as served, chromium.trusting(served.ca) as visitor:
        seen = visitor.open(java_script_enabled=script)
        page = seen.page
        page.goto(served.first_run_link)
        fill(page, Username=NAME, Full_name="Jürgen", Email="j@example.org", Password=PASSWORD,
             Repeat_password=PASSWORD)  # fmt: skip
        press(page, "Create Administrator")
        assert page.url.partition("?")[0].endswith("/login")
        assert page.get_by_label("Username", exact=True).input_value() == NAME
        fill(page, Password=PASSWORD)
        press(page, "OK")
        follow(page, "Your MFA Settings")
        press(page, "Enable MFA")
        assert page.get_by_label("MFA Enabled").is_checked()
        press(page, "Logout")
        fill(page, Username=NAME, Password=PASSWORD)
        press(page, "OK")
        uri = scanned(page)
        secret = phone.secret_in(uri)
        assert phone.label_in(uri) == "Watchword (127.0.0.1):ops∶jürgen 🦊"
        assert page.locator("#token").inner_text().replace(" ", "").replace("\n", "") == secret
        fill(page, Code=phone.code(secret))
        press(page, "OK")
        assert page.locator("#codes li").count() == 8
        follow(page, "Continue")
        page.goto(served.console + "/your-mfa-settings")
        press(page, "Generate New API Password")
        password = page.locator("#new-api-credential").inner_text()
        assert whoami(served, NAME, password).json()["mfa"]["status"] == "active"
        assert whoami(served, NAME, PASSWORD).status_code == 401
        assert seen.complaints() == []
        assert seen.hosts == {f"127.0.0.1:{served.console_port}"}


def test_token_is_below_the_qr_code(served: Served, visitor: Visitor) -> None:
    served.create("below")
    for width in (1180, 390):
        page = visitor.open(viewport={"width": width, "height": 900}).page
        login(page, served, "below")
        if width == 1180:
            page.goto(served.console + "/your-mfa-settings")
            press(page, "Enable MFA")
            press(page, "Logout")
            login(page, served, "below")
        picture, token = (page.locator(s).bounding_box() for s in ("img.qr", "#token"))
        assert picture is not None
        assert token is not None
        assert token["y"] >= picture["y"] + picture["height"]


def test_copy_copies_and_confirms(served: Served, visitor: Visitor) -> None:
    served.create("copy")
    seen = visitor.open(permissions=["clipboard-read", "clipboard-write"])
    login(seen.page, served, "copy")
    seen.page.goto(served.console + "/your-mfa-settings")
    press(seen.page, "Generate New API Password")
    for number, id_ in enumerate(["new-api-credential", "curl"]):
        seen.page.get_by_role("button", name="Copy", exact=True).nth(number).click()
        seen.page.get_by_text("Copied").nth(number).wait_for()
        copied = seen.page.evaluate("navigator.clipboard.readText()")
        assert copied == seen.page.locator(f"#{id_}").inner_text()
    assert seen.complaints() == []


def test_recovery_codes_are_downloaded(served: Served, visitor: Visitor) -> None:
    served.create("do:wnload é")
    page = visitor.open(accept_downloads=True).page
    login(page, served, "do:wnload é")
    page.goto(served.console + "/your-mfa-settings")
    press(page, "Enable MFA")
    press(page, "Finish now")
    fill(page, Code=phone.code(phone.secret_in(scanned(page))))
    press(page, "OK")
    shown = page.locator("#codes li").all_inner_texts()
    with page.expect_download() as download:
        tap(page, "Download")
    head, _blank, *codes = download.value.path().read_text(encoding="utf-8").splitlines()
    assert codes == shown
    at = f"127.0.0.1:{served.console_port}"
    assert head.startswith(f"Watchword recovery codes for do:wnload é on {at}, created 20")
    name = "watchword-recovery-codes-127.0.0.1-do_wnload__.txt"
    assert download.value.suggested_filename == name


def test_double_click_enables_once(served: Served, visitor: Visitor) -> None:
    served.create("double")
    seen = visitor.open()
    login(seen.page, served, "double")
    seen.page.goto(served.console + "/your-mfa-settings")
    seen.page.get_by_role("button", name="Enable MFA").dblclick()
    seen.page.get_by_text("MFA has been pending since").wait_for()
    assert seen.page.get_by_text("There is a problem").count() == 0


def test_back_button_after_logout_shows_no_password(served: Served, visitor: Visitor) -> None:
    served.create("back")
    page = visitor.open().page
    login(page, served, "back")
    page.goto(served.console + "/your-mfa-settings")
    press(page, "Generate New API Password")
    password = page.locator("#new-api-credential").inner_text()
    press(page, "Logout")
    # Chromium does not keep responses to POST with no-store: it would have to send it again.
    with contextlib.suppress(Error):
        page.go_back()
    page.wait_for_load_state()
    assert page.get_by_text(password).count() == 0


@pytest.mark.parametrize(
    ("seconds", "accepted"), [(-30, True), (30, True), (-90, False), (90, False)]
)
def test_code_of_a_wrong_clock_is_accepted_within_one_step(
    served: Served, visitor: Visitor, seconds: int, accepted: bool
) -> None:
    name = f"clock{seconds}"
    served.create(name)
    page = visitor.open().page
    login(page, served, name)
    page.goto(served.console + "/your-mfa-settings")
    press(page, "Enable MFA")
    press(page, "Finish now")
    secret = phone.secret_in(scanned(page))
    # The middle of a step: 30 seconds are then exactly one step.
    now = datetime.now(UTC)
    middle = now - timedelta(seconds=now.timestamp() % 30 - 15)
    fill(page, Code=phone.code(secret, middle + timedelta(seconds=seconds)))
    press(page, "OK")
    if accepted:
        assert page.get_by_role("heading", name="Recovery codes").is_visible()
    else:
        direction = "fast" if seconds > 0 else "slow"
        assert page.get_by_text(f"clock is about 90 seconds {direction}").first.is_visible()


def test_restart_while_pending_keeps_the_enrolment(
    tmp_path_factory: pytest.TempPathFactory, chromium: Chromium
) -> None:
    """The page is open during the restart; its code still finalizes MFA."""
    data = tmp_path_factory.mktemp("restart") / "data"
    ports = free_port(), free_port()
    with Served.running(data, ports=ports) as served:
        served.create("alice")
        ca = served.ca
    with chromium.trusting(ca) as visitor:
        page = visitor.open().page
        with Served.running(data, ports=ports) as served:
            login(page, served, "alice")
            page.goto(served.console + "/your-mfa-settings")
            press(page, "Enable MFA")
            press(page, "Logout")
            login(page, served, "alice")
            secret = phone.secret_in(scanned(page))
        with Served.running(data, ports=ports) as served:
            fill(page, Code=phone.code(secret))
            press(page, "OK")
            assert page.get_by_role("heading", name="Recovery codes").is_visible()
            page.goto(served.console + "/your-mfa-settings")
            assert page.get_by_text("Active", exact=True).is_visible()


def test_recovery_code_replaces_a_lost_phone(served: Served, visitor: Visitor) -> None:
    served.create("lost")
    page = visitor.open().page
    login(page, served, "lost")
    page.goto(served.console + "/your-mfa-settings")
    press(page, "Enable MFA")
    press(page, "Finish now")
    old = phone.secret_in(scanned(page))
    fill(page, Code=phone.code(old))
    press(page, "OK")
    code = page.locator("#codes li").first.inner_text()
    follow(page, "Continue")
    press(page, "Logout")
    login(page, served, "lost")
    follow(page, "Use a recovery code")
    fill(page, Recovery_code=code.lower().replace("-", " "))
    press(page, "OK")
    replacement = page.locator("#codes li").first.inner_text()
    assert replacement != code
    page.goto(served.console + "/your-mfa-settings")
    assert page.get_by_role("heading", name="Did you lose your phone?").is_visible()
    press(page, "Reset Secret")
    press(page, "Logout")
    login(page, served, "lost")
    new = phone.secret_in(scanned(page))
    fill(page, Code=later(old))
    press(page, "OK")
    assert page.get_by_text("Incorrect code.").first.is_visible()
    fill(page, Code=later(new))
    press(page, "OK")
    assert page.get_by_role("heading", name="Recovery codes").is_visible()


def test_refused_form_focuses_the_error_summary(
    tmp_path_factory: pytest.TempPathFactory, chromium: Chromium
) -> None:
    with Served.running(tmp_path_factory.mktemp("axe") / "data") as served:
        with chromium.trusting(served.ca) as visitor:
            seen = visitor.open()
            seen.page.goto(served.first_run_link)
            assert seen.axe() == []
            press(seen.page, "Create Administrator")
            assert seen.axe() == []
            assert seen.page.title().startswith("Error:")
            focused = seen.page.evaluate("document.activeElement.id")
            assert focused == "error-summary"
            assert seen.complaints() == []


def test_w3m_renders_the_login(served: Served) -> None:
    """A text browser sends neither Origin nor Sec-Fetch-Site; the form's token is sufficient."""
    import subprocess

    command = [
        "w3m",
        "-o",
        f"ssl_ca_file={served.ca}",
        "-dump",
        f"https://localhost:{served.console_port}/login",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    for word in ("Username", "Password", "OK"):
        assert word in done.stdout
