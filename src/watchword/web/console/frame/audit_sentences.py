"""One sentence for each event of the audit log.

An event has one sentence, or several by key. A key is the name or a value of one of the event's facts
(such as its reason), its outcome, or one of the words below, or the name of a fact and OWN; `event_sentence` chooses. Blanks:
`account` (the subject), `by` (the actor, with the interface if it is not the console), `address`,
`client` (the User-Agent in words), and the event's facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from watchword.domain.audit import AuditEvent as E
from watchword.i18n import N_

NO_ACCOUNT: Final = "no account"
"""The event has no subject: the username does not exist."""
OWN: Final = "own"
"""The actor is the subject, or the actor was not logged in."""
PLAIN: Final = ""
"""No other key fits."""

SENTENCES: Final[Mapping[E, str | Mapping[str, str]]] = {
    # Logins
    E.LOGIN: {
        "pwd": N_("%(account)s logged in with password only."),
        "pwd otp": N_("%(account)s logged in with password and code."),
        "pwd rc": N_("%(account)s logged in with password and recovery code."),
        PLAIN: N_("%(account)s logged in."),
    },
    E.LOGIN_AFTER_FAIL: N_("%(account)s logged in. Failed attempts before: %(failures)s."),
    E.NEW_BROWSER: N_("%(account)s logged in with a new browser: %(client)s."),
    E.BROWSER_FORGOTTEN: {
        OWN: N_("%(account)s removed a browser from their recognised browsers: %(browser)s."),
        PLAIN: N_("%(by)s removed a browser from the recognised browsers of %(account)s: "
                  "%(browser)s."),
    },
    E.PASSWORD_OK: {
        "ask-code": N_("Login of %(account)s: correct password, then asked for a code."),
        "ask-enrolment-code": N_("Login of %(account)s: correct password, then asked for the "
                                 "enrolment code."),
        "show-secret": N_("Login of %(account)s: correct password, then asked to set up MFA."),
        PLAIN: N_("Login of %(account)s: correct password."),
    },
    E.PASSWORD_FAIL: {
        NO_ACCOUNT: N_("Login refused: the username does not exist."),
        "wrong-password": N_("Login of %(account)s refused: wrong password."),
        "disabled": N_("Login of %(account)s refused: the account is disabled."),
        "password-beside-recovery-code": N_("Login of %(account)s with a recovery code refused: "
                                            "wrong password."),
        PLAIN: N_("Login of %(account)s refused."),
    },
    E.REFUSED_LOGINS: {
        "addresses no account": N_("Further refused logins with usernames that do not exist: "
                                   "%(failures)s. Most of them came from: %(addresses)s."),
        "addresses": N_("Further refused logins of %(account)s: %(failures)s. Most of them came "
                        "from: %(addresses)s."),
        NO_ACCOUNT: N_("Further refused logins with usernames that do not exist: %(failures)s."),
        PLAIN: N_("Further refused logins of %(account)s: %(failures)s."),
    },
    E.SPRAYING: N_("Hundreds of usernames that do not exist were tried within a minute."),
    E.DEVICE_CLOSED: N_("New browsers are locked out of %(account)s after %(failures)s wrong "
                        "passwords in a row."),
    E.LOGOUT: N_("%(account)s logged out."),
    E.PASSWORD_CHANGED: N_("%(account)s changed their password."),
    E.PASSWORD_RESET: N_("%(by)s set a new password for %(account)s."),
    E.REAUTH_OK: N_("%(account)s confirmed their identity."),
    E.REAUTH_FAIL: N_("Confirmation of identity of %(account)s refused: wrong password or code."),
    E.ATTEMPT_CANCELLED: {
        NO_ACCOUNT: N_("A login was cancelled after the password."),
        PLAIN: N_("Login of %(account)s cancelled after the correct password."),
    },
    E.SESSION_ENDED: {
        "by-owner": N_("%(account)s ended one of their sessions."),
        "others-by-owner": N_("%(account)s ended their other sessions (%(count)s)."),
        "by-administrator": N_("%(by)s ended the sessions of %(account)s (%(count)s)."),
        "proof-failures": N_("A session of %(account)s was ended after too many wrong passwords or "
                             "codes."),
        PLAIN: N_("A session of %(account)s was ended."),
    },
    E.SESSION_LIMIT: N_("The oldest sessions of %(account)s (%(ended)s) were ended, because too many "
                        "were open."),
    E.SESSION_NEW_NETWORK: N_("A session of %(account)s was used from a new network: %(address)s."),
    E.UNTRUSTED_PEER: {
        NO_ACCOUNT: N_("A login had forwarding headers from %(address)s, which is not a trusted "
                       "proxy."),
        PLAIN: N_("A login of %(account)s had forwarding headers from %(address)s, which is not a "
                  "trusted proxy."),
    },
    # MFA
    E.MFA_ENABLE: {
        OWN: N_("%(account)s enabled MFA for their own account."),
        PLAIN: N_("%(by)s enabled MFA for %(account)s."),
    },
    E.MFA_DISABLE: {
        OWN: N_("%(account)s disabled MFA for their own account."),
        PLAIN: N_("%(by)s disabled MFA for %(account)s."),
    },
    E.MFA_RESET: {
        OWN: N_("%(account)s reset their own MFA secret."),
        PLAIN: N_("%(by)s reset the MFA secret of %(account)s."),
    },
    E.MFA_ENROL_STARTED: N_("%(account)s started to set up MFA."),
    E.MFA_ENROL_CODE_REQUIRED: N_("Login of %(account)s: asked for the enrolment code."),
    E.MFA_ENROL_CODE_AWAITED: N_("Three logins of %(account)s with the correct password were "
                                 "asked for the enrolment code and did not complete."),
    E.MFA_ENROL_CODE_USED: N_("%(account)s entered the correct enrolment code."),
    E.MFA_ENROL_CODE_FAILED: {
        "attempt-ended": N_("Login of %(account)s refused: it had expired or ended before the "
                            "enrolment code was entered."),
        PLAIN: N_("Login of %(account)s refused: wrong enrolment code."),
    },
    E.MFA_ENROL_CODE_VOID: N_("The enrolment code of %(account)s became invalid after too many "
                              "wrong ones."),
    E.MFA_PENDING_EXPIRED: N_("MFA of %(account)s has been pending for 14 days."),
    E.MFA_ENROL_SHOWN: N_("The QR code of %(account)s was shown."),
    E.MFA_ENROL_SHOWN_AGAIN: N_("The QR code of %(account)s was also shown in another login, or at "
                                "another address."),
    E.MFA_ENROL_FAILED: N_("MFA set-up of %(account)s refused: wrong code."),
    E.MFA_ENROL_CONFIRMED: N_("%(account)s set up an authenticator app. MFA is active."),
    E.MFA_FAIL: {
        "attempt-ended": N_("Login of %(account)s refused: it had expired or ended before the code "
                            "was entered."),
        PLAIN: N_("Login of %(account)s refused: wrong code."),
    },
    E.MFA_FAILED_OUT: N_("Login of %(account)s ended after too many wrong codes."),
    E.MFA_REPLAY: N_("Code of %(account)s refused: it was used before."),
    E.MFA_LOCKED: N_("The authenticator codes of %(account)s are locked after 100 wrong codes in a "
                     "row."),
    E.MFA_MANY_FAILURES: N_("60 wrong codes were entered with the correct password of %(account)s "
                            "in 30 days."),
    E.RECOVERY_GENERATED: {
        "1": N_("The used recovery code of %(account)s was replaced by a new one."),
        PLAIN: N_("%(count)s new recovery codes were generated for %(account)s."),
    },
    E.RECOVERY_USED: N_("A recovery code of %(account)s was used. Codes left: %(left)s."),
    E.RECOVERY_FAILED: {
        NO_ACCOUNT: N_("Login with a recovery code refused: the username does not exist."),
        PLAIN: N_("Login of %(account)s refused: wrong recovery code."),
    },
    E.RECOVERY_LOW: N_("%(account)s has few recovery codes left: %(left)s."),
    # API passwords
    E.API_PASSWORD_GENERATED: {
        "old_valid_hours own": N_("%(account)s generated an API password. The one before it stays "
                                  "valid for %(old_valid_hours)s h."),
        "old_valid_hours": N_("%(by)s generated an API password for %(account)s. The one before it "
                              "stays valid for %(old_valid_hours)s h."),
        OWN: N_("%(account)s generated an API password."),
        PLAIN: N_("%(by)s generated an API password for %(account)s."),
    },
    E.API_PASSWORD_REVOKED: {
        OWN: N_("%(account)s revoked their API password."),
        "key-retired": N_("The API password of %(account)s was revoked, because its encryption key "
                          "was removed."),
        "restored": N_("The API password of %(account)s was revoked, because a backup was "
                       "restored."),
        PLAIN: N_("%(by)s revoked the API password of %(account)s."),
    },
    E.API_PASSWORD_OLD_ENDED: {
        OWN: N_("%(account)s stopped their old API password."),
        PLAIN: N_("The old API password of %(account)s was ended, because its encryption key was "
                  "removed."),
    },
    E.API_PASSWORD_FIRST_USE: N_("The API password of %(account)s was used for the first time, from "
                                 "%(address)s by %(client)s."),
    E.API_PASSWORD_NEW_NETWORK: N_("The API password of %(account)s was used from a new network: "
                                   "%(address)s."),
    E.API_AUTH_FAIL: {
        NO_ACCOUNT: N_("API login refused: the username does not exist."),
        "password": N_("API login of %(account)s refused: wrong password."),
        "mfa-password": N_("API login of %(account)s refused: with MFA, only the API password "
                           "works."),
        "api-password": N_("API login of %(account)s refused: wrong API password."),
        "api-password-expired": N_("API login of %(account)s refused: the API password has "
                                   "expired."),
        PLAIN: N_("API login of %(account)s refused."),
    },
    E.GATEWAY_FOREIGN_PEER: N_("The gateway refused a request from %(address)s, which is not a "
                               "trusted proxy."),
    E.GATEWAY_ENTERED: N_("%(account)s entered the application %(application)s."),
    E.GATEWAY_REFUSED: {
        "api-passwords-not-accepted": N_("%(account)s was refused at the application "
                                         "%(application)s: it does not accept API passwords."),
        "administrators-api-passwords-not-accepted": N_(
            "%(account)s was refused at the application %(application)s: it does not accept API "
            "passwords of administrators."
        ),
        PLAIN: N_("%(account)s was refused at the application %(application)s: the account may not "
                  "enter."),
    },
    # Accounts
    E.ADMINISTRATOR_CREATED: {
        OWN: N_("The first administrator was created: %(account)s."),
        PLAIN: N_("%(by)s created the administrator %(account)s."),
    },
    E.ADMINISTRATOR_CHANGED: {
        OWN: N_("%(account)s changed their own name or email address."),
        "full_name": N_("%(by)s changed the full name of %(account)s."),
        "email": N_("%(by)s changed the email address of %(account)s."),
        PLAIN: N_("%(by)s changed full name and email address of %(account)s."),
    },
    E.ADMINISTRATOR_DISABLED: N_("%(by)s disabled the account %(account)s."),
    E.ADMINISTRATOR_ENABLED: {
        "unused_days": N_("%(by)s enabled the account %(account)s again, %(unused_days)s days after "
                          "its last use."),
        PLAIN: N_("%(by)s enabled the account %(account)s again."),
    },
    E.ADMINISTRATOR_DELETED: N_("%(by)s deleted the administrator %(account)s."),
    E.ADMINISTRATOR_UNLOCKED: N_("%(by)s unlocked the account %(account)s."),
    # Applications
    E.APPLICATION_CREATED: {
        "admitted": N_("%(by)s created the application %(application)s. It admits %(admitted)s."),
        PLAIN: N_("%(by)s created the application %(application)s. It admits no account yet."),
    },
    E.APPLICATION_CHANGED: {
        "admitted": N_("%(by)s changed the application %(application)s: it now also admits "
                       "%(admitted)s."),
        "removed": N_("%(by)s changed the application %(application)s: it no longer admits "
                      "%(removed)s."),
        PLAIN: N_("%(by)s changed the application %(application)s."),
    },
    E.APPLICATION_ENABLED: N_("%(by)s enabled the application %(application)s."),
    E.APPLICATION_DISABLED: N_("%(by)s disabled the application %(application)s. It admits no account."),
    E.APPLICATION_DELETED: N_("%(by)s deleted the application %(application)s."),
    E.ROLE_CHANGED: {
        "administrator": N_("%(by)s made %(account)s an administrator."),
        PLAIN: N_("%(by)s made %(account)s a member."),
    },
    E.MEMBER_CREATED: {
        "groups": N_("%(by)s created the member %(account)s in the groups %(groups)s."),
        PLAIN: N_("%(by)s created the member %(account)s."),
    },
    E.MEMBER_DELETED: N_("%(by)s deleted the member %(account)s."),
    E.GROUPS_CHANGED: {
        "groups": N_("%(by)s changed the groups of %(account)s to %(groups)s."),
        PLAIN: N_("%(by)s removed %(account)s from all groups."),
    },
    # System
    E.FIRST_RUN_LINK: N_("A link for the first administrator was printed."),
    E.AUDIT_EXPORTED: N_("%(by)s exported the audit log."),
    E.AUDIT_PRUNED: N_("Old events were deleted: %(count)s, up to number %(through)s."),
    E.AUDIT_CHAIN_BROKEN: N_("The audit log was changed in the database, from event %(event_id)s "
                             "on."),
    E.AUDIT_CHAIN_RESTARTED: N_("%(by)s restarted the chain of the audit log. Earlier events are "
                                "no longer checked."),
    E.AUDIT_CHAIN_ACCEPTED: N_("%(by)s resolved the change of the audit log. Its chain is valid "
                               "again."),
    E.KEY_ROTATED: {
        "prepared": N_("%(by)s prepared the encryption key %(new)s."),
        "begun": N_("%(by)s started to replace the encryption key %(old)s by %(new)s."),
        "failed": N_("%(by)s rotated the encryption keys. Stored values that no key decrypts: "
                     "%(broken)s."),
        PLAIN: N_("%(by)s rotated the encryption keys. Stored values under the key %(new)s: "
                  "%(rows)s."),
    },
    E.KEY_RETIRED: {
        "forced": N_("Credentials of %(account)s ended, because %(by)s removed an old encryption "
                     "key."),
        PLAIN: N_("%(by)s removed old encryption keys: %(keys)s."),
    },
    E.DECRYPT_FAILED: {
        NO_ACCOUNT: N_("No key of this server decrypts a stored value."),
        PLAIN: N_("No key of this server decrypts the MFA secret of %(account)s."),
    },
    E.SYSTEM_UPGRADED: N_("A new version upgraded the database from schema %(old)s to %(new)s."),
    E.SYSTEM_BACKUP: N_("%(by)s made a backup."),
    E.SYSTEM_RESTORED: {
        "copied_at": N_("%(by)s restored the backup of %(copied_at)s. Ended sessions: %(sessions)s. "
                        "Deleted recovery codes: %(recovery_codes)s."),
        PLAIN: N_("%(by)s restored a backup. Ended sessions: %(sessions)s. Deleted recovery codes: "
                  "%(recovery_codes)s."),
    },
}  # fmt: skip
