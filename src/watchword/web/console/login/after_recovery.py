"""The page after a login with a recovery code, which asks to keep or reset the secret."""

from __future__ import annotations

from starlette.responses import Response

from watchword.domain.errors import Refusal
from watchword.i18n import _
from watchword.usecases.sessions import sessions
from watchword.usecases.throttling import code_attempts
from watchword.web.console.frame.navigation import requested_target
from watchword.web.console.frame.paths import AFTER_RECOVERY
from watchword.web.console.frame.request_context import RequestContext


async def show(context: RequestContext, refusal: Refusal | None = None) -> Response:
    """Return the page. Its button "Reset Secret" is the one of Your MFA Settings."""
    if not context.me.must_decide:
        return context.redirect("/")
    closed = await context.in_thread(
        code_attempts.are_codes_closed, context.app, context.actor, context.me.account
    )
    return context.draw(
        "after_recovery.html",
        _("Authenticator codes are locked") if closed else _("Did you lose your phone?"),
        refusal=refusal,
        action=AFTER_RECOVERY,
        to=requested_target(context),
        codes_closed=closed,
    )


async def keep(context: RequestContext) -> Response:
    """Keep the secret."""
    await context.in_thread(sessions.keep_secret, context.app, context.me)
    return context.redirect(requested_target(context))
