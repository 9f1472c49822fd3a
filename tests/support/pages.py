"""The table of all pages and error pages: their server, status, and the steps that reach them.

Both the tests and the pictures of the documentation use it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

import requests
from playwright.sync_api import Route

from tests.support import phone
from tests.support.changed_log import change_the_log
from tests.support.person import Person
from tests.support.screen import follow, later
from tests.support.served import PASSWORD
from tests.support.stage import LONG, Stage
from watchword.i18n import _

Reach = Callable[[Stage], object]
PLAIN, SETTINGS, HERE = "plain:ops", "/your-mfa-settings", "/administrators/"
AT_LONG = HERE + LONG


def tampered(script: str, path: str = "/login") -> Reach:
    """Return the steps that send a form after a script has changed it."""

    def reach(stage: Stage) -> None:
        stage.at(path)
        stage.page.evaluate(
            f"() => {{ const form = document.querySelector('main form'); {script} }}"
        )
        stage.press("OK")

    return reach


def logged_out(stage: Stage) -> None:
    stage.as_(stage.newcomer())
    stage.press("Logout")


def tries(stage: Stage) -> None:
    name = stage.newcomer()
    stage.login(name, "wrong")
    for _number in range(12):
        if stage.answers[-1].status == 429:
            return
        stage.press("OK", Password="wrong")


def checked_elsewhere(stage: Stage) -> None:
    """Log in while another guess of the account is in evaluation, for longer than a login waits."""
    stage.login(stage.newcomer(), "wrong")
    stage.sql("UPDATE throttles SET in_flight_until = (strftime('%s') + 60) * 1000000"
              " WHERE kind = 'password'")  # fmt: skip
    stage.press("OK", Password=PASSWORD)


def code_page(stage: Stage, **fields: str) -> str:
    name = stage.active()
    stage.login(name)
    if fields:
        stage.press("OK", **fields)
    return name


def recovery_page(stage: Stage, code: str = "") -> None:
    code_page(stage)
    follow(stage.page, "Use a recovery code")
    if code:
        stage.press("OK", Recovery_code=code)


def with_recovery_code(stage: Stage, **fields: str) -> None:
    """Throttle a login, and follow its link to the page for a recovery code."""
    tries(stage)
    follow(stage.page, "Use a recovery code")
    if fields:
        stage.press("OK", **fields)


def after_recovery(stage: Stage, *, goes_on: bool = True) -> None:
    """Complete a login by recovery code."""
    name = code_page(stage)
    stage.served.cli("mfa", "disable", "--yes", "--", name)
    person = Person(stage.served).login(name).settings().press("Enable MFA")
    person.press("Finish now")
    person.press("OK", Code=phone.code(person.token))
    code = person.recovery_codes()[0]
    person.close()
    stage.login(name)
    follow(stage.page, "Use a recovery code")
    stage.press("OK", Recovery_code=code)
    if goes_on:
        follow(stage.page, "Continue")


def enrolment_code(stage: Stage, **fields: str) -> None:
    """Log in to a new account whose MFA another administrator has enabled."""
    name = stage.newcomer()
    stage.served.cli("mfa", "enable", "--yes", "--", name)
    stage.login(name)
    if fields:
        stage.press("OK", **fields)


def handed_over(stage: Stage) -> None:
    """Enable MFA of another account, which shows an enrolment code to hand over."""
    enabling_of_another(stage)
    stage.press("Enable MFA")


def enabling_of_another(stage: Stage) -> None:
    """Open "Confirm: Enable MFA" of an account that will get an enrolment code."""
    stage.as_(stage.newcomer(), HERE + quote(stage.newcomer(), safe="") + "/enable-mfa")


def refused_on_the_api(stage: Stage) -> None:
    """Open Your MFA Settings after scripts have used the regular password."""
    name = stage.active()
    for password in (PASSWORD, "wrong"):
        requests.get(
            stage.served.api + "/api/v1/whoami", auth=(name, password), timeout=30,
            verify=str(stage.served.ca),
        )  # fmt: skip
    in_session(stage, name)
    stage.at(SETTINGS)


def refused_on_overview(stage: Stage) -> None:
    refused_on_the_api(stage)
    stage.at("/")


def stale_login(stage: Stage, *, has_cookie: bool) -> None:
    """Send a login form from a page that was open too long."""
    stage.at("/login?to=/audit-log")
    if has_cookie:
        stage.page.locator('main [name="form_token"]').evaluate("field => field.value = 'x'")
    else:
        stage.page.context.clear_cookies()
    stage.press("OK", Username=PLAIN, Password=PASSWORD)


def other_tab(stage: Stage) -> None:
    name = stage.pending()
    stage.login(name)
    first = stage.page.content()
    stage.login(name)
    older = re.findall(r'name="attempt" value="([^"]+)"', first)[0]
    stage.page.locator('main form [name="attempt"]').evaluate(f"field => field.value = '{older}'")
    stage.press("OK")


def recovery_codes(stage: Stage) -> None:
    stage.login(stage.pending())
    stage.press("OK", Code=phone.code(str(stage.page.locator("#token").get_attribute("data-copy"))))


def reloaded_recovery_codes(stage: Stage) -> None:
    """Send the form again: without the script, the page itself is in the history."""
    stage.page.route("**/static/*.js", lambda route: route.abort())
    recovery_codes(stage)
    stage.page.reload()
    stage.page.unroute("**/static/*.js")


def settings(make: str, *buttons: str, **fields: str) -> Reach:
    """Return the steps that open Your MFA Settings of a new account and press buttons there."""

    def reach(stage: Stage) -> None:
        name = getattr(stage, make)()
        if make == "active":
            in_session(stage, name)
            stage.at(SETTINGS)
        else:
            stage.as_(name, SETTINGS)
        for number, button in enumerate(buttons):
            stage.press(button, **(fields if number == len(buttons) - 1 else {}))

    return reach


def old_api_password(stage: Stage) -> None:
    """Open the page of an account whose old API password is valid for another day, and was used."""
    name = stage.newcomer()
    person = Person(stage.served).login(name).settings().press("Generate New API Password")
    old = person.api_password
    person.settings().press(
        "Generate New API Password", The_current_API_password_stops_working="24"
    )
    url = f"{stage.served.api}/api/v1/whoami"
    requests.get(url, auth=(name, old), verify=str(stage.served.ca), timeout=30)
    stage.take_over(person)
    stage.at(SETTINGS)


def failed_attempts(stage: Stage) -> None:
    stage.login("must", "wrong")
    stage.as_(PLAIN, "/audit-log?failures=yes")


def overview_pending(stage: Stage) -> None:
    settings("newcomer", "Enable MFA")(stage)
    stage.at("/")


def in_session(stage: Stage, name: str) -> None:
    """Complete a login of an account whose MFA is active."""
    person = Person(stage.served).login(name)
    person.press("OK", Code=later(stage.secrets[name]))
    stage.take_over(person)


def page(path: str, name: str = PLAIN) -> Reach:
    return lambda stage: stage.as_(name, path)


def then(path: str, *buttons: str, **fields: str) -> Reach:
    """Return the steps that open a page as plain:ops and press buttons, the last with the fields."""

    def reach(stage: Stage) -> None:
        stage.as_(PLAIN, path)
        for button in buttons[:-1]:
            stage.press(button)
        stage.press(buttons[-1], **fields)

    return reach


def with_member(path: str) -> Reach:
    """Open a page after the members nightly, a script account, and mia have been created."""

    def reach(stage: Stage) -> None:
        listed = stage.served.cli("member", "list", "--json").stdout
        if '"nightly"' not in listed:
            stage.served.cli("member", "create", "--script", "--group", "backup", "nightly")
            stage.served.cli("member", "create", "--password-stdin", "--full-name", "Mia Example",
                             "--group", "staff", "mia", stdin=PASSWORD)  # fmt: skip
        stage.as_(PLAIN, path)

    return reach


def script_account(stage: Stage) -> None:
    stage.as_(PLAIN, "/new-member")
    stage.page.check("[name=script]")
    stage.press("Create Member", Username=f"script{next(stage.numbers)}")


def as_member(stage: Stage) -> None:
    with_member("/members")(stage)
    stage.as_("mia", "/audit-log")


def unknown_zone(stage: Stage) -> None:
    """Send a time zone that the page does not offer."""
    stage.as_(PLAIN, "/preferences")
    stage.page.evaluate("() => { document.querySelector('#time_zone').options[1].value = 'Nowhere'; "
                        "document.querySelector('#time_zone').selectedIndex = 1; }")  # fmt: skip
    stage.press("Save")


def menus_open(stage: Stage) -> None:
    stage.as_(LONG, "/preferences")
    stage.page.evaluate("() => document.querySelectorAll('details').forEach(d => d.open = true)")


def scripts_in_use(act: str) -> Reach:
    """Return the steps that open a page "Confirm" of an account whose passwords scripts use."""

    def reach(stage: Stage) -> None:
        name = stage.newcomer()
        api_password = stage.served.cli("api-password", "generate", "--", name).stdout.strip()
        for password in (PASSWORD, api_password):
            requests.get(
                stage.served.api + "/api/v1/whoami", auth=(name, password), timeout=30,
                verify=str(stage.served.ca),
            )  # fmt: skip
        if act == "disable-mfa":
            stage.served.cli("mfa", "enable", "--", name)
        stage.as_(PLAIN, HERE + quote(name, safe="") + "/" + act)

    return reach


def at_active(act: str, button: str = "") -> Reach:
    def reach(stage: Stage) -> None:
        stage.as_(PLAIN, HERE + quote(stage.active(), safe="") + act)
        if button:
            stage.press(button)

    return reach


def forgetting_a_browser(stage: Stage) -> None:
    """Open "Confirm" of the first of several browsers."""
    stage.as_(PLAIN, AT_LONG)
    with stage.page.expect_navigation():
        stage.page.get_by_role("button", name=_("Forget Browser")).first.click()


def refused_on_the_account(stage: Stage) -> None:
    """Enable MFA on a page that is outdated: the command line has already enabled it."""
    name = stage.newcomer()
    stage.as_(PLAIN, HERE + quote(name, safe=""))
    stage.press("Enable MFA")
    stage.served.cli("mfa", "enable", "--", name)
    stage.press("Enable MFA")


def viewed_by_another(stage: Stage) -> None:
    """Open the page of an account whose QR code was shown at a login."""
    name = stage.pending()
    Person(stage.served).login(name).close()
    stage.as_(PLAIN, HERE + quote(name, safe=""))


def seen_before_confirming(stage: Stage) -> None:
    name = stage.newcomer()
    stage.as_(name, HERE + quote(name, safe=""))


def new_password(stage: Stage, **fields: str) -> None:
    stage.as_(stage.newcomer(must_change=True))
    if fields:
        stage.press("OK", **fields)


def ended_by_another(stage: Stage) -> None:
    """Press a button after another administrator has ended the session."""
    name = stage.newcomer()
    stage.as_(name, SETTINGS)
    alice = Person(stage.served).login(PLAIN).open(HERE + quote(name, safe=""))
    alice.act("End Sessions").close()
    stage.press("Enable MFA")


def cookies_twice(stage: Stage) -> None:
    """Show the response to a duplicate cookie, which no current browser sends."""
    stage.as_(PLAIN)
    name, value = next((c["name"], c["value"]) for c in stage.seen.context.cookies()
                       if c["name"] == "__Host-ww_s")  # fmt: skip
    answer = requests.get(
        stage.served.console + "/", verify=str(stage.served.ca), timeout=30,
        headers={"Cookie": f"{name}={value}; {name}={value}"},
    )  # fmt: skip

    def fulfil(route: Route) -> None:
        route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.content)

    stage.page.route(stage.served.console + "/twice", fulfil)
    stage.at("/twice")


def asked(make: str, *presses: tuple[str, dict[str, str]]) -> Reach:
    """Return the steps to "Confirm it is you", on a server that always asks."""

    def reach(stage: Stage) -> None:
        if make == "active":
            name = stage.newcomer()
            person = Person(stage.served).login(name).settings().press("Enable MFA")
            person.press("OK", Password=PASSWORD).press("Finish now")
            person.press("OK", Password=PASSWORD)
            person.press("OK", Code=phone.code(person.token)).follow("Continue")
            stage.take_over(person)
        else:
            stage.as_(stage.newcomer())
        stage.at(SETTINGS)
        stage.press("Generate New API Password")
        for button, fields in presses:
            stage.press(button, **fields)

    return reach


def unreadable(stage: Stage) -> None:
    """Damage the secret: no code can be correct, and the page offers a recovery code."""
    asked("active")(stage)
    stage.sql("UPDATE authenticators SET secret = X'00' WHERE administrator_id ="
              " (SELECT max(administrator_id) FROM authenticators)")  # fmt: skip
    stage.press("OK", Password=PASSWORD, Code="000000")


def first_run(stage: Stage, **fields: str) -> None:
    stage.page.goto(stage.served.first_run_link)
    if fields:
        stage.press("Create Administrator", **fields)


def damaged_secret(stage: Stage) -> None:
    """Damage the secret at a login: every code is wrong, and other methods stay available."""
    name = code_page(stage)
    stage.sql("UPDATE authenticators SET secret = X'00' WHERE secret IS NOT NULL")
    stage.press("OK", Code=later(stage.secrets[name]))


def audit_details(stage: Stage) -> None:
    """Open the details of the newest event."""
    stage.as_(PLAIN, "/audit-log?event=auth.login")
    stage.page.locator(".log summary").first.click()


def changed_audit_log(stage: Stage) -> None:
    change_the_log(stage.served)
    stage.as_(stage.newcomer())


def damaged_enrolment(stage: Stage) -> None:
    stage.login(stage.pending())
    stage.sql("UPDATE enrolments SET secret = X'00'")
    stage.at("/login/second-step")


def damaged_row(stage: Stage) -> None:
    name = stage.newcomer()
    stage.as_(name)
    stage.sql("UPDATE administrators SET mfa_status = 'nonsense' WHERE id ="
              " (SELECT max(id) FROM administrators)")  # fmt: skip
    stage.at(SETTINGS)


def database_away(stage: Stage) -> None:
    assert stage.database is not None
    fields = {"Username": "alice", "Password": PASSWORD, "Repeat_password": PASSWORD}
    first_run(stage)
    if stage.answers[-1].status == 200:  # a second visit finds her already created
        stage.press("Create Administrator", **fields)
    stage.login("alice")
    stage.at(SETTINGS)
    stage.database.stop("immediate")
    try:
        stage.press("Enable MFA")
    finally:
        stage.database.start()


TABLE: dict[str, tuple[str, int, Reach]] = {
    # --- before a login
    "login": ("main", 200, lambda s: s.at("/login")),
    "login after a logout": ("main", 200, logged_out),
    "login refused": ("main", 422, lambda s: s.login(PLAIN, "wrong")),
    "login, stale form": ("main", 403, lambda s: stale_login(s, has_cookie=True)),
    "login, no cookie": ("main", 403, lambda s: stale_login(s, has_cookie=False)),
    "login refused, long name": ("main", 422, lambda s: s.login("x" * 3000, "wrong")),
    "too many tries": ("main", 429, tries),
    "another login is being checked": ("main", 429, checked_elsewhere),
    "login with recovery code": ("main", 200, with_recovery_code),
    "login with recovery code refused": (
        "main", 422,
        lambda s: with_recovery_code(
            s, Username=PLAIN, Password=PASSWORD, Recovery_code="0000-" * 5 + "0000"
        ),
    ),
    "dead link": ("main", 410, lambda s: s.at("/first-run/NOTHING")),
    "first run": ("empty", 200, first_run),
    "first run refused": ("empty", 422, lambda s: first_run(s, Username=".", Password="x")),
    "no administrator yet": ("empty", 200, lambda s: s.at("/login")),
    # --- the second step
    "code": ("main", 200, code_page),
    "code refused": ("main", 422, lambda s: code_page(s, Code="000000")),
    "no code": ("main", 422, lambda s: code_page(s, Code="12")),
    "recovery code": ("main", 200, recovery_page),
    "recovery code refused": ("main", 422, lambda s: recovery_page(s, "0000-" * 5 + "0000")),
    "no recovery code": ("main", 422, lambda s: recovery_page(s, "x")),
    "second step without a login": ("main", 409, lambda s: s.at("/login/second-step")),
    "set up MFA": ("main", 200, lambda s: s.login(s.pending())),
    "set up MFA, other tab": ("main", 409, other_tab),
    "recovery codes": ("main", 200, recovery_codes),
    "recovery codes after a reload": ("main", 409, reloaded_recovery_codes),
    "new password": ("main", 200, new_password),
    "new password refused": (
        "main", 422, lambda s: new_password(s, New_password="x", Repeat_new_password="y")
    ),
    "after recovery": ("main", 200, after_recovery),
    "replaced recovery code": ("main", 200, lambda s: after_recovery(s, goes_on=False)),
    "enrolment code": ("proving", 200, enrolment_code),
    "enrolment code refused": (
        "proving", 422, lambda s: enrolment_code(s, Enrolment_code="0000-0000-0000")
    ),
    "no enrolment code": ("proving", 422, lambda s: enrolment_code(s, Enrolment_code="x")),
    "enrolment code shown": ("proving", 200, settings("newcomer", "Enable MFA")),
    "enrolment code to hand over": ("proving", 200, handed_over),
    # --- pages of the own account
    "overview": ("main", 200, page("/", LONG)),
    "overview of a newcomer": ("main", 200, lambda s: s.as_(s.newcomer(), "/")),
    "overview, refused on the API": ("main", 200, refused_on_overview),
    "overview pending": ("main", 200, overview_pending),
    "overview, the audit log was changed": ("damaged", 200, changed_audit_log),
    "preferences, Light is chosen": ("main", 200, then("/preferences", "Light")),
    "preferences, Dark is chosen": ("main", 200, then("/preferences", "Dark")),
    "change password": ("main", 200, page("/change-password")),
    "change password refused": ("main", 422, then("/change-password", "Change Password")),
    "settings disabled": ("main", 200, settings("newcomer")),
    "settings of a long name": ("main", 200, page(SETTINGS, LONG)),
    "settings pending": ("main", 200, settings("newcomer", "Enable MFA")),
    "settings active": ("main", 200, settings("active")),
    "settings after a reset": ("main", 200, settings("active", "Reset Secret")),
    "API password": ("main", 200, settings("newcomer", "Generate New API Password")),
    "old API password": ("main", 200, old_api_password),
    "finish now": ("main", 200, settings("newcomer", "Enable MFA", "Finish now")),
    "finish now refused": (
        "main", 422, settings("newcomer", "Enable MFA", "Finish now", "OK", Code="000000")
    ),
    "new recovery codes": ("main", 200, settings("active", "Generate New Recovery Codes")),
    "preferences": ("main", 200, page("/preferences", LONG)),
    "preferences, unknown zone": ("main", 422, unknown_zone),
    "help": ("main", 200, page("/help", LONG)),
    "help before a login": ("main", 200, lambda s: s.at("/help")),
    "menus open": ("main", 200, menus_open),
    "your sessions": ("main", 200, page("/your-sessions", LONG)),
    "settings, refused on the API": ("main", 200, refused_on_the_api),
    # --- other administrators
    "administrators, sorted": (
        "main", 200, page("/administrators?sort=last_login&order=descending")
    ),
    "administrators": ("main", 200, page("/administrators")),
    "administrators, empty search": ("main", 200, page("/administrators?search=nobody-at-all")),
    "administrators, beyond the end": ("main", 200, page("/administrators?after=1.%EF%BF%BD")),
    "administrators, filtered": ("main", 200, page("/administrators?only=mfa-off")),
    "account": ("main", 200, page(AT_LONG)),
    "account with a notice": ("main", 200, then(AT_LONG, "Unlock")),
    "account refused": ("main", 409, refused_on_the_account),
    "account, name refused": ("main", 422, then(AT_LONG, "Save", Email="x")),
    "account, MFA active": ("main", 200, at_active("")),
    "account, MFA pending": ("main", 200, viewed_by_another),
    "account, disabled": ("main", 200, page("/administrators/off")),
    "account, without a recent login": ("asking", 200, seen_before_confirming),
    "own account": ("main", 200, page(HERE + quote(PLAIN))),
    "no such account": ("main", 404, page("/administrators/nobody")),
    "members": ("main", 200, with_member("/members")),
    "member": ("main", 200, with_member("/members/nightly")),
    "member, to edit": ("main", 200, with_member("/members/nightly?edit=yes")),
    "confirm Make Member": ("main", 200, page(AT_LONG + "/make-member")),
    "confirm Generate API Password": (
        "main", 200, with_member("/members/nightly/generate-api-password")
    ),
    "new member refused": ("main", 422, then("/new-member", "Create Member", Groups="a b!")),
    "closed to members": ("main", 403, as_member),
    "new script account": ("main", 200, script_account),
    "new administrator": ("main", 200, page("/new-administrator")),
    "new administrator refused": (
        "main", 422, then("/new-administrator", "Create Administrator", Username=" x", Email="x")
    ),
    "confirm Reset Secret": ("main", 200, at_active("/reset-secret")),
    "confirm Disable MFA": ("main", 200, at_active("/disable-mfa")),
    "confirm Delete": ("main", 200, page(AT_LONG + "/delete")),
    "confirm Enable MFA": ("main", 200, page(AT_LONG + "/enable-mfa")),
    "confirm Enable MFA, with a code": ("proving", 200, enabling_of_another),
    "confirm Set Password": ("main", 200, page(AT_LONG + "/set-password")),
    "confirm Set Password refused": (
        "main", 422, then(AT_LONG + "/set-password", "Set Password", New_password="x")
    ),
    "confirm Revoke API Password": ("main", 200, scripts_in_use("revoke-api-password")),
    "confirm Disable MFA, in use": ("main", 200, scripts_in_use("disable-mfa")),
    "confirm Disable Account, in use": ("main", 200, scripts_in_use("disable")),
    "confirm End Sessions": ("main", 200, page(AT_LONG + "/end-sessions")),
    "confirm Forget Browser": ("main", 200, forgetting_a_browser),
    "confirm Lock Down Account, in use": ("main", 200, scripts_in_use("lock-down")),
    "confirm Disable Account": ("main", 200, page(AT_LONG + "/disable")),
    "confirm refused": ("main", 409, page(AT_LONG + "/reset-secret")),
    "confirm on oneself": ("main", 403, page(HERE + quote(PLAIN) + "/delete")),
    # --- applications
    "applications": ("main", 200, page("/applications")),
    "new application": ("main", 200, page("/new-application")),
    "new application refused": (
        "main", 422, then("/new-application", "Create Application", Name="two words", Hosts="a b*")
    ),
    "application": ("main", 200, page("/applications/wiki")),
    "application refused": ("main", 422, then("/applications/wiki", "Save", Hosts="x/y")),
    "application, tried": (
        "main", 200, page("/applications/wiki?account=plain%3Aops&method=GET&path=/")
    ),
    "application, disabled": ("main", 200, page("/applications/old")),
    "no such application": ("main", 404, page("/applications/nothing")),
    "confirm Delete of an application": ("main", 200, page("/applications/wiki/delete")),
    "confirm Disable Application": ("main", 200, page("/applications/wiki/disable")),
    "your applications": ("main", 200, page("/your-applications")),
    "enter, the link is over": ("main", 410, page("/enter")),
    "audit log": ("main", 200, page("/audit-log")),
    "audit log, filtered": ("main", 200, page("/audit-log?event=administrator.created")),
    "audit log, filtered by links": (
        "main", 200, page("/audit-log?category=accounts&changes=yes&account=must&since=2026-01-01")
    ),
    "audit log, details": ("main", 200, audit_details),
    "audit log, failed attempts": ("main", 200, failed_attempts),
    "audit log refused": (
        "main", 422, page("/audit-log?account=must&event=auth.logon&interface=window&since=yesterday")
    ),
    "audit log, nothing found": ("main", 200, page("/audit-log?account=nobody-at-all")),
    # --- Confirm it is you
    "confirm it is you": ("asking", 200, asked("newcomer")),
    "confirm it is you refused": (
        "asking", 422, asked("newcomer", ("OK", {"Password": "wrong"}))
    ),
    "confirm it is you, code": ("asking", 200, asked("active")),
    "confirm it is you, code refused": (
        "asking", 422, asked("active", ("OK", {"Password": PASSWORD, "Code": "x"}))
    ),
    "confirm it is you, recovery code": ("asking", 200, asked("active", ("Use a recovery code", {}))),
    "confirm it is you, recovery code refused": (
        "asking", 422, asked("active", ("Use a recovery code", {}),
                             ("OK", {"Password": PASSWORD, "Recovery_code": "x"})),
    ),
    "confirm it is you, a secret is damaged": ("asking", 422, unreadable),
    # --- problems of the API
    "a problem": ("main", 200, lambda s: s.at("/problems/throttled")),
    "a problem with fields": ("main", 200, lambda s: s.at("/problems/invalid")),
    "all problems": ("main", 200, lambda s: s.at("/problems")),
    "no such problem": ("main", 404, lambda s: s.at("/problems/nothing")),
    # --- errors
    "not found": ("main", 404, lambda s: s.at("/nowhere")),
    "not found, logged in": ("main", 404, page("/nowhere")),
    "not that way": ("main", 405, lambda s: s.at("/logout")),
    "from elsewhere": ("main", 403, tampered("form.elements.form_token.value = 'x'")),
    "logged out meanwhile": ("main", 403, ended_by_another),
    "cookies twice": ("main", 400, cookies_twice),
    "too large": ("main", 413, tampered("form.elements.username.value = 'x'.repeat(70000)")),
    "no form": ("main", 415, tampered("form.enctype = 'multipart/form-data'")),
    "a field twice": (
        "main", 400, tampered("const twice = form.elements.to.cloneNode(); form.append(twice)")
    ),
    "a secret is damaged": ("damaged", 422, damaged_secret),
    "a stored value cannot be read": ("damaged", 500, damaged_enrolment),
    "something went wrong": ("damaged", 500, damaged_row),
    "the database is away": ("away", 503, database_away),
}  # fmt: skip
