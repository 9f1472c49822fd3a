"""Restriction of plain HTTP to trusted proxies whose clients use HTTPS."""

from __future__ import annotations

from starlette.types import Scope

from watchword.i18n import _
from watchword.web.http.request_scope import arrival_of


def refuses(scope: Scope) -> bool:
    """Return whether the request did not come over HTTPS to a trusted proxy."""
    came = arrival_of(scope)
    return not (came.is_from_proxy and came.scheme == "https")


def sentence() -> str:
    """Return the reason and the remedy."""
    return _("This interface accepts plain HTTP only from a trusted reverse proxy that sends "
             "X-Forwarded-Proto: https. Use the public address. If you set up the proxy, see the "
             "settings trusted_proxies and plain_http_behind_trusted_proxy.")  # fmt: skip
