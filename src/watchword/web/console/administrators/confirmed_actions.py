"""Actions on another account with a confirmation page, "Confirm: ACTION for NAME"."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from starlette.responses import Response

from watchword.domain.enrolment_code import EnrolmentProof
from watchword.domain.errors import Busy, Invalid, Refusal
from watchword.domain.mfa import Event
from watchword.domain.roles import Role
from watchword.domain.secret import Secret
from watchword.i18n import N_, _
from watchword.usecases.administrators import (
    account_usage,
    other_accounts,
    other_credentials,
    role_changes,
    script_accounts,
)
from watchword.usecases.administrators.account_usage import Usage
from watchword.usecases.administrators.authorization import Changed
from watchword.usecases.api import api_password
from watchword.usecases.mfa import enrolment_codes
from watchword.web.console.administrators import account_page, other_account
from watchword.web.console.frame import flash, paths
from watchword.web.console.frame.flash import Also, Notice
from watchword.web.console.frame.list_query import list_query
from watchword.web.console.frame.navigation import page_of_action
from watchword.web.console.frame.request_context import Act, RequestContext
from watchword.web.console.login import enrolment_code

_REVOKE: Final = "revoke_api"
_WITH_BOX: Final = frozenset({"reset-secret", "disable-mfa", "set-password"})


async def show(
    context: RequestContext, refusal: Refusal | None = None, notice: flash.Message | None = None
) -> Response:
    """Return the confirmation page: consequences, credentials in use, and the button.

    Invalid input is reported on this page. Any other refusal means that the account has changed,
    so it is shown on the account's page.
    """
    if refusal is not None and not isinstance(refusal, Invalid | Busy):
        return await account_page.show(context, refusal)
    act = context.request.scope["path"].rpartition("/")[2]
    name = other_account.name(context)
    usage = await context.in_thread(
        account_usage.before, context.app, context.actor, context.me, name, act,
        other_account.role(context),
    )  # fmt: skip
    username, label = usage.account.username, _(LABELS[act])
    short = flash.shortened(username)
    return context.draw(
        "administrator_confirm.html",
        _("Confirm: %(act)s for %(name)s", act=label, name=short),
        refusal=refusal,
        notice=notice,
        act=act,
        label=label,
        generation=usage.api_password.generation,
        role=usage.account.role.value,
        action=context.request.scope["path"],
        username=username,
        here=list_query(context),
        cancel_url=page_of_action(context),
        shortest=context.app.settings.password_min_length,
        has_box=act in _WITH_BOX and usage.api_password.mac is not None,
        issues_code=enrolment_codes.wanted(context.app) is not EnrolmentProof.OFF,
        **_usage(context, usage),
    )


def _usage(context: RequestContext, usage: Usage) -> dict[str, Any]:
    """Return the credentials in use, and whether the box is ticked.

    The box is ticked unless the API password is in use. After a refusal it is as it was sent.
    """
    stored, sessions = usage.api_password, usage.sessions
    is_ticked = not usage.api_password_in_use
    return {
        "mfa_enabled": usage.account.mfa.is_enabled,
        "has_api_password": stored.mac is not None,
        "api_password_in_use": usage.api_password_in_use,
        "regular_password_in_use": usage.regular_password_in_use,
        "revokes": _REVOKE in context.form if context.request.method == "POST" else is_ticked,
        "api_used": _use(usage.api_used.last_used_at, usage.api_used.last_used_address),
        "regular_used": _use(stored.regular_used_at, stored.regular_used_address),
        "sessions": len(sessions),
        "seen": _use(sessions[0].last_seen_at, sessions[0].address) if sessions else None,
    }


def _use(at: datetime | None, address: str) -> dict[str, object] | None:
    return {"at": at, "address": address} if at else None


async def set_password(context: RequestContext) -> Response:
    """Set a password, which its owner must replace at the next login."""
    if "new_password" not in context.form:  # "Confirm it is you" does not repeat passwords
        return await show(context, notice=flash.message_of(Notice.TYPE_PASSWORD_AGAIN))
    setting = other_accounts.set_password(
        context.app,
        other_account.by(context),
        other_account.name(context),
        Secret(context.field("new_password")),
        repeated=Secret(context.field("repeat_new_password")),
        revokes_api_password=_REVOKE in context.form,
    )
    changed = await context.run(setting)
    code_ended = enrolment_codes.ends_with_the_password(context.app, changed.account)
    notice = Notice.PASSWORD_SET_CODE_ENDED if code_ended else Notice.PASSWORD_SET
    return await other_account.to_page(context, notice, changed.account.username, _also(changed))


def _also(changed: Changed) -> Also | None:
    return Also.API_PASSWORD_REVOKED if changed.api_password_revoked else None


def _mfa(event: Event, notice: Notice) -> Act:
    async def act(context: RequestContext) -> Response:
        changed = await context.in_thread(
            other_credentials.change_mfa,
            context.app,
            other_account.by(context),
            other_account.name(context),
            event,
            keep_api_password=_REVOKE not in context.form,
        )
        username, also = changed.account.username, _also(changed)
        if changed.enrolment_code is None:
            return await other_account.to_page(context, notice, username, also)
        message = flash.message_of(flash.stored(notice, username, also))
        back = page_of_action(context)
        return enrolment_code.draw(context, changed.enrolment_code, back, username, message)

    return act


async def disable(context: RequestContext) -> Response:
    """Disable an account. Its API password is refused, and deleted when it is enabled again."""
    app, username = context.app, other_account.name(context)
    account = await context.in_thread(
        other_accounts.disable, app, other_account.by(context), username
    )
    stored = await context.in_thread(api_password.read, app, context.actor, account)
    also = Also.API_PASSWORD_ENDED if stored.mac is not None else None
    return await other_account.to_page(context, Notice.ACCOUNT_DISABLED, username, also)


async def lock_down(context: RequestContext) -> Response:
    """Disable an account, end its sessions and revoke its API password."""
    changed = await context.in_thread(
        other_accounts.lock_down,
        context.app,
        other_account.by(context),
        other_account.name(context),
    )
    username = changed.account.username
    return await other_account.to_page(context, Notice.LOCKED_DOWN, username, _also(changed))


async def delete(context: RequestContext) -> Response:
    """Delete an account."""
    username = other_account.name(context)
    await context.in_thread(other_accounts.delete, context.app, other_account.by(context), username)
    return await other_account.to_list(context, Notice.DELETED, username)


def _role(to: Role, notice: Notice) -> Act:
    async def act(context: RequestContext) -> Response:
        changed = await context.in_thread(
            role_changes.change,
            context.app,
            other_account.by(context),
            other_account.name(context),
            to,
        )
        username = changed.account.username
        page, also = paths.of_account(username, to), _also(changed)
        return await context.redirect_with_notice(page, notice, username, also)

    return act


async def generate_api_password(context: RequestContext) -> Response:
    """Generate the API password of a script account, and show it once."""
    text = context.field("generation")
    seen = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1
    username = other_account.name(context)
    secret = await context.in_thread(
        script_accounts.generate_api_password, context.app, other_account.by(context), username,
        seen=seen,
    )  # fmt: skip
    return show_api_password(context, username, secret)


def show_api_password(context: RequestContext, username: str, secret: Secret) -> Response:
    """Return the page with the API password of a script account, which is shown once."""
    return context.draw(
        "script_account.html",
        _("API Password of %(name)s", name=flash.shortened(username)),
        username=username,
        new_api_password=secret.reveal(),
        continue_url=list_query(context).at(paths.of_account(username, Role.MEMBER)),
    )


def simple(use_case: Callable[..., object], notice: Notice) -> Act:
    """Return an action that consists of one use-case and one notice."""

    async def act(context: RequestContext) -> Response:
        username = other_account.name(context)
        await context.in_thread(use_case, context.app, other_account.by(context), username)
        return await other_account.to_page(context, notice, username)

    return act


CONFIRMED: Final = {
    "enable-mfa": _mfa(Event.ENABLE, Notice.OTHERS_MFA_ENABLED),
    "disable-mfa": _mfa(Event.DISABLE, Notice.OTHERS_MFA_DISABLED),
    "reset-secret": _mfa(Event.RESET, Notice.OTHERS_SECRET_RESET),
    "set-password": set_password,
    "revoke-api-password": simple(
        other_credentials.revoke_api_password, Notice.OTHERS_API_PASSWORD_REVOKED
    ),
    "end-sessions": simple(other_credentials.end_sessions, Notice.SESSIONS_ENDED),
    "disable": disable,
    "lock-down": lock_down,
    "delete": delete,
    role_changes.ACTS[Role.ADMINISTRATOR]: _role(Role.ADMINISTRATOR, Notice.MADE_ADMINISTRATOR),
    role_changes.ACTS[Role.MEMBER]: _role(Role.MEMBER, Notice.MADE_MEMBER),
    script_accounts.GENERATE: generate_api_password,
}
"""The actions by the last segment of their path."""
_ONLY_FOR: Final = {
    role_changes.ACTS[Role.ADMINISTRATOR]: Role.MEMBER,
    role_changes.ACTS[Role.MEMBER]: Role.ADMINISTRATOR,
    script_accounts.GENERATE: Role.MEMBER,
}
"""The role of the accounts that an action is for; both for the others."""


def of_role(role: Role) -> dict[str, Act]:
    """Return the actions on accounts of a role."""
    return {act: do for act, do in CONFIRMED.items() if _ONLY_FOR.get(act, role) is role}


LABELS: Final = {
    "enable-mfa": N_("Enable MFA"),
    "disable-mfa": N_("Disable MFA"),
    "reset-secret": N_("Reset Secret"),
    "set-password": N_("Set Password"),
    "revoke-api-password": N_("Revoke API Password"),
    "end-sessions": N_("End Sessions"),
    "disable": N_("Disable Account"),
    "lock-down": N_("Lock Down Account"),
    "delete": N_("Delete"),
    "make-administrator": N_("Make Administrator"),
    "make-member": N_("Make Member"),
    "generate-api-password": N_("Generate API Password"),
}
"""The labels of their buttons."""
