"""Writes docs/reference/events.md: the meaning of every event of the audit log.

    .venv/bin/python -m tools.events_reference

A test fails while the page is out of date, or an event has no sentence.
"""

from __future__ import annotations

import re
from pathlib import Path

from watchword.domain.audit import AuditEvent, Interface
from watchword.domain.audit import AuditEvent as E
from watchword.domain.audit_categories import CATEGORIES
from watchword.web.console.frame import audit_sentences

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "events.md"
HEAD = """\
# Events of the audit log

The names are stable: filters, exports and alerts can rely on them. An event is written in the same
transaction as the change that it describes, so a change that was rolled back has no event.

Each event contains its time, the account that acted (`actor`), the account that was changed
(`subject`), the interface ({interfaces}), the client's address, the node (a host name), the
outcome, and further facts. No event contains a password, a code or a secret.

Read the events in the console's Audit Log, with `watchword audit list` and `watchword audit
export`, with `GET /api/v1/audit-events`, or in the server's log
([systemd.md](../how-to/systemd.md)). `watchword audit verify` checks whether the log was changed in
the database. Events are kept for `audit_retention_days` (400 days by default). To keep them for
longer, export them or collect them from the server's log.

The console shows each event as a sentence; where the sentence depends on the outcome or on a fact,
the table has all of them. In the sentences, `account` is the subject and `by` the actor.

| event | category | meaning | sentence |
|---|---|---|---|
"""
SENTENCES = {
    E.LOGIN: "An administrator logged in at the console, with every required factor.",
    E.LOGIN_AFTER_FAIL: "A login succeeded after failed attempts at the same account.",
    E.NEW_BROWSER: "An account was used in a browser in which it had not logged in before.",
    E.PASSWORD_OK: "The password of a login was correct; the second step follows.",
    E.PASSWORD_FAIL: "A login failed because of its username or password.",
    E.REFUSED_LOGINS: "Refused logins that were counted and not recorded, because there were more "
    "than 600 within an hour. One event per account, and one without an account for all other "
    "usernames. `addresses` has the five most frequent addresses with their counts.",
    E.SPRAYING: "Many usernames without an account were tried within a minute.",
    E.DEVICE_CLOSED: "After a hundred wrong passwords in a row, the account accepts passwords "
    "only from recognised browsers, or together with a recovery code.",
    E.LOGOUT: "An administrator logged out.",
    E.PASSWORD_CHANGED: "An administrator changed their own password.",
    E.PASSWORD_RESET: "The password of another account was set.",
    E.REAUTH_OK: 'The page "Confirm it is you" got correct credentials.',
    E.REAUTH_FAIL: 'The page "Confirm it is you" got wrong credentials.',
    E.ATTEMPT_CANCELLED: "A login was cancelled at its second step.",
    E.MFA_ENABLE: "MFA was enabled: its status is pending.",
    E.MFA_DISABLE: "MFA was disabled; the secret and the recovery codes were deleted.",
    E.MFA_RESET: "The secret was reset: its codes are invalid, the status is pending.",
    E.MFA_ENROL_STARTED: "A new secret was generated for a login or for Finish now.",
    E.MFA_ENROL_CODE_REQUIRED: "A login while MFA is pending was asked for the enrolment code.",
    E.MFA_ENROL_CODE_AWAITED: "Three logins with the correct password had no enrolment code.",
    E.MFA_ENROL_CODE_USED: "A correct enrolment code was entered.",
    E.MFA_ENROL_CODE_FAILED: "A wrong enrolment code was entered.",
    E.MFA_ENROL_CODE_VOID: "The enrolment code became invalid after too many wrong ones.",
    E.MFA_PENDING_EXPIRED: "MFA has been pending for two weeks; it stays pending.",
    E.MFA_ENROL_SHOWN: "The page with the QR code was shown.",
    E.MFA_ENROL_SHOWN_AGAIN: "The page with the QR code was shown for a second enrolment, or at a "
    "second address, since MFA became pending.",
    E.MFA_ENROL_FAILED: "The first code of an enrolment was wrong.",
    E.MFA_ENROL_CONFIRMED: "The first code of an enrolment was correct: MFA is active.",
    E.MFA_FAIL: "A wrong code was entered at a login.",
    E.MFA_FAILED_OUT: "A login was ended after too many wrong codes.",
    E.MFA_REPLAY: "A code was used a second time; it counts as a wrong code.",
    E.MFA_LOCKED: "After a hundred wrong codes in a row, the account accepts no code until the "
    "secret is reset.",
    E.MFA_MANY_FAILURES: "So many wrong codes were entered in 30 days that an attacker may know "
    "the password.",
    E.RECOVERY_GENERATED: "New recovery codes were generated; the previous ones are invalid.",
    E.RECOVERY_USED: "A login was completed with a recovery code.",
    E.RECOVERY_LOW: "The account has few recovery codes left.",
    E.RECOVERY_FAILED: "A wrong recovery code was entered.",
    E.API_PASSWORD_GENERATED: "An API password was generated. The previous one is invalid, or after "
    "`old_valid_hours`.",
    E.API_PASSWORD_REVOKED: "An API password was revoked.",
    E.API_PASSWORD_OLD_ENDED: "A replaced API password that was still accepted was ended.",
    E.API_PASSWORD_FIRST_USE: "An API password was used for the first time.",
    E.API_PASSWORD_NEW_NETWORK: "An API password was used from a new network.",
    E.BROWSER_FORGOTTEN: "A recognised browser of an account was removed; `browser` is its User-Agent.",
    E.API_AUTH_FAIL: "The Management API or the gateway refused credentials.",
    E.GATEWAY_FOREIGN_PEER: "A client that is not in `trusted_proxies` asked the gateway; at most one "
    "event for each address and day.",
    E.GATEWAY_ENTERED: "A browser entered an application: its first request after a login.",
    E.GATEWAY_REFUSED: "The gateway refused an account that may not enter the application.",
    E.SESSION_ENDED: "A session, or every session of an account, was ended.",
    E.ADMINISTRATOR_CREATED: "An account was created.",
    E.ADMINISTRATOR_CHANGED: "An account's full name or email address was changed.",
    E.ADMINISTRATOR_DISABLED: "An account was disabled: every interface refuses its credentials.",
    E.ADMINISTRATOR_ENABLED: "A disabled account was enabled again.",
    E.ADMINISTRATOR_DELETED: "An account was deleted.",
    E.ADMINISTRATOR_UNLOCKED: "The waits and locks after failed attempts were removed from an "
    "account. After a hundred wrong codes in a row, codes stay locked.",
    E.APPLICATION_CREATED: "An application behind the gateway was created.",
    E.APPLICATION_CHANGED: "An application was changed. `fields` names what, `admitted` who may "
    "enter since then, and `removed` who may no longer.",
    E.APPLICATION_ENABLED: "A disabled application was enabled.",
    E.APPLICATION_DISABLED: "An application was disabled: it admits no account.",
    E.APPLICATION_DELETED: "An application was deleted, with its grants and sessions.",
    E.ROLE_CHANGED: "A member became an administrator, or an administrator a member. The sessions "
    "ended and the API password was revoked.",
    E.MEMBER_CREATED: "A member was created.",
    E.MEMBER_DELETED: "A member was deleted.",
    E.GROUPS_CHANGED: "The groups of an account were replaced.",
    E.AUDIT_EXPORTED: "The audit log was exported.",
    E.AUDIT_PRUNED: "Events older than `audit_retention_days` were deleted, up to the number "
    "`through`.",
    E.AUDIT_CHAIN_BROKEN: "The server found that the log was changed in the database, from "
    "`event_id` on.",
    E.AUDIT_CHAIN_RESTARTED: "The chain of the log starts again with this event (`watchword audit "
    "resolve`).",
    E.AUDIT_CHAIN_ACCEPTED: "The chain is valid again, and the finding was removed (`watchword "
    "audit resolve`).",
    E.SESSION_LIMIT: "A login ended the oldest sessions of its account, because it had too many.",
    E.SESSION_NEW_NETWORK: "A session was used from a new network.",
    E.FIRST_RUN_LINK: "A link for the first administrator was printed.",
    E.KEY_ROTATED: "The encryption keys were rotated.",
    E.KEY_RETIRED: "An old key was removed; with the outcome `forced`, credentials ended with it.",
    E.DECRYPT_FAILED: "No key of this server could decrypt a stored value.",
    E.UNTRUSTED_PEER: "A login came with forwarding headers from an address that is not trusted.",
    E.SYSTEM_UPGRADED: "A newer version upgraded the database.",
    E.SYSTEM_BACKUP: "A backup was made.",
    E.SYSTEM_RESTORED: "A backup was restored; sessions and recovery codes were invalidated.",
}


def page() -> str:
    """Return the page."""
    interfaces = ", ".join(f"`{interface}`" for interface in Interface)
    return HEAD.format(interfaces=interfaces) + "".join(map(_row, AuditEvent))


def _row(event: AuditEvent) -> str:
    shown = audit_sentences.SENTENCES[event]
    sentences = [shown] if isinstance(shown, str) else shown.values()
    blanks = [re.sub(r"%\((\w+)\)s", r"*\1*", sentence) for sentence in sentences]
    cells = (f"`{event.value}`", CATEGORIES[event].value, SENTENCES[event], "<br>".join(blanks))
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    PAGE.write_text(page())
