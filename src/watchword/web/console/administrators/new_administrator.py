"""The page New Administrator."""

from __future__ import annotations

from starlette.responses import Response

from watchword.domain.errors import Problem, ProofNeeded, Refusal
from watchword.domain.input_text import trimmed, visible
from watchword.domain.secret import Secret
from watchword.i18n import _
from watchword.usecases import accounts
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.administrators import other_accounts
from watchword.usecases.login import reauthentication
from watchword.web.console.administrators import other_account
from watchword.web.console.frame.flash import Notice, message_of
from watchword.web.console.frame.list_query import list_query
from watchword.web.console.frame.request_context import RequestContext


async def show(
    context: RequestContext, refusal: Refusal | None = None, notice: Notice | None = None
) -> Response:
    """Return the page. Re-authentication comes first, so that the passwords are typed only once."""
    if not reauthentication.is_recent(context.app, context.me):
        raise ProofNeeded
    return context.draw(
        "administrator_new.html",
        _("New Administrator"),
        refusal=refusal,
        notice=message_of(notice) if notice else None,
        here=list_query(context),
        shortest=context.app.settings.password_min_length,
        values={name: context.field(name) for name in ("username", "full_name", "email")},
    )


async def create(context: RequestContext) -> Response:
    """Create an administrator, who must choose another password at the first login."""
    if "password" not in context.form:  # "Confirm it is you" does not repeat passwords
        return await show(context, notice=Notice.TYPE_PASSWORD_AGAIN)
    new = NewAdministrator(
        username=context.field("username"),
        full_name=trimmed(context.field("full_name")),
        email=visible(context.field("email")),
        password=Secret(context.field("password")),
        must_change_password=True,
    )
    if context.field("password") != context.field("repeat_password"):
        not_the_same = Problem("repeat_password", "not-the-same")
        await context.in_thread(accounts.demand_valid, context.app, new, [not_the_same])
    created = await context.run(other_accounts.create(context.app, other_account.by(context), new))
    return await other_account.to_page(context, Notice.ADMINISTRATOR_CREATED, created.username)
