"""Pages for requests that are rejected before a handler runs."""

from __future__ import annotations

from starlette.responses import Response

from watchword.domain.errors import Busy
from watchword.i18n import _
from watchword.web.console.frame.request_context import RequestContext
from watchword.web.http import refusal_messages
from watchword.web.http.forms import BadForm


def from_elsewhere(context: RequestContext) -> Response:
    """Return the page for a form that another site or another address of this server sent."""
    return context.message(
        _("Please try again"),
        _("The form came from elsewhere, not from a page of this address. Nothing has been "
          "changed."),
        status=403,
        link=_back(context),
    )  # fmt: skip


def outdated(context: RequestContext) -> Response:
    """Return the page for a form whose token belongs to an earlier session or login page."""
    return context.message(
        _("Please try again"),
        _("This page was out of date: you have logged in or out since it was opened. Nothing has "
          "been changed."),
        status=403,
        link=_back(context),
    )  # fmt: skip


def _back(context: RequestContext) -> tuple[str, str]:
    return context.page, _("Back to the page")


def bad_form(context: RequestContext, bad: BadForm) -> Response:
    """Return the page for a body that is not a valid form."""
    sentences = {
        "media-type": _("This page accepts only forms that a browser sends."),
        "encoding": _("The form's text is not UTF-8."),
        "repeated-field": _("The form contains a field twice."),
        "too-many-fields": _("The form contains too many fields or is damaged."),
    }
    status = 415 if bad.problem == "media-type" else 400
    again = _("Nothing has been changed. Open the page again and resend the form.")
    return context.message(
        _("The form cannot be read"), sentences[bad.problem], again, status=status,
        link=_back(context),
    )  # fmt: skip


def codes_shown_before(context: RequestContext) -> Response:
    """Return the page for a repeated login form, sent after the recovery codes were shown."""
    return context.message(
        _("Recovery codes are shown once"),
        _("You are logged in. The recovery codes were shown once and cannot be shown again."),
        _('If you did not keep them, press "Generate New Recovery Codes" on Your MFA Settings.'),
        status=409,
        link=("/your-mfa-settings", _("Your MFA Settings")),
    )


def too_large(context: RequestContext) -> Response:
    """Return the page for a body above the size limit."""
    sentence = _("The form is larger than this page accepts.")
    again = _("Nothing has been changed. Open the page again and enter less text.")
    return context.message(_("Too large"), sentence, again, status=413, link=_back(context))


def busy(context: RequestContext) -> Response:
    """Return the page for a request that the end of the server interrupted."""
    row = refusal_messages.answer_for(Busy(retry_after=2))
    return context.message(row.title, row.sentence, status=row.status, retry_after=2)


def duplicate_cookies(context: RequestContext) -> Response:
    """Return the page for a request with a duplicate cookie."""
    return context.message(
        _("Duplicate cookies"),
        _("Your browser sent one of this server's cookies twice. Delete this server's cookies and "
          "log in again."),
        status=400,
    )  # fmt: skip
