"""The page after a login with a recovery code, which asks to keep or reset the secret."""

from __future__ import annotations

from starlette.responses import Response

from watchword.domain.errors import Refusal
from watchword.i18n import _
from watchword.usecases.sessions import sessions
from watchword.usecases.throttling import code_attempts
from watchword.web.console.frame.navigation import first_asked
from watchword.web.console.frame.paths import AFTER_RECOVERY
from watchword.web.console.frame.request_context import Visit


async def show(visit: Visit, refusal: Refusal | None = None) -> Response:
    """Return the page. Its button "Reset Secret" is the one of Your MFA Settings."""
    if not visit.me.must_decide:
        return visit.go("/")
    closed = await visit.hop(
        code_attempts.are_codes_closed, visit.app, visit.actor, visit.me.account
    )
    return visit.draw(
        "after_recovery.html",
        _("Authenticator codes are locked") if closed else _("Did you lose your phone?"),
        refusal=refusal,
        action=AFTER_RECOVERY,
        to=first_asked(visit),
        codes_closed=closed,
    )


async def keep(visit: Visit) -> Response:
    """Keep the secret."""
    await visit.hop(sessions.keep_secret, visit.app, visit.me)
    return visit.go(first_asked(visit))
