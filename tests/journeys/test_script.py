"""The browser's script (static/watchword.js): its features, and the pages without it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from playwright.sync_api import Page, Request, Route

from tests.support import phone
from tests.support.browser import Seen, Visitor
from tests.support.clock import START
from tests.support.screen import fill, login, press, tap
from tests.support.served import PASSWORD, Served
from tests.usecases.test_guessable_passwords import EMAIL, FULL_NAME, GOOD, GUESSABLE, USERNAME

NUMBERS = count(1)
REFUSED_OLD_WAY = "document.execCommand = () => false"
NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: undefined })"
REJECTING = "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }"
COPIED = """text => {
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}"""
HELD = """() => {
  window.taken = [];
  document.querySelector('main form').addEventListener('submit', event => {
    window.taken.push(!event.defaultPrevented);
    event.preventDefault();
  });
}"""
FOREIGN = """() => {
  const script = document.createElement('script');
  script.append('window.theirs = 1');
  document.body.append(script);
}"""
MARKUP = """() => {
  try { document.body.innerHTML = '<p>x</p>'; return 'taken'; } catch (error) { return error.name; }
}"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served.running(tmp_path_factory.mktemp("script") / "data") as server:
        server.create("somebody")
        yield server


@pytest.fixture
def name(served: Served) -> str:
    """The name of an account that only this test uses."""
    name = f"n{next(NUMBERS)}"
    served.create(name)
    return name


def at_login(visitor: Visitor, served: Served, **options: object) -> Seen:
    seen = visitor.open(**options)
    seen.page.goto(served.console + "/login")
    return seen


def with_api_password(seen: Seen, served: Served, name: str) -> str:
    """Open Your MFA Settings and generate an API password; return it."""
    login(seen.page, served, name)
    seen.page.goto(served.console + "/your-mfa-settings")
    press(seen.page, "Generate New API Password")
    return seen.page.locator("#new-api-credential").inner_text()


def deny_clipboard(page: Page) -> None:
    """Deny the clipboard like a user in the browser's settings of the site."""
    session = page.context.new_cdp_session(page)
    for permission in ("clipboard-write", "clipboard-read"):
        session.send("Browser.setPermission",
                     {"permission": {"name": permission}, "setting": "denied"})  # fmt: skip


# --- Show and Hide ---------------------------------------------------------------------------
def test_password_is_shown_and_hidden(served: Served, visitor: Visitor) -> None:
    seen = at_login(visitor, served)
    field = seen.page.get_by_label("Password", exact=True)
    fill(seen.page, Password="typed blind")
    assert field.get_attribute("type") == "password"
    tap(seen.page, "Show")
    assert field.get_attribute("type") == "text"
    assert field.input_value() == "typed blind"
    assert seen.page.get_by_role("button", name="Show").count() == 0
    tap(seen.page, "Hide")
    assert field.get_attribute("type") == "password"
    assert seen.page.get_by_role("button", name="Hide").count() == 0
    assert seen.complaints() == []


def test_show_button_shows_its_own_field(served: Served, visitor: Visitor, name: str) -> None:
    page = visitor.open().page
    login(page, served, name)
    page.goto(served.console + "/change-password")
    labels = ["Current password", "New password", "Repeat new password"]
    buttons = page.get_by_role("button", name="Show", exact=True)
    described = buttons.evaluate_all(
        "all => all.map(b => document.getElementById(b.getAttribute('aria-describedby'))"
        ".textContent)"
    )
    assert described == labels
    buttons.nth(1).click()
    kinds = [page.get_by_label(label, exact=True).get_attribute("type") for label in labels]
    assert kinds == ["password", "text", "password"]


# --- strength of a new password ------------------------------------------------------------------
def test_strength_of_a_new_password_is_shown_in_words(
    served: Served, visitor: Visitor, name: str
) -> None:
    """The estimate is never better than the server's check."""
    seen = visitor.open()
    page = seen.page
    login(page, served, name)
    page.goto(served.console + "/change-password")
    shown = page.locator("[data-strength-of]")
    assert shown.inner_text() == ""
    for typed, words in [
        ("short", "Too short."), ("password password", "Easy to guess. Add unrelated words."),
        ("otter pencil gravel", "Good password."),
        ("otter pencil gravel monsoon", "Strong password."), ("", ""),
    ]:  # fmt: skip
        page.get_by_label("New password", exact=True).fill(typed)
        assert shown.inner_text() == words
    known = [USERNAME, FULL_NAME, EMAIL, *re.findall(r"\w+", f"{USERNAME} {FULL_NAME} {EMAIL}")]
    found = page.evaluate(
        "([all, more]) => all.map(each => strength(each, 15, ["
        "...document.querySelector('[data-strength-of]').dataset.words.split(' '), ...more]))",
        [[*GUESSABLE, *GOOD], known],
    )
    called = dict(zip([*GUESSABLE, *GOOD], found, strict=True))
    assert {each for each in GUESSABLE if called[each] in {"good", "strong"}} == set()
    assert {called[each] for each in GOOD} <= {"good", "strong"}
    assert seen.complaints() == []


