"""The enrolment page, with QR code and token, and the page that shows recovery codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import segno
from msgspec import Struct
from starlette.responses import Response

from watchword.domain import recovery_codes as recovery_code_rules
from watchword.domain.errors import CodeDrifted, CodeWrong, Refusal
from watchword.domain.secret import Secret
from watchword.i18n import _
from watchword.storage.audit_history import Showing
from watchword.usecases.mfa.enrolment import History, Showable
from watchword.web.console.frame.request_context import RequestContext
from watchword.web.http.file_names import file_name

QUIET_ZONE: Final = 4
"""White modules around the code (ISO/IEC 18004)."""
FEWEST_PIXELS: Final = 4
"""Per module. With fewer, scanners fail on screenshots, and so do some cameras."""
USUAL_SIDE: Final = 256


class QrCode(Struct, frozen=True):
    """The picture as a data URI, and its width in pixels."""

    src: str
    side: int


def qr_code(uri: Secret) -> QrCode:
    """Return the QR code as an SVG picture with whole pixels per module."""
    code = segno.make(uri.reveal(), error="l", micro=False)
    modules, _height = code.symbol_size(border=QUIET_ZONE)
    scale = max(FEWEST_PIXELS, USUAL_SIDE // int(modules))
    src = code.svg_data_uri(scale=scale, border=QUIET_ZONE, dark="#000", light="#fff")
    return QrCode(str(src), int(modules) * scale)


async def draw(
    context: RequestContext,
    shown: Showable,
    refusal: Refusal | None,
    *,
    username: str,
    attempt: str,
    action: str,
    cancel_url: str,
    in_login: bool,
) -> Response:
    """Return the enrolment page, with the server's time after a wrong code."""
    is_about_time = isinstance(refusal, CodeWrong | CodeDrifted)
    return context.draw(
        "mfa_setup.html",
        _("Set up MFA"),
        refusal=refusal,
        username=username,
        attempt=attempt,
        # In a worker thread: a large code takes 0.1 s.
        qr=await context.in_thread(qr_code, shown.otpauth_uri),
        issuer=shown.issuer,
        host=context.address,
        otpauth_uri=shown.otpauth_uri.reveal(),
        token_groups=list(shown.token_groups),
        action=action,
        cancel_url=cancel_url,
        in_login=in_login,
        server_time=context.app.clock.now() if is_about_time else None,
        has_earlier=shown.has_earlier,
        showings=_listed(shown.showings),
        pending_since=shown.pending_since,
    )


def _listed(showings: Sequence[Showing]) -> list[dict[str, object]]:
    return [{"at": s.at, "address": s.address} for s in showings]


def draw_recovery_codes(
    context: RequestContext,
    codes: Sequence[Secret],
    *,
    username: str,
    continue_url: str,
    is_replacement: bool = False,
    history: History | None = None,
) -> Response:
    """Return the page with new recovery codes, or with the replacement of a used one.

    `history` is that of an enrolment that has just been completed.
    """
    is_enrolled = history is not None
    history = history or History()
    created = context.app.clock.now()
    shown = context.times.exact(created).exact
    whose = {"name": username, "host": context.address, "created": shown}
    return context.draw(
        "recovery_codes.html",
        _("Recovery codes"),
        codes=[recovery_code_rules.written(code.reveal()) for code in codes],
        continue_url=continue_url,
        is_replacement=is_replacement,
        is_enrolled=is_enrolled,
        replaces=history.had_codes,
        showings=_listed(history.showings),
        username=username,
        file_name=file_name("watchword-recovery-codes", context.host, username, ending="txt"),
        file_title=_(
            "Watchword recovery codes for %(name)s on %(host)s, created %(created)s.", **whose
        ),
        host=context.address,
        created=created,
    )
