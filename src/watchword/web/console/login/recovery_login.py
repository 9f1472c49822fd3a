"""The page for password and recovery code together: it leads past a password login that somebody
else's guesses have slowed or closed. The login's page leads here when it turns somebody away, by
the same words for every name.
"""

from __future__ import annotations

from starlette.responses import Response

from watchword.domain.errors import Refusal
from watchword.domain.secret import Secret
from watchword.i18n import _
from watchword.usecases.login import recovery_login
from watchword.usecases.login.recovery_login import Given
from watchword.web.console.frame.navigation import first_asked, leading_to, typed_username
from watchword.web.console.frame.request_context import Visit
from watchword.web.console.login.login import WITH_RECOVERY_CODE, lead_on, take_lane

PATH = WITH_RECOVERY_CODE


async def show(visit: Visit, refusal: Refusal | None = None) -> Response:
    """The page; what was typed into it is typed again, but for the name."""
    target = first_asked(visit)
    if visit.principal is not None and refusal is None:
        return visit.go(target)
    username = typed_username(visit)
    return visit.draw(
        "login_with_recovery_code.html",
        _("Login"),
        refusal=refusal,
        values={"username": username, "to": target},
        login_url=leading_to("/login", target, username),
    )


async def submit(visit: Visit) -> Response:
    """Username, password and recovery code."""
    take_lane(visit)
    given = Given(
        visit.field("username"), Secret(visit.field("password")), visit.field("recovery_code")
    )
    entering = recovery_login.enter(
        visit.app, visit.actor, given, visit.browser, first_asked(visit)
    )
    return lead_on(visit, await visit.run(entering))
