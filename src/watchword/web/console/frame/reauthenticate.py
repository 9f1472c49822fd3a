"""The re-authentication page, "Confirm it is you", before a sensitive action or page.

The page posts to the address of the action and repeats its fields, except secrets. After a correct
answer the action continues, and the server stores nothing in between. If a page requires the
re-authentication, a correct answer redirects to that page.
"""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from watchword.domain.errors import Invalid, Problem, ProofFailed, Refusal
from watchword.domain.secret import Secret
from watchword.i18n import _
from watchword.usecases.login import reauthentication
from watchword.usecases.login.reauthentication import Answer
from watchword.web.console.frame.navigation import page_of_action
from watchword.web.console.frame.request_context import RequestContext
from watchword.web.http import forms

PASSWORD: Final = "proof_password"
WITH: Final = "proof_with"
PAGE: Final = "proof_page"
"""Field that is sent if a page, not an action, requires the re-authentication."""
_OWN_FIELDS: Final = frozenset({PASSWORD, WITH, "totp_code", "recovery_code", forms.TOKEN_FIELD})


def is_answered(context: RequestContext) -> bool:
    """Return whether the form contains an answer."""
    return PASSWORD in context.form and WITH not in context.form


def is_asking_for_other_page(context: RequestContext) -> bool:
    """Return whether the form switches between code and recovery code."""
    return WITH in context.form


def page_to_open(context: RequestContext) -> str | None:
    """Return the page to open after a correct answer; None if an action continues."""
    return _asked(context) if PAGE in context.form else None


def _asked(context: RequestContext) -> str:
    """Return the address of the request with its query, which "Cancel" needs too."""
    path = str(context.request.scope["path"])
    query = context.request.scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


async def check(context: RequestContext) -> None:
    """Check the answer and continue with the re-authenticated session.

    Raises the refusals of reauthentication.give.
    """
    answer = Answer(
        password=Secret(context.field(PASSWORD)),
        code=context.field("totp_code"),
        recovery_code=context.field("recovery_code"),
        known_browser=context.browser.known,
    )
    context.principal = await context.run(
        reauthentication.give(context.app, context.actor, context.me, answer)
    )
    context.set_session_cookie(context.principal.new_token)


def draw(context: RequestContext, refusal: Refusal | None) -> Response:
    """Return the page, with the errors of a wrong answer."""
    by_recovery = context.field(WITH) == "recovery_code"
    if WITH not in context.form:
        by_recovery = "recovery_code" in context.form
    only_recovery = reauthentication.needs_recovery_code(context.app, context.me)
    needs_code = reauthentication.needs_code(context.me)
    if isinstance(refusal, ProofFailed) and not (needs_code or only_recovery):
        refusal = Invalid(Problem(PASSWORD, "wrong"))  # no code was asked, so do not mention one
    return context.draw(
        "confirm.html",
        _("Confirm it is you"),
        refusal=refusal,
        action=_asked(context),
        hidden=_carried(context),
        username=context.me.account.username,
        needs_code=needs_code,
        with_recovery=by_recovery or only_recovery,
        only_recovery=only_recovery,
        cancel_url=page_of_action(context),
    )


def _carried(context: RequestContext) -> dict[str, str]:
    """Return the fields of the action's form, without secrets and without this page's fields."""
    if context.request.method != "POST":
        return {PAGE: "yes"}
    return {
        name: value
        for name, value in context.form.items()
        if name not in _OWN_FIELDS and "password" not in name
    }
