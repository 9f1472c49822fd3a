"""The pages New Administrator and New Member."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from watchword.domain.errors import Problem, ProofNeeded, Refusal
from watchword.domain.input_text import trimmed, visible
from watchword.domain.roles import Role, groups_of
from watchword.domain.secret import Secret
from watchword.i18n import _
from watchword.usecases import accounts
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.administrators import other_accounts, script_accounts
from watchword.usecases.login import reauthentication
from watchword.web.console.administrators import confirmed_actions, other_account
from watchword.web.console.frame import paths
from watchword.web.console.frame.flash import Notice, message_of
from watchword.web.console.frame.list_query import list_query
from watchword.web.console.frame.request_context import RequestContext

_TEXTS: Final = ("username", "full_name", "email", "groups")
_SCRIPT: Final = "script"
"""The box that makes the member a script account."""


async def show(
    context: RequestContext, refusal: Refusal | None = None, notice: Notice | None = None
) -> Response:
    """Return the page. Re-authentication comes first, so that the passwords are typed only once."""
    if not reauthentication.is_recent(context.app, context.me):
        raise ProofNeeded
    role = other_account.role(context)
    return context.draw(
        "administrator_new.html",
        _("New Administrator") if role is Role.ADMINISTRATOR else _("New Member"),
        refusal=refusal,
        notice=message_of(notice) if notice else None,
        here=list_query(context),
        shortest=context.app.settings.password_min_length,
        role=role.value,
        action=paths.new_of(role),
        is_script=_SCRIPT in context.form,
        values={name: context.field(name) for name in _TEXTS},
    )


async def create(context: RequestContext) -> Response:
    """Create an account, whose owner must choose another password at the first login. A script
    account gets an API password instead, which is shown once.
    """
    role = other_account.role(context)
    if role is Role.MEMBER and _SCRIPT in context.form:
        return await _create_script_account(context)
    if "password" not in context.form:  # "Confirm it is you" does not repeat passwords
        return await show(context, notice=Notice.TYPE_PASSWORD_AGAIN)
    new = NewAdministrator(
        username=context.field("username"),
        full_name=trimmed(context.field("full_name")),
        email=visible(context.field("email")),
        password=Secret(context.field("password")),
        must_change_password=True,
        role=role,
        groups=groups_of(context.field("groups")),
    )
    if context.field("password") != context.field("repeat_password"):
        not_the_same = Problem("repeat_password", "not-the-same")
        await context.in_thread(accounts.demand_valid, context.app, new, [not_the_same])
    created = await context.run(other_accounts.create(context.app, other_account.by(context), new))
    return await other_account.to_page(context, Notice.ADMINISTRATOR_CREATED, created.username)


async def _create_script_account(context: RequestContext) -> Response:
    new = NewAdministrator(
        username=context.field("username"),
        full_name=trimmed(context.field("full_name")),
        email=visible(context.field("email")),
        password=None,
        groups=groups_of(context.field("groups")),
    )
    by = other_account.by(context)
    made, secret = await context.in_thread(script_accounts.create, context.app, by, new)
    return confirmed_actions.show_api_password(context, made.username, secret)
