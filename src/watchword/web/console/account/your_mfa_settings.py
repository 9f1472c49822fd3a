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
from watchword.storage.audit_history import Showing
from watchword.storage.credentials import StoredApiPassword
from watchword.usecases.account import own_mfa, recovery_codes
from watchword.usecases.api import api_password
from watchword.usecases.mfa import enrolment, enrolment_codes
from watchword.web.console.account import api_password_notes, api_refusals
from watchword.web.console.frame import flash
from watchword.web.console.frame.flash import Notice
from watchword.web.console.frame.rendering import utc
from watchword.web.console.frame.request_context import Visit
from watchword.web.console.login import enrolment_code, mfa_setup

PATH = "/your-mfa-settings"
FINISH = PATH + "/finish"
FRESH_PASSWORD: Final = timedelta(hours=24)
"""Age up to which a password needs no advice to change it before MFA is enabled. An attacker who
knows the password could enrol a phone first.
"""


async def show(
    visit: Visit, refusal: Refusal | None = None, new_api_password: Secret | None = None
) -> Response:
    """Return the page. `new_api_password` is shown in this response only."""
    account = visit.me.account
    stored = await visit.hop(api_password.read, visit.app, visit.actor, account)
    left, mark = await visit.hop(recovery_codes.state, visit.app, visit.actor, account)
    refusals = await visit.hop(api_password.refusals, visit.app, visit.actor, account)
    showings = await visit.hop(enrolment.showings, visit.app, visit.actor, account)
    return visit.draw(
        "your_mfa_settings.html",
        _("Your MFA Settings"),
        refusal=refusal,
        username=account.username,
        mfa=_mfa(visit) | {"recovery_left": left, "recovery_mark": mark},
        showings=[{"at": utc(s.at), "address": s.address} for s in showings],
        api_password=_api_password(visit, stored),
        refusals=api_refusals.panel(refusals, wrong_too=True),
        generation=stored.generation,
        new_api_password=new_api_password.reveal() if new_api_password else None,
        host=visit.address,
        colon_in_name=account.has_colon,
    )


def _mfa(visit: Visit) -> dict[str, object]:
    now = visit.me.account.mfa
    age = visit.app.clock.now() - visit.me.account.password_set_at
    return {
        "begins_with_password": age >= FRESH_PASSWORD,
        "status": now.status.value,
        "enabled": now.is_enabled,
        "pending_since": utc(now.pending_since),
        "activated_at": utc(now.activated_at),
        "can_enable": is_allowed(now.status, Event.ENABLE),
        "can_disable": is_allowed(now.status, Event.DISABLE),
        "can_reset": is_allowed(now.status, Event.RESET),
        "finishable": is_allowed(now.status, Event.CONFIRM),
        "needs_code": enrolment_codes.wanted(visit.app).value,
    }


def _api_password(visit: Visit, stored: StoredApiPassword) -> dict[str, object]:
    return {
        "note": api_password_notes.own(visit.app, stored),
        "expires_at": utc(api_password.expires_at(visit.app, stored)),
        "exists": stored.mac is not None,
        "hint": stored.hint,
        "created_at": utc(stored.created_at),
        "created_by": stored.created_by,
        "last_used_at": utc(stored.last_used_at),
        "last_used_address": stored.last_used_address,
    }


async def enable(visit: Visit) -> Response:
    """Enable MFA."""
    return await _change(visit, Event.ENABLE, Notice.MFA_ENABLED)


async def disable(visit: Visit) -> Response:
    """Disable MFA."""
    return await _change(visit, Event.DISABLE, Notice.MFA_DISABLED)


async def reset_secret(visit: Visit) -> Response:
    """Reset Secret."""
    return await _change(visit, Event.RESET, Notice.SECRET_RESET)


async def _change(visit: Visit, event: Event, notice: Notice) -> Response:
    changed = await visit.hop(own_mfa.change_own, visit.app, visit.actor, visit.me, event)
    issued = changed.issued
    visit.know_browser(changed.browser)
    enrolment_code.spare(visit, issued.browser)
    if issued.code is not None:
        said = flash.told(flash.stored(notice))
        return enrolment_code.draw(visit, issued.code, continue_url=PATH, notice=said)
    return await visit.go_and_say(PATH, notice)


async def finish_now(visit: Visit) -> Response:
    """Finish now: create the secret and redirect to the page that shows it."""
    await visit.hop(enrolment.finish_now, visit.app, visit.actor, visit.me)
    return visit.go(FINISH)


async def show_finish(visit: Visit, refusal: Refusal | None = None) -> Response:
    """Return the enrolment page inside a session. A reload shows the same secret."""
    if visit.me.account.mfa.status is not Status.PENDING:
        return await show(visit, refusal) if refusal else visit.go(PATH)
    shown = await visit.hop(
        enrolment.show, visit.app, visit.actor, visit.me.account, visit.me.enrolment_id,
        visit.host,
    )  # fmt: skip
    return await mfa_setup.draw(
        visit,
        shown,
        refusal,
        username=visit.me.account.username,
        attempt=visit.me.enrolment_id or "",
        action=FINISH,
        cancel_url=PATH,
        in_login=False,
    )


async def submit_finish(visit: Visit) -> Response:
    """Check the first code, which activates MFA."""
    done = await visit.hop(
        enrolment.confirm_now,
        visit.app,
        visit.actor,
        visit.me,
        visit.field("attempt"),
        visit.field("totp_code"),
    )
    shown = await visit.hop(enrolment.showings, visit.app, visit.actor, visit.me.account)
    visit.know_browser(done.browser)
    return _draw_recovery_codes(visit, done.recovery_codes, shown)


async def generate_recovery_codes(visit: Visit) -> Response:
    """Generate New Recovery Codes."""
    codes = await visit.hop(
        recovery_codes.generate, visit.app, visit.actor, visit.me, seen=_number(visit)
    )
    return _draw_recovery_codes(visit, codes)


def _draw_recovery_codes(
    visit: Visit, codes: Sequence[Secret], showings: Sequence[Showing] = ()
) -> Response:
    username = visit.me.account.username
    return mfa_setup.draw_recovery_codes(
        visit, codes, username=username, continue_url=PATH, showings=showings
    )


async def generate_api_password(visit: Visit) -> Response:
    """Generate New API Password: show it in this response only."""
    new = await visit.hop(
        api_password.generate, visit.app, visit.actor, visit.me, seen=_number(visit)
    )
    return await show(visit, new_api_password=new)


async def revoke_api_password(visit: Visit) -> Response:
    """Revoke API Password."""
    await visit.hop(api_password.revoke, visit.app, visit.actor, visit.me)
    return await visit.go_and_say(PATH, Notice.API_PASSWORD_REVOKED)


def _number(visit: Visit) -> int:
    """Return the generation number of the form; -1 if it contains none."""
    text = visit.field("generation")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else -1


BUTTONS: Final = {
    "enable": enable,
    "disable": disable,
    "reset-secret": reset_secret,
    "finish-now": finish_now,
    "generate-recovery-codes": generate_recovery_codes,
    "generate-api-password": generate_api_password,
    "revoke-api-password": revoke_api_password,
    "dismiss-refusals": api_refusals.dismiss,
}
"""The page's buttons by the last segment of their path."""
