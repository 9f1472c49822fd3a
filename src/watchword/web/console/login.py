"""Login: username and password, then the second step that the account asks for."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from watchword.domain.errors import CodeWrong, Refusal, Throttled
from watchword.domain.login import Step
from watchword.domain.secret import Secret
from watchword.domain.sessions import DEVICE_LIFE
from watchword.storage.audit import Showing
from watchword.usecases import (
    attempts,
    enrolment,
    first_run,
    known_browsers,
    login,
    second_step,
    sessions,
)
from watchword.usecases.attempts import OpenAttempt
from watchword.usecases.login import AttemptStarted
from watchword.usecases.sessions import LoggedIn
from watchword.web.console import after_recovery, enrol, enrolment_codes, half_login
from watchword.web.console.half_login import SECOND_STEP
from watchword.web.console.notices import Notice
from watchword.web.console.rendering import utc
from watchword.web.console.visit import Visit
from watchword.web.console.way_back import first_asked, leading_to, typed_username
from watchword.web.http import cookies
from watchword.web.http.hops import strangers
from watchword.web.http.i18n import _

RECOVERY = "/login/recovery-code"
WITH_RECOVERY_CODE = "/login/with-recovery-code"


async def show(visit: Visit, refusal: Refusal | None = None) -> Response:
    """The page Login."""
    target = first_asked(visit)
    if visit.principal is not None and refusal is None:
        return visit.go(target)
    if refusal is None and await visit.hop(first_run.is_needed, visit.app):
        return visit.message(
            _("No administrator yet"),
            _("Open the link that the server printed when it started. It works once, for 60 "
              "minutes."),
            _("For another link, run this command on the server: `watchword first-run`"),
            status=200,
            link=("/login", _("Try again")),
        )  # fmt: skip
    username = typed_username(visit)
    return visit.draw(
        "login.html",
        _("Login"),
        refusal=refusal,
        notice=visit.said_at_login() if refusal is None else None,
        # An address has the same budget on that page: it would lead nowhere.
        is_turned_away=isinstance(refusal, Throttled) and not refusal.facts.get("is_by_address"),
        values={"username": username, "to": target},
        recovery_url=leading_to(WITH_RECOVERY_CODE, target, username),
    )


async def submit(visit: Visit) -> Response:
    """Username and password."""
    take_lane(visit)
    result = await visit.run(
        login.password(
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
    """Browsers that are not known wait among themselves. Raises Busy when too many do."""
    if not known_browsers.is_ours(visit.app, visit.browser.known):
        strangers.demand_room()
        visit.lane = strangers


def lead_on(visit: Visit, result: LoggedIn | AttemptStarted) -> Response:
    """The password was right: on to the second step, or in."""
    if isinstance(result, AttemptStarted):
        half_login.remember(visit, result.token.reveal(), result.life)
        return visit.go(SECOND_STEP)
    return welcome(visit, result)


def welcome(visit: Visit, result: LoggedIn, showings: Sequence[Showing] = ()) -> Response:
    """The login is complete: set the cookies, show new recovery codes, go to the page asked for."""
    _let_in(visit, result)
    if not result.recovery_codes:
        return visit.go(result.return_target)
    following = result.return_target
    if result.must_decide:
        following = leading_to(after_recovery.PATH, following)
    return enrol.draw_recovery_codes(
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
    """The code's page, or the QR code while pending, whichever the attempt asks for."""
    if visit.principal is not None and cookies.ATTEMPT not in visit.cookies:
        return visit.go("/")
    found = await half_login.current(visit)
    if found.step is Step.ASK_ENROLMENT_CODE:
        return visit.go(enrolment_codes.PATH)
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
    return await enrol.draw(
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
    """The code."""
    found = await half_login.of_this_form(visit)
    result = await visit.hop(
        second_step.code, visit.app, visit.actor, found, visit.field("totp_code"), visit.browser
    )
    # `found` is the account as it was while pending; nothing is listed after a plain code.
    return welcome(visit, result, await visit.hop(enrolment.showings, visit.app, found.account))


async def show_recovery(visit: Visit, refusal: Refusal | None = None) -> Response:
    """The page for a recovery code."""
    found = await half_login.current(visit)
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
    """The recovery code."""
    found = await half_login.of_this_form(visit)
    if found.step is not Step.ASK_CODE:
        return visit.go(SECOND_STEP)
    result = await visit.hop(
        second_step.recovery_code,
        visit.app,
        visit.actor,
        found,
        visit.field("recovery_code"),
        visit.browser,
    )
    return welcome(visit, result)


async def cancel(visit: Visit) -> Response:
    """Cancel: back to Login, the attempt is dead."""
    await visit.hop(attempts.cancel, visit.app, visit.actor, visit.cookies.get(cookies.ATTEMPT))
    visit.set_cookies.append(cookies.removal(cookies.ATTEMPT))
    return visit.go("/login")


async def stay(visit: Visit) -> Response:
    """Stay logged in: that the request came is all there is to do."""
    return visit.nothing()


async def logout(visit: Visit) -> Response:
    """Logout; without a session there is nothing to end."""
    if visit.principal is not None:
        await visit.hop(sessions.logout, visit.app, visit.actor, visit.principal)
    visit.set_cookies.append(cookies.removal(cookies.SESSION))
    return visit.go_to_login_and_say(Notice.LOGGED_OUT)
