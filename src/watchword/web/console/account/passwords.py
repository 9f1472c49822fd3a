"""Change Password, and the page that replaces a password set by another administrator."""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import Response

from watchword.domain.errors import ProofNeeded, Refusal
from watchword.domain.secret import Secret
from watchword.i18n import _
from watchword.usecases.account import own_password
from watchword.usecases.account.own_password import NewTokens
from watchword.usecases.api import api_password
from watchword.usecases.login import reauthentication
from watchword.web.console.frame import flash
from watchword.web.console.frame.flash import Notice
from watchword.web.console.frame.navigation import requested_target
from watchword.web.console.frame.paths import NEW_PASSWORD
from watchword.web.console.frame.request_context import RequestContext
from watchword.web.console.login import enrolment_code

CHANGE_PASSWORD: Final = "/change-password"


async def show_change(context: RequestContext, refusal: Refusal | None = None) -> Response:
    """Return the page. Re-authentication comes first, so that no input is lost."""
    stored = await context.in_thread(
        api_password.read, context.app, context.actor, context.me.account
    )
    return _draw(
        context,
        "change_password.html",
        _("Change Password"),
        refusal,
        has_api_password=stored.mac is not None,
        revoke_api=_revokes(context),
    )


async def change(context: RequestContext) -> Response:
    """Change the password."""
    if "current_password" not in context.form:
        # This POST only answered "Confirm it is you", so show the form.
        return context.redirect(CHANGE_PASSWORD)
    tokens = await context.run(
        own_password.change(
            context.app,
            context.actor,
            context.me,
            current=Secret(context.field("current_password")),
            new=Secret(context.field("new_password")),
            repeated=Secret(context.field("repeat_new_password")),
            revokes_api_password=_revokes(context),
        )
    )
    both, revoked = Notice.PASSWORD_CHANGED_API_TOO, tokens.api_password_revoked
    return await _changed(context, tokens, "/", both if revoked else Notice.PASSWORD_CHANGED)


def _revokes(context: RequestContext) -> bool:
    return "revoke_api" in context.form


def _draw(
    context: RequestContext, template: str, title: str, refusal: Refusal | None, **variables: Any
) -> Response:
    if not reauthentication.is_recent(context.app, context.me):
        raise ProofNeeded
    return context.draw(
        template,
        title,
        refusal=refusal,
        username=context.me.account.username,
        shortest=context.app.settings.password_min_length,
        **variables,
    )


async def _changed(
    context: RequestContext, tokens: NewTokens, page: str, notice: Notice = Notice.PASSWORD_CHANGED
) -> Response:
    context.set_browser_cookie(tokens.browser)
    context.set_session_cookie(tokens.session)
    enrolment_code.spare(context, tokens.issued.browser)
    if tokens.issued.code is not None:
        message = flash.message_of(flash.stored(notice))
        return enrolment_code.draw(context, tokens.issued.code, continue_url=page, notice=message)
    return await context.redirect_with_notice(page, notice)


async def show_new(context: RequestContext, refusal: Refusal | None = None) -> Response:
    """Return the page that asks for a new password."""
    if not context.me.account.must_change_password:
        return context.redirect("/")
    title = _("Choose your password")
    return _draw(context, "new_password.html", title, refusal, to=requested_target(context))


async def choose_new(context: RequestContext) -> Response:
    """Replace the password."""
    if "new_password" not in context.form:
        return context.redirect(NEW_PASSWORD)
    tokens = await context.run(
        own_password.replace_given(
            context.app,
            context.actor,
            context.me,
            new=Secret(context.field("new_password")),
            repeated=Secret(context.field("repeat_new_password")),
        )
    )
    return await _changed(context, tokens, requested_target(context))
