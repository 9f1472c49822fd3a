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
from watchword.web.console.frame.navigation import requested_target, typed_username, with_target
from watchword.web.console.frame.request_context import RequestContext
from watchword.web.console.login.login import WITH_RECOVERY_CODE, choose_pool, continue_login

PATH = WITH_RECOVERY_CODE


async def show(context: RequestContext, refusal: Refusal | None = None) -> Response:
    """Return the page. After a refusal only the username is filled in."""
    target = requested_target(context)
    if context.principal is not None and refusal is None:
        return context.redirect(target)
    username = typed_username(context)
    return context.draw(
        "login_with_recovery_code.html",
        _("Login"),
        refusal=refusal,
        values={"username": username, "to": target},
        login_url=with_target("/login", target, username),
    )


async def submit(context: RequestContext) -> Response:
    """Check username, password and recovery code."""
    choose_pool(context)
    given = Given(
        context.field("username"), Secret(context.field("password")), context.field("recovery_code")
    )
    entering = recovery_login.enter(
        context.app, context.actor, given, context.browser, requested_target(context)
    )
    return continue_login(context, await context.run(entering))
