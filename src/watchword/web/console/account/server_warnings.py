"""Warnings about the server, shown to every administrator while their cause persists."""

from __future__ import annotations

from collections.abc import Iterator

from watchword.domain.audit import AuditEvent
from watchword.i18n import _, ngettext
from watchword.usecases.account.overview import Overview
from watchword.usecases.context import Watchword


def current_warnings(
    app: Watchword, found: Overview, *, is_rotation_unfinished: bool
) -> list[dict[str, str]]:
    """Return the current warnings, as sentences with an optional link; the kind of severe ones is
    "bad".
    """
    return [*_about_data(app, found), *_about_requests(found, is_rotation_unfinished)]


def _about_data(app: Watchword, found: Overview) -> Iterator[dict[str, str]]:
    if (event_id := found.broken_event_id) is not None:
        sentence = _("The audit log was changed in the database, from event %(event)s on. Find out "
                     "who can write to the database. Then run `watchword audit resolve` on the "
                     "server.", event=event_id)  # fmt: skip
        label = _("Audit Log")
        yield {"sentence": sentence, "href": "/audit-log", "label": label, "kind": "bad"}
    if found.administrators.usable == 1:
        sentence = _(
            "Only one administrator can log in. If that account is lost, no other can help."
        )
        label = _("System Administrators")
        yield {"sentence": sentence, "href": "/administrators", "label": label}
    if app.settings.insecure_plain_http_on_loopback:
        sentence = _("This server uses plain HTTP (insecure_plain_http_on_loopback). Use this only "
                     "to try things out on one machine.")  # fmt: skip
        yield {"sentence": sentence, "href": "", "label": ""}


def _about_requests(found: Overview, is_rotation_unfinished: bool) -> Iterator[dict[str, str]]:
    if peer := found.untrusted_peer:
        sentence = _("A login from %(peer)s had the headers of a reverse proxy, but the setting "
                     "trusted_proxies does not contain that address. If it is your proxy, add it. "
                     "Until then, all clients share its address in the log and in the limits for "
                     "failed logins.", peer=peer)  # fmt: skip
        href = f"/audit-log?event={AuditEvent.UNTRUSTED_PEER.value}"
        yield {"sentence": sentence, "href": href, "label": _("Audit Log")}
    if is_rotation_unfinished:
        sentence = _("A rotation of this server's keys is unfinished. Run `watchword keys rotate` on "
                     "the server to complete it.")  # fmt: skip
        yield {"sentence": sentence, "href": "", "label": ""}
    if refused := found.refused_origins:
        sentence = ngettext(
            "%(count)s request from another origin was refused in the last 24 hours. If forms fail "
            "behind a reverse proxy, the proxy changes the Host header: `watchword doctor` on the "
            "server shows both addresses.",
            "%(count)s requests from another origin were refused in the last 24 hours. If forms fail "
            "behind a reverse proxy, the proxy changes the Host header: `watchword doctor` on the "
            "server shows both addresses.",
            refused.count,
        )
        yield {"sentence": sentence, "href": "", "label": ""}
