"""Banners on Overview: sentences for events of one's own account and of other accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from starlette.responses import Response

from watchword.domain.audit import AuditEvent as E
from watchword.domain.audit import Interface
from watchword.i18n import N_, _
from watchword.storage.banners import MOST, Happening
from watchword.usecases.audit import banners
from watchword.usecases.audit.banners import Unseen
from watchword.web.console.frame.client_names import client_name
from watchword.web.console.frame.request_context import RequestContext

PATH: Final = "/seen"
DISMISS: Final = "/seen/dismiss"
MOST_OPEN: Final = 10
"""Lines that are open. Older ones are in a closed <details>."""


OWN: Final = {
    E.MFA_ENABLE: N_("MFA was enabled on your account."),
    E.MFA_ENROL_SHOWN_AGAIN: N_("While MFA was pending, the QR code of your account was also shown in "
                                "another login, or at another address. If that was not you, change "
                                "your password."),
    E.MFA_ENROL_CONFIRMED: N_("An authenticator app was set up for your account; MFA is active."),
    E.MFA_ENROL_CODE_REQUIRED: N_("A login with your correct password was asked for the enrolment "
                                  "code and did not complete from that address. If that was not "
                                  "you, change your password."),
    E.MFA_PENDING_EXPIRED: N_("MFA has been pending on your account for 14 days."),
    E.MFA_RESET: N_("The secret of your account was reset. Its codes no longer work."),
    E.MFA_DISABLE: N_("MFA was disabled on your account."),
    E.MFA_FAILED_OUT: N_("Five wrong codes in a row were entered with your correct password. If "
                         "that was not you, change your password."),
    E.MFA_LOCKED: N_("Your authenticator codes are locked after 100 wrong codes in a row, until the "
                     "secret is reset. Log in with a recovery code, or ask another administrator to "
                     "reset it."),
    E.MFA_MANY_FAILURES: N_("60 wrong codes were entered with your correct password in 30 days, so "
                            "you had to choose another password."),
    E.RECOVERY_USED: N_("A recovery code of your account was used."),
    E.PASSWORD_CHANGED: N_("Your password was changed."),
    E.PASSWORD_RESET: N_("Your password was set by another administrator."),
    E.NEW_BROWSER: N_("New browser login: %(client)s."),
    E.DEVICE_CLOSED: N_("New browsers are locked out of your account after 100 wrong passwords in a "
                        "row. Use a browser you logged in with before, or a recovery code, until "
                        "another administrator unlocks the account."),
    E.API_PASSWORD_NEW_NETWORK: N_("Your API password was used from a new network."),
    E.API_PASSWORD_GENERATED: N_("An API password was generated for your account."),
    E.API_PASSWORD_REVOKED: N_("The API password of your account was revoked."),
    E.API_PASSWORD_OLD_ENDED: N_("Your old API password was stopped before its end."),
    E.ADMINISTRATOR_DISABLED: N_("Your account was disabled."),
    E.ADMINISTRATOR_ENABLED: N_("Your account was enabled again. It has no API password."),
    E.ROLE_CHANGED: N_("The role of your account was changed. Its API password was revoked."),
}  # fmt: skip
OTHERS: Final = {
    E.SPRAYING: N_("Several hundred logins within a minute had usernames that do not exist. An "
                   "attacker is guessing passwords."),
    E.MFA_ENABLE: N_("MFA was enabled on the account %(subject)s."),
    E.MFA_ENROL_CODE_AWAITED: N_("Three logins to %(subject)s with the correct password were asked for the "
                                 "enrolment code and did not complete. Ask %(subject)s whether they "
                                 "know of them."),
    E.MFA_ENROL_CODE_VOID: N_("The enrolment code of %(subject)s is no longer valid after 20 wrong "
                              "attempts. For a new one, disable MFA for the account and enable it "
                              "again."),
    E.MFA_PENDING_EXPIRED: N_("MFA has been pending on the account %(subject)s for 14 days."),
    E.MFA_RESET: N_("The secret of the account %(subject)s was reset."),
    E.MFA_DISABLE: N_("MFA was disabled on the account %(subject)s."),
    E.MFA_LOCKED: N_("The authenticator codes of %(subject)s are locked after 100 wrong codes in a "
                     "row, until the secret is reset."),
    E.MFA_MANY_FAILURES: N_("60 wrong codes were entered with the correct password of %(subject)s "
                            "in 30 days."),
    E.DEVICE_CLOSED: N_("New browsers are locked out of the account %(subject)s after 100 wrong "
                        "passwords in a row, until it is unlocked. Browsers that logged in before "
                        "and recovery codes still work."),
    E.RECOVERY_USED: N_("A recovery code of the account %(subject)s was used."),
    E.PASSWORD_RESET: N_("The password of the account %(subject)s was set."),
    E.ADMINISTRATOR_CREATED: N_("The administrator %(subject)s was created."),
    E.ADMINISTRATOR_DISABLED: N_("The account %(subject)s was disabled."),
    E.ADMINISTRATOR_ENABLED: N_("The account %(subject)s was enabled again."),
    E.ADMINISTRATOR_DELETED: N_("The administrator %(subject)s was deleted."),
    E.ROLE_CHANGED: N_("The role of the account %(subject)s was changed."),
    E.DECRYPT_FAILED: N_("This server's keys cannot decrypt a stored secret of the account "
                         "%(subject)s. Its codes do not work."),
    E.KEY_ROTATED: N_("The keys that protect stored secrets were rotated. The Audit Log shows the "
                      "result."),
    E.AUDIT_CHAIN_BROKEN: N_("The audit log was changed in the database, not by this server."),
    E.AUDIT_CHAIN_RESTARTED: N_("The audit log's chain was restarted after a change from outside. "
                                "Earlier events are no longer checked."),
    E.AUDIT_CHAIN_ACCEPTED: N_("The change of the audit log was resolved. Its chain is valid again."),
    E.SYSTEM_RESTORED: N_("This server's data was restored from a backup. Sessions, recovery codes "
                          "and unfinished enrolments have ended."),
}  # fmt: skip

_ACTIONS: Final[Mapping[E, tuple[str, str]]] = {
    **dict.fromkeys(
        (E.NEW_BROWSER, E.MFA_ENROL_SHOWN_AGAIN, E.MFA_ENROL_CODE_REQUIRED, E.MFA_FAILED_OUT),
        ("/change-password", N_("Change Password")),
    ),
    **dict.fromkeys(
        (E.RECOVERY_USED, E.MFA_ENROL_CONFIRMED, E.MFA_RESET, E.MFA_DISABLE, E.MFA_LOCKED),
        ("/your-mfa-settings", N_("Your MFA Settings")),
    ),
    **dict.fromkeys(
        (E.API_PASSWORD_NEW_NETWORK, E.API_PASSWORD_GENERATED),
        ("/your-mfa-settings#api", N_("API Password")),
    ),
}
"""Links of the events of one's own account, where the administrator can do something."""


