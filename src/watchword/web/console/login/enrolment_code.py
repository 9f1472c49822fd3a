"""Enrolment codes: the page that shows a new one, and the page that asks for it at a login."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from watchword.domain.enrolment_code import BROWSER_LIFE, EnrolmentProof, written
from watchword.domain.errors import Refusal
from watchword.domain.login import Step
from watchword.domain.secret import Secret
from watchword.domain.sessions import ENROLMENT_LIFE
from watchword.i18n import _
from watchword.usecases.mfa import enrolment_codes
from watchword.web.console.frame.flash import Message
from watchword.web.console.frame.request_context import RequestContext
from watchword.web.console.login import attempt_cookie
from watchword.web.console.login.attempt_cookie import SECOND_STEP
from watchword.web.http import cookies

PATH: Final = "/login/enrolment-code"


def draw(
    context: RequestContext,
    code: Secret,
    continue_url: str,
    username: str = "",
    notice: Message | None = None,
) -> Response:
    """Return the page that shows the code once. `username` is the account, if another one."""
    is_spared = enrolment_codes.wanted(context.app) is EnrolmentProof.OTHER_BROWSER
    return context.draw(
        "enrolment_code.html",
        _("Enrolment code"),
        notice=notice,
        code=written(code.reveal()),
        username=username,
        is_this_browser_spared=is_spared and not username,
        host=context.address,
        created=context.app.clock.now(),
        continue_url=continue_url,
    )


def spare(context: RequestContext, token: Secret | None) -> None:
    """Set the cookie by which this browser needs no enrolment code, if there is a token."""
    if token is not None:
        context.set_cookies.append(
            cookies.header(cookies.ENROLMENT, token.reveal(), life=BROWSER_LIFE)
        )


async def show(context: RequestContext, refusal: Refusal | None = None) -> Response:
    """Return the page that asks for the code, between the password and the QR code."""
    found = await attempt_cookie.current(context)
    if found.step is not Step.ASK_ENROLMENT_CODE:
        return context.redirect(SECOND_STEP)
    return context.draw(
        "enrolment_login.html",
        _("Login"),
        refusal=refusal,
        username=found.account.username,
        attempt=found.attempt.id,
    )


async def submit(context: RequestContext) -> Response:
    """Check the code and redirect to the QR code."""
    found = await attempt_cookie.of_this_form(context)
    if found.step is not Step.ASK_ENROLMENT_CODE:
        return context.redirect(SECOND_STEP)
    token = await context.in_thread(
        enrolment_codes.use_code, context.app, context.actor, found, context.field("enrolment_code"),
        context.browser.known,
    )  # fmt: skip
    spare(context, token)
    attempt_cookie.remember(context, context.cookies[cookies.ATTEMPT], ENROLMENT_LIFE)
    return context.redirect(SECOND_STEP)
