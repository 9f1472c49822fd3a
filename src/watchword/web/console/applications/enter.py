"""/enter: from the login at the console to an application on another host."""

from __future__ import annotations

from starlette.responses import Response

from watchword.domain.errors import ProofNeeded, Refusal
from watchword.domain.gateway_decision import Outcome, Rule
from watchword.i18n import _
from watchword.usecases.gateway import hand_over
from watchword.usecases.gateway.hand_over import Entering
from watchword.web.console.frame import paths
from watchword.web.console.frame.request_context import RequestContext

TICKET = "r"


async def show(context: RequestContext, refusal: Refusal | None = None) -> Response:
    """Return the page that opens the application, or says why it does not."""
    ticket = context.request.query_params.get(TICKET, "")
    entering = await context.in_thread(
        hand_over.enter, context.app, context.actor, context.me, ticket
    )
    decision, name = entering.decision, entering.application.name
    if entering.address:
        return context.draw(
            "enter.html", _("One moment"), refusal=refusal, href=entering.address, name=name
        )
    if decision.rule is Rule.LOGIN_TOO_OLD:
        raise ProofNeeded
    if decision.outcome is Outcome.STEP_UP:
        return _needs_mfa(context, entering)
    return context.draw(
        "not_permitted.html",
        _("You may not open this application"),
        status=403,
        refusal=refusal,
        name=name,
        username=context.me.account.username,
    )


def _needs_mfa(context: RequestContext, entering: Entering) -> Response:
    text = _("The application %(name)s needs MFA, and MFA of your account is not active. Set it up, "
             "then open the application again.", name=entering.application.name)  # fmt: skip
    link = (paths.YOUR_MFA_SETTINGS, _("Your MFA Settings"))
    return context.message(_("This application needs MFA"), text, status=403, link=link)
