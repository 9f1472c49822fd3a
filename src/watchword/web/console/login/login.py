"""Login: username and password, then the second step for the account's MFA status."""

from __future__ import annotations

from starlette.responses import Response

from watchword.domain.errors import CodeWrong, Refusal, Throttled
from watchword.domain.login import Step
from watchword.domain.secret import Secret
from watchword.domain.sessions import DEVICE_LIFE
from watchword.i18n import _
from watchword.usecases.administrators import first_run
from watchword.usecases.login import password_login, second_factor
from watchword.usecases.login.password_login import AttemptStarted
from watchword.usecases.mfa import enrolment
from watchword.usecases.mfa.enrolment import History
from watchword.usecases.sessions import login_attempts, sessions
from watchword.usecases.sessions.login_attempts import OpenAttempt
from watchword.usecases.sessions.sessions import LoggedIn
from watchword.usecases.throttling import known_browsers
from watchword.web.console.frame import paths
from watchword.web.console.frame.flash import Notice
from watchword.web.console.frame.navigation import requested_target, typed_username, with_target
from watchword.web.console.frame.request_context import RequestContext
from watchword.web.console.login import attempt_cookie, enrolment_code, mfa_setup
from watchword.web.console.login.attempt_cookie import SECOND_STEP
from watchword.web.http import cookies
from watchword.web.http.worker_threads import unrecognised

RECOVERY = "/login/recovery-code"
WITH_RECOVERY_CODE = "/login/with-recovery-code"


async def show(context: RequestContext, refusal: Refusal | None = None) -> Response:
    """Return the page Login."""
    target = requested_target(context)
    if context.principal is not None and refusal is None:
        return context.redirect(target)
    if refusal is None and await context.in_thread(first_run.is_needed, context.app):
        return context.message(
            _("No administrator yet"),
            _("Open the link that the server printed when it started. It works once, for 60 "
              "minutes."),
            _("To get a new link, run this command on the server: `watchword first-run`"),
            status=200,
            link=("/login", _("Try again")),
        )  # fmt: skip
    username = typed_username(context)
    return context.draw(
        "login.html",
        _("Login"),
        refusal=refusal,
        notice=context.login_notice() if refusal is None else None,
        # No link if the address is throttled: that page would refuse it too.
        is_turned_away=isinstance(refusal, Throttled) and not refusal.facts.get("is_by_address"),
        values={"username": username, "to": target},
        recovery_url=with_target(WITH_RECOVERY_CODE, target, username),
    )


async def submit(context: RequestContext) -> Response:
    """Check username and password."""
    choose_pool(context)
    result = await context.run(
        password_login.password(
            context.app,
            context.actor,
            username=context.field("username"),
            typed=Secret(context.field("password")),
            browser=context.browser,
            return_target=requested_target(context),
        )
    )
    return continue_login(context, result)


def choose_pool(context: RequestContext) -> None:
    """Use a separate thread pool for unrecognised browsers. Raises Busy if it is full."""
    if not known_browsers.is_ours(context.app, context.browser.known):
        unrecognised.demand_room()
        context.pool = unrecognised


def continue_login(context: RequestContext, result: LoggedIn | AttemptStarted) -> Response:
    """Redirect to the second step, or complete the login, after a correct password."""
    if isinstance(result, AttemptStarted):
        attempt_cookie.remember(context, result.token.reveal(), result.life)
        return context.redirect(SECOND_STEP)
    return welcome(context, result)


def welcome(context: RequestContext, result: LoggedIn, history: History | None = None) -> Response:
    """Set the cookies of a completed login. Show new recovery codes, else redirect."""
    _set_login_cookies(context, result)
    if not result.recovery_codes:
        return context.redirect(result.return_target)
    following = result.return_target
    if result.must_decide:
        following = with_target(paths.AFTER_RECOVERY, following)
    return mfa_setup.draw_recovery_codes(
        context,
        result.recovery_codes,
        username=result.username,
        continue_url=following,
        is_replacement=result.must_decide,
        history=history,
    )