def test_shown_password_is_hidden_before_sending(served: Served, visitor: Visitor) -> None:
    """Browsers and password managers recognise it as a password only then."""
    page = at_login(visitor, served).page
    page.route("**/login", lambda route: route.abort() if is_post(route) else route.continue_())
    fill(page, Username="x", Password="typed blind")
    tap(page, "Show")
    sent = page.evaluate(
        "() => new Promise(done => { document.querySelector('main form').addEventListener("
        "'submit', () => done(document.getElementById('password').type));"
        "document.querySelector('main .primary').click(); })"
    )
    assert sent == "password"


def is_post(route: Route) -> bool:
    return route.request.method == "POST"


def test_script_buttons_do_not_submit(served: Served, visitor: Visitor) -> None:
    page = at_login(visitor, served).page
    fill(page, Username="x", Password="y")
    for _ in range(2):
        page.locator("[data-reveals]").click()
    assert page.get_by_text("There is a problem").count() == 0
    assert page.get_by_label("Username", exact=True).input_value() == "x"


# --- Copy ------------------------------------------------------------------------------------
@pytest.mark.parametrize("way", ["clipboard", "denied", "old browser", "rejected"])
def test_copy_works_without_the_clipboard_api(
    served: Served, visitor: Visitor, name: str, way: str
) -> None:
    """Without the clipboard API the script uses `execCommand`; the message is the same."""
    permissions = {"permissions": ["clipboard-read", "clipboard-write"]}
    seen = visitor.open(**(permissions if way == "clipboard" else {}))
    if way == "denied":
        deny_clipboard(seen.page)
    if way == "old browser":
        seen.page.add_init_script(NO_CLIPBOARD)
    password = with_api_password(seen, served, name)
    if way == "rejected":
        seen.page.evaluate(REJECTING)
    said = seen.page.get_by_text("Copied", exact=True)
    assert said.count() == 0
    tap(seen.page.locator(".secret"), "Copy")
    said.wait_for()
    assert pasted(seen, served) == password
    assert seen.complaints() == []


def pasted(seen: Seen, served: Served) -> str:
    """Paste the clipboard into another page and return the text."""
    page = seen.context.new_page()
    page.goto(served.console + "/audit-log")
    field = page.get_by_label("Account", exact=True)
    field.focus()
    page.keyboard.press("Control+V")
    value = field.input_value()
    page.close()
    return value


def test_text_is_selected_if_copying_is_impossible(
    served: Served, visitor: Visitor, name: str
) -> None:
    seen = visitor.open()
    seen.page.add_init_script(f"{NO_CLIPBOARD}; {REFUSED_OLD_WAY}")
    password = with_api_password(seen, served, name)
    tap(seen.page.locator(".secret"), "Copy")
    seen.page.get_by_text("Your browser blocked copying.").wait_for()
    assert seen.page.evaluate("getSelection().toString()") == password
    assert seen.page.get_by_text("Copied", exact=True).count() == 0
    assert seen.page.locator("textarea").count() == 0
    assert seen.complaints() == []


def test_second_copy_is_announced_again(served: Served, visitor: Visitor, name: str) -> None:
    """Screen readers announce only changes, so the text is removed and added again."""
    seen = visitor.open(permissions=["clipboard-read", "clipboard-write"])
    with_api_password(seen, served, name)
    place = "[data-copied-for='new-api-credential']"
    seen.page.evaluate(
        "place => { window.said = []; new MutationObserver(() => window.said.push("
        "document.querySelector(place).textContent)).observe(document.querySelector(place),"
        " { childList: true }); }", place,
    )  # fmt: skip
    for number in (1, 2):
        tap(seen.page.locator(".secret"), "Copy")
        seen.page.wait_for_function(
            "times => window.said.filter(words => words === 'Copied').length === times", arg=number
        )
    assert seen.page.evaluate("said.filter(w => w)") == ["Copied", "Copied"]
    assert "" in seen.page.evaluate("said")


# --- a press sends once ----------------------------------------------------------------------
def counting(page: Page, path: str) -> list[str]:
    """Collect the POST requests to a path."""
    sent: list[str] = []

    def noticed(request: Request) -> None:
        if request.method == "POST" and path in request.url:
            sent.append(request.url)

    page.on("request", noticed)
    return sent


