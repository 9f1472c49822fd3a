"""The half-finished login of this browser, as the pages between the password and the end find it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from watchword.usecases.sessions import login_attempts
from watchword.usecases.sessions.login_attempts import OpenAttempt
from watchword.web.console.frame.request_context import Visit
from watchword.web.http import cookies

SECOND_STEP: Final = "/login/second-step"
"""Where a half-finished login goes on; that page leads to the one that its step needs."""


def remember(visit: Visit, token: str, life: timedelta) -> None:
    """Have the browser hold the half-finished login for as long as it lives."""
    visit.set_cookies.append(cookies.header(cookies.ATTEMPT, token, life=life))


async def current(visit: Visit) -> OpenAttempt:
    """Return the browser's half-finished login. Raises AttemptEnded."""
    return await visit.hop(login_attempts.find, visit.app, visit.cookies.get(cookies.ATTEMPT))


async def of_this_form(visit: Visit) -> OpenAttempt:
    """Return it when the form that was sent is a page of it, not of an older one in another tab.

    Raises AttemptEnded, StartedAgainElsewhere.
    """
    found = await current(visit)
    login_attempts.demand_same(found, visit.field("attempt"))
    return found
