"""The page Overview: warnings, banners and the account."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from starlette.responses import Response

from watchword.domain import recovery_codes as recovery_code_rules
from watchword.domain.enrolment_code import EnrolmentProof
from watchword.domain.errors import Refusal
from watchword.domain.mfa import Status
from watchword.i18n import N_, _, ngettext, number
from watchword.storage.audit_history import MOST_READ
from watchword.storage.counts import MOST_COUNTED
from watchword.usecases.account import overview
from watchword.usecases.account.overview import Overview
from watchword.usecases.mfa import enrolment_codes
from watchword.usecases.operations import key_rotation
from watchword.web.console.account import api_password_notes, api_refusals, login_chart
from watchword.web.console.account.banners import for_overview
from watchword.web.console.account.server_warnings import current_warnings
from watchword.web.console.frame.request_context import RequestContext
from watchword.web.http import cookies

SETTINGS: Final = "/your-mfa-settings"
_MOST_REMEMBERED: Final = 20
_MFA_OFF: Final = N_("MFA is off. Anyone with your password can log in as you.")


async def show(context: RequestContext, refusal: Refusal | None = None) -> Response:
    """Return the page."""
    account = context.me.account
    found = await context.in_thread(overview.read, context.app, context.actor, context.me)
    before = found.previous_login
    tour = found.is_new_to_mfa and str(account.id) not in _closed(context)
    rotating = await context.in_thread(key_rotation.is_unfinished, context.app)
    warnings = current_warnings(context.app, found, is_rotation_unfinished=rotating)
    attention = [*_attention(context, found, tour=tour), *warnings]
    attention.sort(key=lambda item: "kind" not in item)
    return context.draw(
        "overview.html",
        _("Overview"),
        refusal=refusal,
        username=account.username,
        full_name=account.full_name,
        last_login={"at": before.at, "address": before.address} if before else None,
        failures=found.failures,
        failures_are_minimum=found.failures >= MOST_READ,
        mfa_status=account.mfa.status.value,
        attention=attention,
        tour=tour,
        mfa_off=_(_MFA_OFF),
        news=for_overview(found.unseen, found.sessions),
        counts=found.administrators,
        most_counted=MOST_COUNTED,
        as_number=number,
        recovery_codes_left=found.recovery_codes_left,
        api_password=found.api_password,
        last_backup=found.last_backup,
        certificate_days=_certificate_days(context),
        is_sqlite=context.app.database.is_sqlite,
        chart=login_chart.chart(found.login_days),
        refusals=api_refusals.panel(
            context.app, found.api_password, found.api_refusals, wrong_too=False
        ),
    )


def _certificate_days(context: RequestContext) -> int | None:
    """Return the days until the server's certificate expires; None without one."""
    if context.not_after is None:
        return None
    return max(0, (context.not_after() - context.app.clock.now()) // timedelta(days=1))


def _attention(context: RequestContext, page: Overview, *, tour: bool) -> list[dict[str, str]]:
    """Return warnings about the administrator's account, as sentences with a link. The introduction
    to MFA (`tour`) contains the warning that MFA is off.
    """
    status = context.me.account.mfa.status
    found = []
    if status is Status.DISABLED and not tour:
        found.append(_(_MFA_OFF))
    if status is Status.PENDING and enrolment_codes.wanted(context.app) is EnrolmentProof.OFF:
        found.append(
            _("MFA is pending. Until you finish it, anyone with your password can set up their "
              "own phone. Finish it now.")
        )  # fmt: skip
    elif status is Status.PENDING:
        found.append(
            _("MFA is pending. It protects your account once you finish it. Finish it now.")
        )
    if status is Status.ACTIVE and page.recovery_codes_left <= recovery_code_rules.FEW:
        found.append(
            ngettext(
                "Only %(count)s recovery code is left. Generate new ones.",
                "Only %(count)s recovery codes are left. Generate new ones.",
                page.recovery_codes_left,
            )
        )
    if note := api_password_notes.own(context.app, page.api_password):
        found.append(note)
    return [{"sentence": s, "href": SETTINGS, "label": _("Your MFA Settings")} for s in found]


def _closed(context: RequestContext) -> list[str]:
    """Return the identifiers of accounts that closed the introduction to MFA in this browser."""
    return [
        number for number in context.cookies.get(cookies.TOUR, "").split(".") if number.isdecimal()
    ]


async def not_now(context: RequestContext) -> Response:
    """Close the introduction to MFA for this account in this browser."""
    me = str(context.me.account.id)
    others = [number for number in _closed(context) if number != me]
    value = ".".join([*others, me][-_MOST_REMEMBERED:])
    context.set_cookies.append(cookies.header(cookies.TOUR, value, life=cookies.LONGEST))
    return context.redirect("/")
