"""The login page for password and recovery code together.

It works while an attacker's guesses throttle the password login of the account. The login page
links here when it throttles a client, with the same text for every username.
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
    """Return the page. After a refusal only the username is filled in."""
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
    """Check username, password and recovery code."""
    take_lane(visit)
    given = Given(
        visit.field("username"), Secret(visit.field("password")), visit.field("recovery_code")
    )
    entering = recovery_login.enter(
        visit.app, visit.actor, given, visit.browser, first_asked(visit)
    )
    return lead_on(visit, await visit.run(entering))
