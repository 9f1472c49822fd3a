"""Login: username and password, then the second step for the account's MFA status."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from watchword.domain.errors import CodeWrong, Refusal, Throttled
from watchword.domain.login import Step
from watchword.domain.secret import Secret
from watchword.domain.sessions import DEVICE_LIFE
from watchword.i18n import _
from watchword.storage.audit_history import Showing
from watchword.usecases.administrators import first_run
from watchword.usecases.login import password_login, second_factor
from watchword.usecases.login.password_login import AttemptStarted
from watchword.usecases.mfa import enrolment
from watchword.usecases.sessions import login_attempts, sessions
from watchword.usecases.sessions.login_attempts import OpenAttempt
from watchword.usecases.sessions.sessions import LoggedIn
from watchword.usecases.throttling import known_browsers
from watchword.web.console.frame import paths
from watchword.web.console.frame.flash import Notice
from watchword.web.console.frame.navigation import first_asked, leading_to, typed_username
from watchword.web.console.frame.rendering import utc
from watchword.web.console.frame.request_context import Visit
from watchword.web.console.login import attempt_cookie, enrolment_code, mfa_setup
from watchword.web.console.login.attempt_cookie import SECOND_STEP
from watchword.web.http import cookies
from watchword.web.http.worker_threads import unrecognised

RECOVERY = "/login/recovery-code"
WITH_RECOVERY_CODE = "/login/with-recovery-code"


async def show(visit: Visit, refusal: Refusal | None = None) -> Response:
    """Return the page Login."""
    target = first_asked(visit)
    if visit.principal is not None and refusal is None:
        return visit.go(target)
    if refusal is None and await visit.hop(first_run.is_needed, visit.app):
        return visit.message(
            _("No administrator yet"),
            _("Open the link that the server printed when it started. It works once, for 60 "
              "minutes."),
            _("To get a new link, run this command on the server: `watchword first-run`"),
            status=200,
            link=("/login", _("Try again")),
        )  # fmt: skip
    username = typed_username(visit)
    return visit.draw(
        "login.html",
        _("Login"),
        refusal=refusal,
        notice=visit.said_at_login() if refusal is None else None,
        # No link if the address is throttled: that page would refuse it too.
        is_turned_away=isinstance(refusal, Throttled) and not refusal.facts.get("is_by_address"),
        values={"username": username, "to": target},
        recovery_url=leading_to(WITH_RECOVERY_CODE, target, username),
    )


async def submit(visit: Visit) -> Response:
    """Check username and password."""
    take_lane(visit)
    result = await visit.run(
        password_login.password(
            visit.app,
            visit.actor,
            username=visit.field("username"),
            typed=Secret(visit.field("password")),
            browser=visit.browser,
            return_target=first_asked(visit),
        )
    )
    return lead_on(visit, result)


def take_lane(visit: Visit) -> None:
    """Use a separate thread pool for unrecognised browsers. Raises Busy if it is full."""
    if not known_browsers.is_ours(visit.app, visit.browser.known):
        unrecognised.demand_room()
        visit.pool = unrecognised


def lead_on(visit: Visit, result: LoggedIn | AttemptStarted) -> Response:
    """Redirect to the second step, or complete the login, after a correct password."""
    if isinstance(result, AttemptStarted):
        attempt_cookie.remember(visit, result.token.reveal(), result.life)
        return visit.go(SECOND_STEP)
    return welcome(visit, result)


def welcome(visit: Visit, result: LoggedIn, showings: Sequence[Showing] = ()) -> Response:
    """Set the cookies of a completed login. Show new recovery codes, else redirect."""
    _let_in(visit, result)
    if not result.recovery_codes:
        return visit.go(result.return_target)
    following = result.return_target
    if result.must_decide:
        following = leading_to(paths.AFTER_RECOVERY, following)
    return mfa_setup.draw_recovery_codes(
        visit,
        result.recovery_codes,
        username=result.username,
        continue_url=following,
        is_replacement=result.must_decide,
        showings=showings,
    )


def _let_in(visit: Visit, result: LoggedIn) -> None:
    visit.set_cookies += [
        cookies.header(cookies.SESSION, result.session_token.reveal()),
        cookies.header(cookies.BROWSER, result.browser_token.reveal(), life=DEVICE_LIFE),
        cookies.removal(cookies.ATTEMPT),
        cookies.removal(cookies.BEFORE_LOGIN),
    ]


async def show_second_step(visit: Visit, refusal: Refusal | None = None) -> Response:
    """Return the page of the second step: for the code, or with the QR code while pending."""
    if visit.principal is not None and cookies.ATTEMPT not in visit.cookies:
        return visit.go("/")
    found = await attempt_cookie.current(visit)
    if found.step is Step.ASK_ENROLMENT_CODE:
        return visit.go(enrolment_code.PATH)
    if found.step is Step.SHOW_SECRET:
        return await _show_secret(visit, found, refusal)
    server_time = utc(visit.app.clock.now()) if isinstance(refusal, CodeWrong) else None
    return visit.draw(
        "code.html",
        _("Login"),
        refusal=refusal,
        username=found.account.username,
        attempt=found.attempt.id,
        server_time=server_time,
    )


async def _show_secret(visit: Visit, found: OpenAttempt, refusal: Refusal | None) -> Response:
    shown = await visit.hop(
        enrolment.show, visit.app, visit.actor, found.account, found.attempt.enrolment_id,
        visit.host,
    )  # fmt: skip
    return await mfa_setup.draw(
        visit,
        shown,
        refusal,
        username=found.account.username,
        attempt=found.attempt.id,
        action=SECOND_STEP,
        cancel_url="/login/cancel",
        in_login=True,
    )


async def submit_second_step(visit: Visit) -> Response:
    """Check the code."""
    found = await attempt_cookie.of_this_form(visit)
    result = await visit.hop(
        second_factor.code, visit.app, visit.actor, found, visit.field("totp_code"), visit.browser
    )
    # `found` still has the status before the code. While it was active, there are no page views.
    actor = visit.actor.known_as(found.account.id, found.account.username)
    return welcome(
        visit, result, await visit.hop(enrolment.showings, visit.app, actor, found.account)
    )


async def show_recovery(visit: Visit, refusal: Refusal | None = None) -> Response:
    """Return the page for a recovery code."""
    found = await attempt_cookie.current(visit)
    if found.step is not Step.ASK_CODE:
        return visit.go(SECOND_STEP)
    return visit.draw(
        "recovery_login.html",
        _("Login"),
        refusal=refusal,
        username=found.account.username,
        attempt=found.attempt.id,
    )


async def submit_recovery(visit: Visit) -> Response:
    """Check the recovery code."""
    found = await attempt_cookie.of_this_form(visit)
    if found.step is not Step.ASK_CODE:
        return visit.go(SECOND_STEP)
    result = await visit.hop(
        second_factor.recovery_code,
        visit.app,
        visit.actor,
        found,
        visit.field("recovery_code"),
        visit.browser,
    )
    return welcome(visit, result)


async def cancel(visit: Visit) -> Response:
    """End the login attempt and redirect to Login."""
    await visit.hop(
        login_attempts.cancel, visit.app, visit.actor, visit.cookies.get(cookies.ATTEMPT)
    )
    visit.set_cookies.append(cookies.removal(cookies.ATTEMPT))
    return visit.go("/login")


async def stay(visit: Visit) -> Response:
    """Stay logged in: the request itself has extended the session."""
    return visit.nothing()


async def logout(visit: Visit) -> Response:
    """End the session, if there is one."""
    if visit.principal is not None:
        await visit.hop(sessions.logout, visit.app, visit.actor, visit.principal)
    visit.set_cookies.append(cookies.removal(cookies.SESSION))
    return visit.go_to_login_and_say(Notice.LOGGED_OUT)
