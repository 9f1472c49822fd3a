"""Writes docs/reference/events.md: every event of the audit log, with a sentence on each.

    .venv/bin/python -m tools.events_reference

A test fails while the page there is another one, or an event has no sentence.
"""

from __future__ import annotations

from pathlib import Path

from watchword.domain.audit import AuditEvent, Interface
from watchword.domain.audit import AuditEvent as E

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "events.md"
HEAD = """\
# Events of the audit log

The names are stable: filters, exports and alerts can rely on them. An event is written in the
transaction of what it tells of; what was undone has none. Each holds the time, who did it
(`actor`), to whose account (`subject`), through which interface ({interfaces}), from which address, on which
node (a host's name), the outcome, and facts of its own. No event holds a password, a code or a secret.

Where to read them: the console's Audit Log, `watchword audit list` and `audit export`,
`GET /api/v1/audit-events`, and the server's log ([systemd.md](../how-to/systemd.md)).
`watchword audit verify` tells whether the log was changed from outside. Events are kept for
`audit_retention_days`, 400 unless told otherwise; what has to be kept for longer is exported, or
collected from the server's log.

| event | what happened |
|---|---|
"""
SENTENCES = {
    E.LOGIN: "Somebody has logged in at the console, with all that was asked for.",
    E.LOGIN_AFTER_FAIL: "A login was right after wrong tries at the same account.",
    E.NEW_BROWSER: "It was a browser that this account had not logged in with before.",
    E.PASSWORD_OK: "A login's password was right; its second step comes next.",
    E.PASSWORD_FAIL: "A login failed at username or password.",
    E.REFUSED_LOGINS: "So many refused logins were counted and not recorded, because there were more "
    "than 600 within an hour. One for each account, and one without an account for all other names.",
    E.SPRAYING: "Many names that nobody has were tried within a minute.",
    E.DEVICE_CLOSED: "After a hundred wrong passwords in a row only known browsers are let in, and "
    "recovery codes with the password.",
    E.LOGOUT: "Somebody has pressed Logout.",
    E.PASSWORD_CHANGED: "Somebody has changed their own password.",
    E.PASSWORD_RESET: "Somebody has set another account's password.",
    E.REAUTH_OK: 'The page "Confirm it is you" was answered rightly.',
    E.REAUTH_FAIL: 'The page "Confirm it is you" was answered wrongly.',
    E.ATTEMPT_CANCELLED: "A login was cancelled at its second step.",
    E.MFA_ENABLE: "MFA was enabled: its status is pending.",
    E.MFA_DISABLE: "MFA was disabled; secret and recovery codes are gone.",
    E.MFA_RESET: "The secret was reset: its codes are dead, the status is pending.",
    E.MFA_ENROL_STARTED: "A secret was made to be shown, at a login or by Finish now.",
    E.MFA_ENROL_CODE_REQUIRED: "A login while pending was asked for the enrolment code.",
    E.MFA_ENROL_CODE_AWAITED: "Three logins with the right password had no enrolment code.",
    E.MFA_ENROL_CODE_USED: "The enrolment code was right.",
    E.MFA_ENROL_CODE_FAILED: "The enrolment code was wrong.",
    E.MFA_ENROL_CODE_VOID: "After too many wrong ones the enrolment code is void.",
    E.MFA_PENDING_EXPIRED: "MFA has been pending for two weeks; it stays pending.",
    E.MFA_ENROL_SHOWN: "The page with the QR code was shown.",
    E.MFA_ENROL_SHOWN_AGAIN: "It was shown for another set-up too, or at another address, since MFA "
    "became pending.",
    E.MFA_ENROL_FAILED: "The code that was to finish the enrolment was wrong.",
    E.MFA_ENROL_CONFIRMED: "The code was right: MFA is active, with the secret that was shown.",
    E.MFA_FAIL: "A code was wrong.",
    E.MFA_FAILED_OUT: "A login ended, because too many of its codes were wrong.",
    E.MFA_REPLAY: "A code was used a second time; it counts as a wrong one.",
    E.MFA_LOCKED: "After a hundred wrong codes in a row codes are not taken any more, until the "
    "secret is reset.",
    E.MFA_MANY_FAILURES: "There were so many wrong codes in 30 days that somebody may know the "
    "password.",
    E.RECOVERY_GENERATED: "Recovery codes were made; those before them are dead.",
    E.RECOVERY_USED: "A login was finished with a recovery code.",
    E.RECOVERY_LOW: "Few recovery codes are left.",
    E.RECOVERY_FAILED: "A recovery code was wrong.",
    E.API_PASSWORD_GENERATED: "An API password was made; the one before it is dead.",
    E.API_PASSWORD_REVOKED: "An API password was revoked.",
    E.API_PASSWORD_FIRST_USE: "An API password was used for the first time.",
    E.API_PASSWORD_NEW_NETWORK: "An API password was used from a network new to it.",
    E.API_AUTH_FAIL: "Credentials at the Management API were refused.",
    E.SESSION_ENDED: "A session, or all of an account, were ended by somebody.",
    E.ADMINISTRATOR_CREATED: "An account was created.",
    E.ADMINISTRATOR_CHANGED: "An account's full name or email was changed.",
    E.ADMINISTRATOR_DISABLED: "An account was disabled: nothing of it opens any interface.",
    E.ADMINISTRATOR_ENABLED: "A disabled account was enabled again.",
    E.ADMINISTRATOR_DELETED: "An account was deleted.",
    E.ADMINISTRATOR_UNLOCKED: "Waits and locks after wrong tries were taken off an account; "
    "codes closed by a hundred stay closed.",
    E.AUDIT_EXPORTED: "The audit log was exported.",
    E.AUDIT_PRUNED: "Events older than `audit_retention_days` were deleted, up to the number `through`.",
    E.AUDIT_CHAIN_BROKEN: "The server found that the log was changed from outside, from `event_id` on.",
    E.AUDIT_CHAIN_RESTARTED: "The log's chain begins again with this event (`watchword audit resolve`).",
    E.AUDIT_CHAIN_ACCEPTED: "The chain holds again, and the finding was removed (`watchword audit "
    "resolve`).",
    E.SESSION_LIMIT: "A login ended the oldest sessions of its account, which had too many.",
    E.SESSION_NEW_NETWORK: "A session was used from a network new to it.",
    E.FIRST_RUN_LINK: "A link for the first administrator was printed.",
    E.KEY_ROTATED: "Keys were rotated.",
    E.KEY_RETIRED: "An old key was dropped; with outcome forced, credentials ended with it.",
    E.DECRYPT_FAILED: "A stored value opened under no key of this server.",
    E.UNTRUSTED_PEER: "A header named another client, from an address that no setting trusts.",
    E.SYSTEM_UPGRADED: "A newer version has brought the database up to date.",
    E.SYSTEM_BACKUP: "A backup was made.",
    E.SYSTEM_RESTORED: "A backup was restored; sessions and recovery codes have ended.",
}


def page() -> str:
    """The whole page."""
    interfaces = ", ".join(f"`{interface}`" for interface in Interface)
    rows = [f"| `{event.value}` | {SENTENCES[event]} |\n" for event in AuditEvent]
    return HEAD.format(interfaces=interfaces) + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(page())
