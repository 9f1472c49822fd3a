"""The section "API Password" of the page Your MFA Settings."""

from __future__ import annotations

import re
import shlex
from datetime import timedelta

from msgspec.structs import replace

from watchword.config import address, is_plain
from watchword.domain.api_password import OVERLAPS
from watchword.i18n import _, ngettext
from watchword.storage.credentials import StoredApiPassword
from watchword.usecases.api import api_password
from watchword.web.console.account import api_password_notes
from watchword.web.console.frame.client_names import client_name
from watchword.web.console.frame.request_context import RequestContext

OVERLAP = "old_ends_in"
"""The field of the choice when the current API password ends, in hours."""
_HOUR = timedelta(hours=1)


def section(context: RequestContext, stored: StoredApiPassword) -> dict[str, object]:
    """Return the data of the section for the template."""
    old, curl = api_password.old_in_force(context.app, stored), _curl(context)
    return {
        **_of(context, stored),
        "note": api_password_notes.own(context.app, stored),
        "old_in_use": api_password_notes.old_in_use(context.app, stored) is not None,
        "exists": stored.mac is not None,
        "created_by": stored.created_by,
        "old": _of(context, old) | {"generation": old.generation} if old else None,
        "choices": [(overlap // _HOUR, _choice(overlap // _HOUR)) for overlap in OVERLAPS],
        "choice": OVERLAP,
        "url": api_url(context),
        "curl": " ".join(curl),
        # An address breaks before its path first.
        "curl_words": [re.split("(?=/api/)", word) for word in curl],
        "has_own_ca": _has_own_ca(context),
        "asks": not context.me.account.has_colon,
    }


def _of(context: RequestContext, each: StoredApiPassword) -> dict[str, object]:
    return {
        "hint": each.hint,
        "created_at": each.created_at,
        "last_used_at": each.last_used_at,
        "last_used_address": each.last_used_address,
        "client": client_name(each.last_used_client) if each.last_used_client else "",
        "expires_at": api_password.expires_at(context.app, each),
    }


def _choice(hours: int) -> str:
    if not hours:
        return _("immediately")
    return ngettext("in %(count)s hour", "in %(count)s hours", hours)


def chosen_overlap(context: RequestContext) -> timedelta:
    """Return the choice of the form; none for a form without one."""
    chosen = context.field(OVERLAP)
    return next((each for each in OVERLAPS if str(each // _HOUR) == chosen), OVERLAPS[0])


def api_url(context: RequestContext) -> str:
    """Return the address of the Management API, under the name of this request if no setting has
    one.
    """
    settings = context.app.settings
    listener = address(settings.api)
    scheme = "http" if is_plain(settings) else "https"
    reached = replace(listener, host=context.host or listener.host)
    return (settings.api_url or f"{scheme}://{reached}").rstrip("/")


def _has_own_ca(context: RequestContext) -> bool:
    settings = context.app.settings
    return not (is_plain(settings) or settings.tls_certificate)


def _curl(context: RequestContext) -> list[str]:
    """Return the words of a command line that asks for the password. With a colon in the username, curl would
    take the rest of the name as the password, so the line has a place for it.
    """
    account = context.me.account
    user = f"{account.username}:API_PASSWORD" if account.has_colon else account.username
    words = ["curl", *(["--cacert", "watchword-ca.crt"] if _has_own_ca(context) else []), "--user", user,
             f"{api_url(context)}/api/v1/whoami"]  # fmt: skip
    return [shlex.quote(word) for word in words]
