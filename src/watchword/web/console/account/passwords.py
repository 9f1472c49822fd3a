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
from watchword.web.console.frame.navigation import first_asked
from watchword.web.console.frame.paths import NEW_PASSWORD
from watchword.web.console.frame.request_context import Visit
from watchword.web.console.login import enrolment_code

CHANGE_PASSWORD: Final = "/change-password"


async def show_change(visit: Visit, refusal: Refusal | None = None) -> Response:
    """Return the page. Re-authentication comes first, so that no input is lost."""
    stored = await visit.hop(api_password.read, visit.app, visit.actor, visit.me.account)
    return _draw(
        visit,
        "change_password.html",
        _("Change Password"),
        refusal,
        has_api_password=stored.mac is not None,
        revoke_api=_revokes(visit),
    )


async def change(visit: Visit) -> Response:
    """Change the password."""
    if "current_password" not in visit.form:
        # This POST only answered "Confirm it is you", so show the form.
        return visit.go(CHANGE_PASSWORD)
    tokens = await visit.run(
        own_password.change(
            visit.app,
            visit.actor,
            visit.me,
            current=Secret(visit.field("current_password")),
            new=Secret(visit.field("new_password")),
            repeated=Secret(visit.field("repeat_new_password")),
            revokes_api_password=_revokes(visit),
        )
    )
    both, revoked = Notice.PASSWORD_CHANGED_API_TOO, tokens.api_password_revoked
    return await _changed(visit, tokens, "/", both if revoked else Notice.PASSWORD_CHANGED)


def _revokes(visit: Visit) -> bool:
    return "revoke_api" in visit.form


def _draw(
    visit: Visit, template: str, title: str, refusal: Refusal | None, **context: Any
) -> Response:
    if not reauthentication.is_recent(visit.app, visit.me):
        raise ProofNeeded
    return visit.draw(
        template,
        title,
        refusal=refusal,
        username=visit.me.account.username,
        shortest=visit.app.settings.password_min_length,
        **context,
    )


async def _changed(
    visit: Visit, tokens: NewTokens, page: str, notice: Notice = Notice.PASSWORD_CHANGED
) -> Response:
    visit.know_browser(tokens.browser)
    visit.take_token(tokens.session)
    enrolment_code.spare(visit, tokens.issued.browser)
    if tokens.issued.code is not None:
        said = flash.told(flash.stored(notice))
        return enrolment_code.draw(visit, tokens.issued.code, continue_url=page, notice=said)
    return await visit.go_and_say(page, notice)


async def show_new(visit: Visit, refusal: Refusal | None = None) -> Response:
    """Return the page that asks for a new password."""
    if not visit.me.account.must_change_password:
        return visit.go("/")
    title = _("Choose your password")
    return _draw(visit, "new_password.html", title, refusal, to=first_asked(visit))


async def choose_new(visit: Visit) -> Response:
    """Replace the password."""
    if "new_password" not in visit.form:
        return visit.go(NEW_PASSWORD)
    tokens = await visit.run(
        own_password.replace_given(
            visit.app,
            visit.actor,
            visit.me,
            new=Secret(visit.field("new_password")),
            repeated=Secret(visit.field("repeat_new_password")),
        )
    )
    return await _changed(visit, tokens, first_asked(visit))
