"""The page Your MFA Settings and its buttons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from starlette.responses import Response

from watchword.domain.errors import Refusal
from watchword.domain.mfa import Event, Status, is_allowed
from watchword.domain.secret import Secret
from watchword.i18n import _
from watchword.usecases.account import own_mfa, recovery_codes
from watchword.usecases.api import api_password
from watchword.usecases.mfa import enrolment, enrolment_codes
from watchword.usecases.mfa.enrolment import History
from watchword.web.console.account import api_password_section, api_refusals
from watchword.web.console.frame import flash
from watchword.web.console.frame.flash import Notice
from watchword.web.console.frame.request_context import RequestContext
from watchword.web.console.login import enrolment_code, mfa_setup

PATH = "/your-mfa-settings"
FINISH = PATH + "/finish"
FRESH_PASSWORD: Final = timedelta(hours=24)
"""Age up to which a password needs no advice to change it before MFA is enabled. An attacker who
knows the password could enrol a phone first.
"""


async def show(
    context: RequestContext, refusal: Refusal | None = None, new_api_password: Secret | None = None
) -> Response:
    """Return the page. `new_api_password` is shown in this response only."""
    account = context.me.account
    stored = await context.in_thread(api_password.read, context.app, context.actor, account)
    left, mark = await context.in_thread(recovery_codes.state, context.app, context.actor, account)
    refusals = await context.in_thread(api_password.refusals, context.app, context.actor, account)
    showings = await context.in_thread(enrolment.showings, context.app, context.actor, account)
    return context.draw(
        "your_mfa_settings.html",
        _("Your MFA Settings"),
        refusal=refusal,
        username=account.username,
        mfa=_mfa(context) | {"recovery_left": left, "recovery_mark": mark},
        showings=[
            {
                "at": s.at,
                "address": s.address,
                "is_here": bool(s.viewer.session) and s.viewer.session == context.actor.session_ref,
            }
            for s in showings
        ],
        api_password=api_password_section.section(context, stored),
        refusals=api_refusals.panel(context.app, stored, refusals, wrong_too=True),
        generation=stored.generation,
        new_api_password=new_api_password.reveal() if new_api_password else None,
        host=context.address,
        colon_in_name=account.has_colon,
    )


def _mfa(context: RequestContext) -> dict[str, object]:
    now = context.me.account.mfa
    age = context.app.clock.now() - context.me.account.password_set_at
    return {
        "begins_with_password": age >= FRESH_PASSWORD,
        "status": now.status.value,
        "enabled": now.is_enabled,
        "pending_since": now.pending_since,
        "activated_at": now.activated_at,
        "can_enable": is_allowed(now.status, Event.ENABLE),
        "can_disable": is_allowed(now.status, Event.DISABLE),
        "can_reset": is_allowed(now.status, Event.RESET),
        "finishable": is_allowed(now.status, Event.CONFIRM),
        "needs_code": enrolment_codes.wanted(context.app).value,
    }


async def enable(context: RequestContext) -> Response:
    """Enable MFA."""
    return await _change(context, Event.ENABLE, Notice.MFA_ENABLED)


async def disable(context: RequestContext) -> Response:
    """Disable MFA."""
    return await _change(context, Event.DISABLE, Notice.MFA_DISABLED)


async def reset_secret(context: RequestContext) -> Response:
    """Reset Secret."""
    return await _change(context, Event.RESET, Notice.SECRET_RESET)


async def _change(context: RequestContext, event: Event, notice: Notice) -> Response:
    changed = await context.in_thread(
        own_mfa.change_own, context.app, context.actor, context.me, event
    )
    issued = changed.issued
    context.set_browser_cookie(changed.browser)
    enrolment_code.spare(context, issued.browser)
    if issued.code is not None:
        message = flash.message_of(flash.stored(notice))
        return enrolment_code.draw(context, issued.code, continue_url=PATH, notice=message)
    return await context.redirect_with_notice(PATH, notice)


async def finish_now(context: RequestContext) -> Response:
    """Finish now: create the secret and redirect to the page that shows it."""
    await context.in_thread(enrolment.finish_now, context.app, context.actor, context.me)
    return context.redirect(FINISH)


async def show_finish(context: RequestContext, refusal: Refusal | None = None) -> Response:
    """Return the enrolment page inside a session. A reload shows the same secret."""
    if context.me.account.mfa.status is not Status.PENDING:
        return await show(context, refusal) if refusal else context.redirect(PATH)
    shown = await context.in_thread(
        enrolment.show, context.app, context.actor, context.me.account, context.me.enrolment_id,
        context.host,
    )  # fmt: skip
    return await mfa_setup.draw(
        context,
        shown,
        refusal,
        username=context.me.account.username,
        attempt=context.me.enrolment_id or "",
        action=FINISH,
        cancel_url=PATH,
        in_login=False,
    )


async def submit_finish(context: RequestContext) -> Response:
    """Check the first code, which activates MFA."""
    done = await context.in_thread(
        enrolment.confirm_now,
        context.app,
        context.actor,
        context.me,
        context.field("attempt"),
        context.field("totp_code"),
    )
    history = await context.in_thread(
        enrolment.history, context.app, context.actor, context.me.account, context.me.enrolment_id
    )
    context.set_browser_cookie(done.browser)
    return _draw_recovery_codes(context, done.recovery_codes, history)


async def generate_recovery_codes(context: RequestContext) -> Response:
    """Generate New Recovery Codes."""
    codes = await context.in_thread(
        recovery_codes.generate, context.app, context.actor, context.me, seen=_number(context)
    )
    return _draw_recovery_codes(context, codes)


def _draw_recovery_codes(
    context: RequestContext, codes: Sequence[Secret], history: History | None = None
) -> Response:
    username = context.me.account.username
    return mfa_setup.draw_recovery_codes(
        context, codes, username=username, continue_url=PATH, history=history
    )


async def generate_api_password(context: RequestContext) -> Response:
    """Generate New API Password: show it in this response only."""
    new = await context.in_thread(
        api_password.generate, context.app, context.actor, context.me, seen=_number(context),
        overlap=api_password_section.chosen_overlap(context),
    )  # fmt: skip
    return await show(context, new_api_password=new)


async def end_old_api_password(context: RequestContext) -> Response:
    """Stop It Now: end the replaced API password before its time."""
    await context.in_thread(
        api_password.end_old, context.app, context.actor, context.me, seen=_number(context)
    )
    return await context.redirect_with_notice(PATH, Notice.OLD_API_PASSWORD_ENDED)


async def revoke_api_password(context: RequestContext) -> Response:
    """Revoke API Password."""
    await context.in_thread(api_password.revoke, context.app, context.actor, context.me)
    return await context.redirect_with_notice(PATH, Notice.API_PASSWORD_REVOKED)


def _number(context: RequestContext) -> int:
    """Return the generation number of the form; -1 if it contains none."""
    text = context.field("generation")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else -1


BUTTONS: Final = {
    "enable": enable,
    "disable": disable,
    "reset-secret": reset_secret,
    "finish-now": finish_now,
    "generate-recovery-codes": generate_recovery_codes,
    "generate-api-password": generate_api_password,
    "revoke-api-password": revoke_api_password,
    "end-old-api-password": end_old_api_password,
    "dismiss-refusals": api_refusals.dismiss,
}
"""The page's buttons by the last segment of their path."""
