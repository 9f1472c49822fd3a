"""The browser's login attempt, between the password and the end of the login."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from watchword.usecases.sessions import login_attempts
from watchword.usecases.sessions.login_attempts import OpenAttempt
from watchword.web.console.frame.request_context import RequestContext
from watchword.web.http import cookies

SECOND_STEP: Final = "/login/second-step"
"""The page of the second step. It redirects if the attempt needs another page."""


def remember(context: RequestContext, token: str, life: timedelta) -> None:
    """Set the cookie of a login attempt."""
    context.set_cookies.append(cookies.header(cookies.ATTEMPT, token, life=life))


async def current(context: RequestContext) -> OpenAttempt:
    """Return the browser's login attempt. Raises AttemptEnded."""
    return await context.in_thread(
        login_attempts.find, context.app, context.cookies.get(cookies.ATTEMPT)
    )


async def of_this_form(context: RequestContext) -> OpenAttempt:
    """Return the browser's login attempt if the submitted form belongs to it.

    Another tab may show a form of an older attempt. Raises AttemptEnded, StartedAgainElsewhere.
    """
    found = await current(context)
    login_attempts.demand_same(found, context.field("attempt"))
    return found
