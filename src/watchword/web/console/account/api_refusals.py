"""The panel of credentials that the Management API refused: on Overview and Your MFA Settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final

from starlette.responses import Response

from watchword.domain.api_password import Refused
from watchword.i18n import N_, _
from watchword.storage.api_refusals import ApiRefusal
from watchword.storage.credentials import StoredApiPassword
from watchword.usecases.api import api_password
from watchword.usecases.context import Watchword
from watchword.web.console.frame.client_names import client_name
from watchword.web.console.frame.request_context import RequestContext

DISMISS: Final = "/dismiss-refusals"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_WORDS: Final = MappingProxyType(
    {
        Refused.REGULAR: N_("MFA is on: this script still sends the regular password. Generate an "
                            "API password and use it there."),
        Refused.FORMER: N_("This script still sends an old API password. Generate a new one and "
                           "use it there."),
        Refused.NEWLINE: N_("A line break follows your password. Use printf instead of echo."),
        Refused.WRONG: N_("Wrong password."),
    }
)  # fmt: skip
_WITH_API_PASSWORD: Final = MappingProxyType(
    {
        Refused.REGULAR: N_("MFA is on: this script still sends the regular password. Use the API "
                            "password that was generated on %(time)s there. If you lost it, generate "
                            "a new one and let the current one stop working later."),
        Refused.FORMER: N_("This script still sends an old API password. Give it the current one, "
                           "which was generated on %(time)s."),
    }
)  # fmt: skip
"""Sentences while the account has an API password, which other scripts may use."""


def panel(
    app: Watchword, stored: StoredApiPassword, found: Sequence[ApiRefusal], *, wrong_too: bool
) -> dict[str, object]:
    """Return the panel's data. Overview leaves out wrong passwords: any client can send them."""
    shown = [each for each in found if wrong_too or each.kind is not Refused.WRONG]
    is_usable = stored.mac is not None and not api_password.is_expired(app, stored)
    words = {**_WORDS, **(_WITH_API_PASSWORD if is_usable else {})}
    return {
        "lines": [_line(each, words) for each in shown],
        "until": _number(shown),
        "generated_at": stored.created_at,
    }


def _line(each: ApiRefusal, words: Mapping[Refused, str]) -> dict[str, object]:
    return {
        "sentence": _(words[each.kind]),
        "address": each.address,
        "client": client_name(each.client),
        "user_agent": each.client,
        "count": each.count,
        "first_at": each.first_at,
        "last_at": each.last_at,
    }


def _number(shown: Sequence[ApiRefusal]) -> int:
    return max(((each.last_at - _EPOCH) // _MICROSECOND for each in shown), default=0)


async def dismiss_own(context: RequestContext) -> Response:
    """Dismiss on Overview."""
    return await _dismiss(context, wrong_too=False, page="/")


async def dismiss(context: RequestContext) -> Response:
    """Dismiss on Your MFA Settings."""
    return await _dismiss(context, wrong_too=True, page="/your-mfa-settings#api")


async def _dismiss(context: RequestContext, *, wrong_too: bool, page: str) -> Response:
    text = context.field("until")
    is_number = text.isascii() and text.isdecimal() and len(text) < 18
    until = _EPOCH + int(text if is_number else 0) * _MICROSECOND
    await context.in_thread(
        api_password.dismiss_refusals, context.app, context.me, until, wrong_too=wrong_too
    )
    return context.redirect(page)