def for_overview(unseen: Unseen, sessions: Mapping[datetime, int]) -> dict[str, object]:
    """Return the banners for the template of Overview. `sessions` are the account's other sessions,
    by the time of their login.
    """
    return {
        "own": _lines(unseen.own, OWN, sessions, is_full=unseen.own_is_full),
        "others": _lines(unseen.others, OTHERS, {}, is_full=unseen.others_is_full),
        "api_count": len(unseen.by_api),
        "api_is_minimum": len(unseen.by_api) == MOST,
        "api_newest": _line(unseen.by_api[0], {}, {}) if unseen.by_api else None,
        "newest_id": unseen.newest_id,
    }


def _lines(
    happenings: tuple[Happening, ...],
    sentences: Mapping[E, str],
    sessions: Mapping[datetime, int],
    *,
    is_full: bool,
) -> dict[str, object]:
    """Return all lines. "Mark as seen" must not remove a line that the page did not show."""
    lines = [_line(h, sentences, sessions) for h in happenings]
    return {
        "newest": lines[:MOST_OPEN],
        "older": lines[MOST_OPEN:],
        "is_full": is_full,
    }


def _line(
    happening: Happening, sentences: Mapping[E, str], sessions: Mapping[datetime, int]
) -> dict[str, object]:
    is_by_operator = happening.interface is Interface.CLI
    href, label = _ACTIONS.get(happening.event, ("", "")) if sentences is OWN else ("", "")
    is_login = happening.event is E.NEW_BROWSER
    return {
        "id": happening.id,
        "client": client_name(happening.user_agent) if happening.user_agent else "",
        "session": sessions.get(happening.at) if is_login else None,
        "href": href,
        "label": _(label) if label else "",
        # The template fills the blank, because the name needs markup.
        "sentence": _(sentences.get(happening.event, "")),
        "subject": happening.subject,
        "at": happening.at,
        "actor": happening.actor,
        "address": happening.address,
        "is_by_operator": is_by_operator,
    }


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


async def dismiss(context: RequestContext) -> Response:
    """Dismiss one banner."""
    event_id = _number(context.field("event"))
    await context.in_thread(banners.dismiss, context.app, context.me, event_id)
    return context.redirect("/#news")


async def mark_as_seen(context: RequestContext) -> Response:
    """Mark the shown banners as seen."""
    up_to = _number(context.field("up_to"))
    await context.in_thread(banners.put_away, context.app, context.me, up_to)
    return context.redirect("/")
