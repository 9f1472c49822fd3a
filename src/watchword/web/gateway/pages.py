"""Pages of the gateway. They are delivered on the host of an application, so they are complete in
themselves: one style element, whose hash the policy names, and no other resource.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Final

from markupsafe import Markup

from watchword import i18n
from watchword.domain.applications import Application
from watchword.domain.gateway_clients import Form
from watchword.domain.gateway_decision import LOGOUT_PATH, Decision, Outcome, Rule
from watchword.domain.original_request import Flaw, OriginalRequest
from watchword.i18n import _

_STYLE: Final = Markup(
    ":root{color-scheme:light dark}"
    "body{font:1rem/1.5 system-ui,sans-serif;margin:0;padding:2rem 1rem}"
    "main{max-width:36rem;margin-inline:auto;overflow-wrap:anywhere}"
    "h1{font-size:1.5rem;line-height:1.25}"
    "a{display:inline-block;padding:.5rem 1rem;border:1px solid;border-radius:.375rem}"
)
_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"
)
_PAGE: Final = Markup(
    '<!doctype html>\n<html lang="%(language)s">\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    "<title>%(title)s</title>\n<style>%(style)s</style>\n"
    "<main>\n<h1>%(title)s</h1>\n<p>%(text)s</p>\n%(link)s</main>\n</html>\n"
)


def fields(*, is_framed: bool) -> list[tuple[bytes, bytes]]:
    """Return the header fields of a page. Only the page for a frame may be shown in one."""
    policy = _POLICY if is_framed else f"{_POLICY}; frame-ancestors 'none'"
    return [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
    ]


def of(
    form: Form,
    decision: Decision,
    application: Application | None,
    request: OriginalRequest | Flaw,
) -> bytes:
    """Return the page of a refusal in the current language."""
    target = request.target if isinstance(request, OriginalRequest) else "/"
    if form is Form.TOP_PAGE:
        link = Markup('<p><a href="%s" target="_top">%s</a></p>\n') % (local(target), _("Log in"))
        text = _("This part of the page needs a login. It opens in the whole window.")
        return page(_("Log in"), text, link)
    if form is Form.RESUBMIT_PAGE:
        return page(_("Log in again"), _resubmit())
    if decision.outcome is Outcome.THROTTLED:
        return page(_("Too many failed attempts"), _throttled(decision))
    if decision.outcome is Outcome.UNAVAILABLE:
        text = _(
            "The server cannot check your login at the moment. Reload this page in a few seconds."
        )
        return page(_("Please try again"), text)
    return _denied(decision, application, request)


def _resubmit() -> str:
    return _("Your login has ended, so nothing was sent to the application. Log in at the same address "
             "in another tab. Then reload this page: your browser sends the form again.")  # fmt: skip


def _throttled(decision: Decision) -> str:
    return _("There were too many failed attempts from your network address. Try again in "
             "%(seconds)s seconds.", seconds=decision.retry_after)  # fmt: skip


def _denied(
    decision: Decision, application: Application | None, request: OriginalRequest | Flaw
) -> bytes:
    if decision.visitor is not None and application is not None:
        text = _("The account %(account)s may not enter %(application)s. Ask an administrator for "
                 "access, or use another account.", account=decision.visitor.username,
                 application=application.name)  # fmt: skip
        link = Markup('<p><a href="%s">%s</a></p>\n') % (LOGOUT_PATH, _("Use another account"))
        return page(_("You may not open this application"), text, link)
    reason = decision.rule.value
    if decision.rule is Rule.UNREADABLE_REQUEST and isinstance(request, Flaw):
        reason = f"{reason}: {request.value}"
    text = _("The gateway refused the request as the reverse proxy describes it. Reason: %(reason)s. "
             "The operator of this server finds the reasons in the documentation.",
             reason=reason)  # fmt: skip
    return page(_("This address cannot be opened"), text)


def local(target: str) -> str:
    """Return a path that a browser reads on the same host: "//x" would be another host."""
    return "/" + target.lstrip("/\\")


def page(title: str, text: str, link: Markup = Markup()) -> bytes:  # noqa: B008
    """Return a page in the current language."""
    blanks = {
        "language": i18n.current(), "title": title, "style": _STYLE, "text": text, "link": link,
    }  # fmt: skip
    return (_PAGE % blanks).encode()