def _set_login_cookies(context: RequestContext, result: LoggedIn) -> None:
    context.set_cookies += [
        cookies.header(cookies.SESSION, result.session_token.reveal()),
        cookies.header(cookies.BROWSER, result.browser_token.reveal(), life=DEVICE_LIFE),
        cookies.removal(cookies.ATTEMPT),
        cookies.removal(cookies.BEFORE_LOGIN),
    ]


async def show_second_step(context: RequestContext, refusal: Refusal | None = None) -> Response:
    """Return the page of the second step: for the code, or with the QR code while pending."""
    if context.principal is not None and cookies.ATTEMPT not in context.cookies:
        return context.redirect("/")
    found = await attempt_cookie.current(context)
    if found.step is Step.ASK_ENROLMENT_CODE:
        return context.redirect(enrolment_code.PATH)
    if found.step is Step.SHOW_SECRET:
        return await _show_secret(context, found, refusal)
    is_about_time = isinstance(refusal, CodeWrong) and not refusal.facts
    server_time = context.app.clock.now() if is_about_time else None
    return context.draw(
        "code.html",
        _("Login"),
        refusal=refusal,
        username=found.account.username,
        attempt=found.attempt.id,
        server_time=server_time,
    )


async def _show_secret(
    context: RequestContext, found: OpenAttempt, refusal: Refusal | None
) -> Response:
    shown = await context.in_thread(
        enrolment.show, context.app, context.actor, found.account, found.attempt.enrolment_id,
        context.host,
    )  # fmt: skip
    return await mfa_setup.draw(
        context,
        shown,
        refusal,
        username=found.account.username,
        attempt=found.attempt.id,
        action=SECOND_STEP,
        cancel_url="/login/cancel",
        in_login=True,
    )


async def submit_second_step(context: RequestContext) -> Response:
    """Check the code."""
    found = await attempt_cookie.of_this_form(context)
    result = await context.in_thread(
        second_factor.code,
        context.app,
        context.actor,
        found,
        context.field("totp_code"),
        context.browser,
    )
    actor = context.actor.known_as(found.account)
    history = await context.in_thread(
        enrolment.history, context.app, actor, found.account, found.attempt.enrolment_id
    )
    return welcome(context, result, history)


async def show_recovery(context: RequestContext, refusal: Refusal | None = None) -> Response:
    """Return the page for a recovery code."""
    found = await attempt_cookie.current(context)
    if found.step is not Step.ASK_CODE:
        return context.redirect(SECOND_STEP)
    return context.draw(
        "recovery_login.html",
        _("Login"),
        refusal=refusal,
        username=found.account.username,
        attempt=found.attempt.id,
    )


async def submit_recovery(context: RequestContext) -> Response:
    """Check the recovery code."""
    found = await attempt_cookie.of_this_form(context)
    if found.step is not Step.ASK_CODE:
        return context.redirect(SECOND_STEP)
    result = await context.in_thread(
        second_factor.recovery_code,
        context.app,
        context.actor,
        found,
        context.field("recovery_code"),
        context.browser,
    )
    return welcome(context, result)


async def cancel(context: RequestContext) -> Response:
    """End the login attempt and redirect to Login."""
    await context.in_thread(
        login_attempts.cancel, context.app, context.actor, context.cookies.get(cookies.ATTEMPT)
    )
    context.set_cookies.append(cookies.removal(cookies.ATTEMPT))
    return context.redirect("/login")


async def stay(context: RequestContext) -> Response:
    """Stay logged in: the request itself has extended the session."""
    return context.no_content()


async def logout(context: RequestContext) -> Response:
    """End the session, if there is one."""
    if context.principal is not None:
        await context.in_thread(sessions.logout, context.app, context.actor, context.principal)
    context.set_cookies.append(cookies.removal(cookies.SESSION))
    return context.redirect_to_login_with_notice(Notice.LOGGED_OUT)