def test_double_click_submits_once(served: Served, visitor: Visitor, name: str) -> None:
    seen = visitor.open()
    login(seen.page, served, name)
    seen.page.goto(served.console + "/your-mfa-settings")
    sent = counting(seen.page, "generate-api-password")
    seen.page.get_by_role("button", name="Generate New API Password").dblclick()
    seen.page.locator("#new-api-credential").wait_for()
    assert len(sent) == 1
    assert seen.complaints() == []


def test_submitted_form_is_blocked_for_five_seconds(served: Served, visitor: Visitor) -> None:
    """After that time a form whose loading was stopped can be sent again."""
    seen = visitor.open()
    seen.page.clock.install(time=START)
    seen.page.goto(served.console + "/login")
    seen.page.clock.pause_at(START + timedelta(hours=1))
    seen.page.evaluate(HELD)
    for _ in range(2):
        tap(seen.page, "OK")
    seen.page.clock.run_for(4900)
    tap(seen.page, "OK")
    seen.page.clock.run_for(200)
    tap(seen.page, "OK")
    assert seen.page.evaluate("taken") == [True, False, False, True]


def test_form_can_be_submitted_after_the_back_button(served: Served, visitor: Visitor) -> None:
    page = at_login(visitor, served).page
    page.evaluate("() => { document.querySelector('main form').dataset.sent = 'yes';"
                  "window.dispatchEvent(new PageTransitionEvent('pageshow',"
                  " { persisted: true })); }")  # fmt: skip
    fill(page, Username="nobody", Password="wrong")
    press(page, "OK")
    assert page.get_by_text("Incorrect username or password.").is_visible()


# --- paste -----------------------------------------------------------------------------------
def test_fields_accept_pasted_text(served: Served, visitor: Visitor, name: str) -> None:
    """Password managers paste if they cannot fill in."""
    page = visitor.open().page
    page.goto(served.console + "/login")
    paste(page, "Username", name)
    paste(page, "Password", PASSWORD)
    press(page, "OK")
    page.goto(served.console + "/your-mfa-settings")
    press(page, "Enable MFA")
    press(page, "Finish now")
    secret = str(page.locator("#token").get_attribute("data-copy"))
    code = phone.code(secret)
    paste(page, "Code", f" {code[:3]} {code[3:]} ")
    press(page, "OK")
    assert page.get_by_role("heading", name="Recovery codes").is_visible()


def paste(page: Page, label: str, text: str) -> None:
    """Copy a text elsewhere and paste it into a field."""
    field = page.get_by_label(label, exact=True)
    page.evaluate(COPIED, text)
    field.focus()
    page.keyboard.press("Control+V")
    assert field.input_value() == text


# --- without the script ----------------------------------------------------------------------
def test_buttons_of_the_script_are_absent_without_javascript(
    served: Served, visitor: Visitor, name: str
) -> None:
    seen = visitor.open(java_script_enabled=False)
    page = seen.page
    page.goto(served.console + "/login")
    assert page.get_by_role("button").all_inner_texts() == ["OK", "English", "Deutsch"]
    password = with_api_password(seen, served, name)
    assert password.startswith("wwp_")
    for label in ("Show", "Copy", "Download", "Print"):
        assert page.get_by_role("button", name=label, exact=True).count() == 0
    press(page, "Enable MFA")
    press(page, "Finish now")
    assert page.locator("#token").is_visible()
    assert page.get_by_role("button", name="Copy", exact=True).count() == 0


def test_page_works_if_the_script_is_not_loaded(
    served: Served, visitor: Visitor, name: str
) -> None:
    """A proxy or an extension may block the script."""
    seen = visitor.open()
    seen.page.route("**/*.js", lambda route: route.abort())
    login(seen.page, served, name)
    assert seen.page.get_by_role("heading", name="Overview").is_visible()
    seen.page.goto(served.console + "/change-password")
    assert seen.page.get_by_role("button", name="Show", exact=True).count() == 0
    new = "another otter with pencils"
    fill(seen.page, Current_password=PASSWORD, New_password=new, Repeat_new_password=new)
    press(seen.page, "Change Password")
    assert seen.page.get_by_text("Your password is changed.").is_visible()


def test_foreign_script_does_not_run(served: Served, visitor: Visitor) -> None:
    """The policy accepts only scripts with the nonce; trusted types reject HTML text."""
    seen = at_login(visitor, served)
    seen.page.evaluate(FOREIGN)
    assert seen.page.evaluate("window.theirs") is None
    assert seen.page.evaluate(MARKUP) == "TypeError"
    assert seen.page.locator("main form").is_visible()
