"""Status, title and sentence of each refusal at the console and the API.

A page shows the sentence; a problem document (RFC 9457) contains code, title and detail. Each
refusal that a person or a script can receive has a row, and no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from watchword.domain import application_errors as a
from watchword.domain import errors as e
from watchword.domain import operational_errors as place
from watchword.domain.errors import Refusal
from watchword.i18n import N_, _, ngettext


class Answer(Struct, frozen=True):
    """Status, title and sentence. Both texts are marked for translation in the table."""

    status: int
    title: str
    sentence: str


_BY_ADDRESS = N_("Too many failed attempts from your network address. Please wait %(wait)s, then "
                 "try again.")  # fmt: skip
_STATUSES = (N_("disabled"), N_("pending"), N_("active"))
"""Values of the blank %(status)s, marked for translation."""
_BUSY = N_("The server is busy right now. Please try again in %(retry_after)s seconds.")

ANSWERS: Mapping[type[Refusal], Answer] = MappingProxyType(
    {
        e.LoginFailed: Answer(
            422, N_("Not logged in"), N_("Incorrect username or password.")
        ),
        e.AttemptEnded: Answer(
            409,
            N_("Please log in again"),
            N_("This login attempt has ended. Start again with your username and password."),
        ),
        e.StartedAgainElsewhere: Answer(
            409, N_("You started again"), N_("You started again in another tab. This is the "
            "current step. If it shows a QR code, scan this one: earlier ones are no longer valid.")
        ),
        e.FormStale: Answer(
            403, N_("Please try again"), N_("This page was out of date. Nothing has been "
            "changed. Please fill in the form again.")
        ),
        e.CookieMissing: Answer(
            403, N_("Please try again"), N_("Your browser did not send the cookie of this page. "
            "Nothing has been changed. Please fill in the form again. If this message appears "
            "again, allow cookies for this server in your browser.")
        ),
        e.CodeMalformed: Answer(
            422, N_("Not a code"), N_("A code has six digits. Enter the one that your "
                                      "authenticator app shows now.")
        ),
        e.CodeWrong: Answer(
            422,
            N_("Incorrect code"),
            N_("Incorrect code. Enter the code that your app shows now."),
        ),
        e.CodeDrifted: Answer(
            422, N_("Your phone's clock is wrong"), N_("Your phone's clock is about %(drift)s. "
            "Correct it, then enter the new code.")
        ),
        e.RecoveryCodeMalformed: Answer(
            422, N_("Not a recovery code"), N_("A recovery code has 24 letters and digits, in "
                                               "six groups of four.")
        ),
        e.RecoveryCodeWrong: Answer(
            422, N_("Incorrect recovery code"), N_("The recovery code is incorrect or was used "
                                                   "before.")
        ),
        e.LoginByRecoveryCodeFailed: Answer(
            422, N_("Not logged in"), N_("Incorrect username, password or recovery code. A "
            "recovery code works only once. A refused recovery code is not used up.")
        ),
        e.EnrolmentCodeMalformed: Answer(
            422, N_("Not an enrolment code"), N_("An enrolment code has 12 letters and digits, "
                                                 "in three groups of four.")
        ),
        e.EnrolmentCodeWrong: Answer(
            422, N_("Incorrect enrolment code"), N_("The enrolment code is incorrect, was used "
            "before, or is older than three days. For a new one, ask another administrator to "
            "disable MFA on your account and to enable it again.")
        ),
        e.NotAnAdministrator: Answer(
            403, N_("Not for members"), N_("Only administrators may do this. Your account is a "
                                           "member.")
        ),
        e.NoSuchMember: Answer(
            404, N_("No such member"), N_("No member has this username. The account may have been "
                                    "deleted.")
        ),
        e.PasswordMissing: Answer(
            409, N_("No password"), N_("The account %(username)s has no password, and an "
                                       "administrator needs one. Set a password first.")
        ),
        e.HasPassword: Answer(
            409, N_("The account has a password"), N_("The owner of the account %(username)s "
            "generates the API password, on Your MFA Settings.")
        ),
        e.ProofFailed: Answer(
            422, N_("Not confirmed"), N_("Incorrect password or code. Nothing has been changed.")
        ),
        e.ProofNeeded: Answer(
            403, N_("Confirm it is you"), N_("Please confirm that it is you.")
        ),
        e.SessionEnded: Answer(
            403, N_("You have been logged out"), N_("Your session was ended. Please log in "
                                                  "again.")
        ),
        e.Throttled: Answer(
            429,
            N_("Too many failed attempts"),
            N_("Too many failed attempts. Please wait %(wait)s, then try again, or ask another "
               "administrator to unlock the account."),
        ),
        e.LoginInProgress: Answer(
            429,
            N_("Another login is being checked"),
            N_("Another login of this account is being checked. Please try again in a second."),
        ),
        e.TooManyRequests: Answer(
            429,
            N_("Too many requests"),
            N_("This credential has made more requests within a minute than the setting "
               "api_requests_per_minute allows. Please wait %(wait)s."),
        ),
        e.CodeClosed: Answer(
            429,
            N_("Authenticator codes are locked"),
            N_("Codes are locked after 100 wrong codes in a row, until the secret is reset. Use a "
               "recovery code, or ask another administrator to reset the secret."),
        ),
        e.CodeUnavailable: Answer(
            422,
            N_("Codes cannot be checked"),
            N_("This server cannot read your account's secret, so it cannot check a code. Use a "
               "recovery code, or ask another administrator to reset the secret."),
        ),
        e.Busy: Answer(503, N_("Busy"), _BUSY),
        e.NotInThisState: Answer(
            409, N_("Not allowed in this state"), N_("Not allowed while MFA is %(status)s. "
                                                     "Nothing has been changed.")
        ),
        e.ChangedMeanwhile: Answer(
            409, N_("Conflicting change"), N_("Someone else changed this at the same time. "
            "Nothing has been done. Check the current state and decide again.")
        ),
        e.AlreadyGenerated: Answer(
            409, N_("Already generated"), N_("This button was pressed before, so nothing new "
            "was generated. The value shown then cannot be shown again. If you did not keep it, "
            "generate a new one.")
        ),
        e.NothingToRevoke: Answer(
            409, N_("Nothing to revoke"), N_("There is no API password, so there is nothing to "
                                             "revoke.")
        ),
        e.FirstRunOver: Answer(
            410, N_("This link no longer works"), N_("Only the latest link works, and this is "
            "another one. `watchword first-run` on the server prints a new link.")
        ),
        e.NoSuchAdministrator: Answer(
            404, N_("No such administrator"), N_("No administrator has this username. The "
            "account may have been deleted.")
        ),
        e.PersonNeeded: Answer(
            403, N_("A person is needed"), N_("The Management API does not change this. Use the "
            "console or the command line.")
        ),
        e.OwnAccount: Answer(
            403, N_("Not on your own account"), N_("This is not possible for your own account here. "
            "Your MFA, password and API password have their own pages in the console. Another "
            "administrator can disable or delete your account.")
        ),
        e.LastAdministrator: Answer(
            409, N_("The last administrator"), N_("No other administrator could log in. Create or "
            "enable another administrator first.")
        ),
        e.AlreadySo: Answer(
            409, N_("No change needed"), N_("It is in this state already. Nothing has been changed.")
        ),
        e.WritingSwitchedOff: Answer(
            403, N_("Switched off"), N_("This server's Management API does not change "
            "administrators (api_manages_administrators is off).")
        ),
        e.UsernameTaken: Answer(
            409, N_("The username is taken"), N_("Another account has this username, or one "
                                                 "that looks the same.")
        ),
        a.NoSuchApplication: Answer(
            404, N_("No such application"), N_("No application has the name %(application)s. It may "
            "have been deleted or renamed.")
        ),
        a.ApplicationTaken: Answer(
            409, N_("The name is taken"), N_("There is another application named %(application)s.")
        ),
        a.HostTaken: Answer(
            409, N_("The host is taken"), N_("The host %(host)s belongs to the application "
            "%(application)s. A host can belong to one application only.")
        ),
        a.TicketOver: Answer(
            410, N_("This link no longer works"), N_("It is valid for ten minutes after you opened "
            "the application. Open the application again.")
        ),
        a.TooManyApplications: Answer(
            409, N_("Too many applications"), N_("There are %(most)s applications, which is the most "
            "that this server manages. Delete one first.")
        ),
        e.Invalid: Answer(
            422, N_("There is a problem"), N_("One or more values are invalid.")
        ),
        place.CannotDecrypt: Answer(
            500, N_("A stored value cannot be read"), N_("A stored value cannot be decrypted with "
            "this server's keys. Ask the operator of the server.")
        ),
        place.DatabaseUnavailable: Answer(
            503, N_("The database does not answer"), N_("The database does not answer. "
            "Nothing has been changed.")
        ),
        place.KeyOutdated: Answer(
            503, N_("Not available"), N_("The keyring of this node is older than the data.")
        ),
    }
)  # fmt: skip

_OF_CAUSE: Mapping[tuple[type[Refusal], str], str] = MappingProxyType(
    {
        (e.AttemptEnded, "none-open"): N_("No login attempt is open in this browser. Start with "
                                          "your username and password."),
        (e.AttemptEnded, "changed"): N_("Your account was changed during this login. Start again "
                                        "with your username and password."),
        (e.AttemptEnded, "tries"): N_("This attempt ended after %(tries)s wrong codes. Start again "
                                      "with your username and password."),
        (e.AttemptEnded, "setup"): N_("This setup of MFA has ended. Your MFA Settings shows the "
                                      "current status."),
        (e.CodeWrong, "used"): N_("This code has already been used. Each code works only once: wait "
                                  "for the next one."),
        (e.SessionEnded, "idle"): N_("Your session ended because of inactivity. Please log in "
                                     "again."),
        (e.SessionEnded, "longest"): N_("Your session has reached its maximum length. Please log "
                                        "in again."),
        (e.SessionEnded, "changed"): N_("Your password or MFA was changed, which ended this "
                                        "session. Please log in again."),
        (e.SessionEnded, "proof"): N_("\"Confirm it is you\" failed five times, which ended this "
                                      "session. Please log in again."),
        (e.AlreadySo, "forgotten"): N_("This browser is no longer recognised. Nothing has been "
                                       "changed."),
        (e.NothingToRevoke, "old-ended"): N_("The old API password has already ended. The current "
                                             "one still works."),
        (e.FirstRunOver, "exists"): N_("This server has an administrator, so first-run links no "
                                       "longer work. Please log in."),
        (e.FirstRunOver, "expired"): N_("This link is older than 60 minutes. `watchword first-run` "
                                        "on the server prints a new one."),
    }
)  # fmt: skip
"""Sentences of a refusal whose cause is known, by the fact `cause`."""


def _sentence(refusal: Refusal, row: Answer) -> str:
    if refusal.facts.get("is_by_address"):
        return _BY_ADDRESS
    cause = refusal.facts.get("cause") or ("tries" if "tries" in refusal.facts else "")
    return _OF_CAUSE.get((type(refusal), str(cause)), row.sentence)


def answer_for(refusal: Refusal) -> Answer:
    """Return the row of a refusal with its texts translated and filled."""
    row = ANSWERS[type(refusal)]
    return Answer(row.status, _(row.title), _(_sentence(refusal, row), **_blanks(refusal)))


def retry_after(refusal: Refusal) -> int | None:
    """Return the seconds for a Retry-After header."""
    seconds = refusal.facts.get("retry_after")
    return seconds if isinstance(seconds, int) else None


def pause(refusal: Refusal) -> int:
    """Return the seconds to wait before the answer: 0, except during password spraying."""
    seconds = refusal.facts.get("pause")
    return seconds if isinstance(seconds, int) else 0


def _blanks(refusal: Refusal) -> dict[str, object]:
    blanks: dict[str, object] = {"retry_after": 2, **refusal.facts}
    if isinstance(seconds := refusal.facts.get("retry_after"), int):
        blanks["wait"] = duration(seconds, is_wait=True)
    if isinstance(seconds := refusal.facts.get("seconds"), int):
        direction = _("fast") if seconds > 0 else _("slow")
        blanks["drift"] = f"{_offset(abs(seconds))} {direction}"
    if "status" in refusal.facts:
        blanks["status"] = _(str(refusal.facts["status"]))
    return blanks


def _offset(seconds: int) -> str:
    """Return the offset of a clock; a difference of time zones in hours, with halves."""
    if seconds % 1800 or seconds < 3600:
        return duration(seconds)
    hours = seconds / 3600
    return ngettext("%(hours)s hour", "%(hours)s hours", 1 if hours == 1 else 2, hours=f"{hours:g}")


def duration(seconds: int, *, is_wait: bool = False) -> str:
    """Return a duration in seconds, minutes or hours; a wait is rounded up."""
    for size, name in ((3600, _("hours")), (60, _("minutes"))):
        if seconds >= 2 * size:
            count = -(-seconds // size) if is_wait else round(seconds / size)
            return f"{count} {name}"
    return ngettext("%(count)s second", "%(count)s seconds", seconds)
