"""Refusals: the expected rejections, each with a stable code and facts.

A refusal contains no sentence and no HTTP status. Sentences, statuses and exit codes are in tables
of the interfaces, which have a row for each refusal that one of their `audiences` can receive. A
test compares them. Refusals about keys, database, files and settings are in operational_errors.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Flag, auto
from typing import ClassVar

import msgspec
from msgspec import Struct


class Audience(Flag):
    """The recipients of a refusal, by interface."""

    PERSON = auto()
    """An administrator at the console."""
    SCRIPT = auto()
    """A client of the Management API."""
    OPERATOR = auto()
    """The operator on the command line, which includes the start of the server."""


PERSON, SCRIPT, OPERATOR = Audience.PERSON, Audience.SCRIPT, Audience.OPERATOR


class Refusal(Exception):
    """An expected rejection. `code` is stable and public; `facts` fill the sentence's blanks.

    Facts never contain a secret: they are shown on pages and written to logs.
    """

    code: ClassVar[str]
    audiences: ClassVar[Audience]

    def __init__(self, **facts: str | int | datetime) -> None:
        super().__init__(self.code)
        self.facts: dict[str, str | int | datetime] = facts


# --- login and re-authentication -------------------------------------------------------------
class LoginFailed(Refusal):
    """Username or password is wrong, or the account cannot log in: one answer for all causes.
    Facts: `pause`, the seconds to wait before the answer is sent.
    """

    code = "login-failed"
    audiences = PERSON | SCRIPT


class AttemptEnded(Refusal):
    """The login attempt has expired, was cancelled or used, or another one replaced it. Facts:
    `tries` after too many wrong codes; `cause`, as far as it is known: "none-open", "changed", or
    "setup" for one in a session.
    """

    code = "attempt-ended"
    audiences = PERSON


class StartedAgainElsewhere(Refusal):
    """The form belongs to an older login attempt of this browser; the current one continues."""

    code = "started-again-elsewhere"
    audiences = PERSON


class FormStale(Refusal):
    """The token of a form from before the login has expired or belongs to another page. The form
    was not read.
    """

    code = "form-stale"
    audiences = PERSON


class CookieMissing(Refusal):
    """A form from before the login came without its cookie. The form was not read."""

    code = "cookie-missing"
    audiences = PERSON


class CodeMalformed(Refusal):
    """The input is not six digits. It was not checked and does not count as an attempt."""

    code = "code-malformed"
    audiences = PERSON


class CodeWrong(Refusal):
    """The code is wrong or too old. Facts: `cause`, "used" for one that has been used."""

    code = "code-wrong"
    audiences = PERSON


class CodeDrifted(Refusal):
    """At enrolment only: the code is correct for another time. Facts: `seconds` (+ = ahead)."""

    code = "code-drifted"
    audiences = PERSON


class EnrolmentCodeMalformed(Refusal):
    """The input is not 12 characters of an enrolment code. It does not count as an attempt."""

    code = "enrolment-code-malformed"
    audiences = PERSON


class EnrolmentCodeWrong(Refusal):
    """The enrolment code is wrong, used, revoked or expired: one answer for all causes."""

    code = "enrolment-code-wrong"
    audiences = PERSON


class RecoveryCodeWrong(Refusal):
    """The account has no such unused recovery code."""

    code = "recovery-code-wrong"
    audiences = PERSON


class RecoveryCodeMalformed(Refusal):
    """The input is not 24 characters of a recovery code. It does not count as an attempt."""

    code = "recovery-code-malformed"
    audiences = PERSON


class LoginByRecoveryCodeFailed(Refusal):
    """Username, password or recovery code is wrong, or the account cannot log in with one: one
    answer for all causes. Facts: `pause`, the seconds to wait before the answer is sent.
    """

    code = "login-by-recovery-code-failed"
    audiences = PERSON


class ProofFailed(Refusal):
    """The re-authentication failed. Facts: `tries_left`."""

    code = "proof-failed"
    audiences = PERSON


class ProofNeeded(Refusal):
    """The action needs a re-authentication in this session."""

    code = "proof-needed"
    audiences = PERSON


class SessionEnded(Refusal):
    """The session is unknown, has expired or was ended, or its account has changed. Facts: `cause`,
    as far as it is known: "idle", "longest", "changed" or "proof".
    """

    code = "session-ended"
    audiences = PERSON


class Throttled(Refusal):
    """There were too many failed attempts; nothing was checked. Facts: `retry_after` in whole
    seconds; `is_by_address`, true when the address is throttled for every username. Unlocking an
    account does not help then.
    """

    code = "throttled"
    audiences = PERSON | SCRIPT


class LoginInProgress(Refusal):
    """Another password or code of the account is being checked, and the wait was too long.
    Nothing was checked. Facts: `retry_after` in whole seconds.
    """

    code = "login-in-progress"
    audiences = PERSON | SCRIPT


class TooManyRequests(Refusal):
    """One credential made more requests than the setting `api_requests_per_minute` allows. Facts:
    `retry_after` in whole seconds.
    """

    code = "too-many-requests"
    audiences = SCRIPT


class CodeClosed(Refusal):
    """A hundred wrong codes in a row have closed the authenticator; nothing was checked. Facts:
    `retry_after`; waiting does not open it again.
    """

    code = "code-closed"
    audiences = PERSON


class CodeUnavailable(Refusal):
    """This server's keys cannot decrypt the stored secret, so no code can be checked. It does not
    count as an attempt; recovery codes still work.
    """

    code = "code-unavailable"
    audiences = PERSON


class Busy(Refusal):
    """Too many password hashes or worker threads are in use. Facts: `retry_after`."""

    code = "busy"
    audiences = PERSON | SCRIPT


# --- the state of an account -----------------------------------------------------------------
class NotInThisState(Refusal):
    """The MFA status does not allow this change. Facts: `status`, `event`."""

    code = "not-in-this-state"
    audiences = PERSON | SCRIPT | OPERATOR


class ChangedMeanwhile(Refusal):
    """Another request or command changed the same data first; nothing was done."""

    code = "changed-meanwhile"
    audiences = PERSON | SCRIPT | OPERATOR


class AlreadyGenerated(Refusal):
    """The form was sent before: a reload or a double click. Nothing was generated."""

    code = "already-generated"
    audiences = PERSON


class NothingToRevoke(Refusal):
    """There is no API password. Facts: `cause`, "old-ended" when only the replaced one has ended."""

    code = "nothing-to-revoke"
    audiences = PERSON | SCRIPT | OPERATOR


class FirstRunOver(Refusal):
    """The first-run link is unknown, used or expired, or an administrator exists. Facts: `cause`:
    "exists", "expired" or "other".
    """

    code = "first-run-over"
    audiences = PERSON | OPERATOR


class NoSuchAdministrator(Refusal):
    """No administrator has this name. Facts: `username`."""

    code = "no-such-administrator"
    audiences = PERSON | SCRIPT | OPERATOR


class NoSuchMember(Refusal):
    """No member has this name. Facts: `username`."""

    code = "no-such-member"
    audiences = PERSON | SCRIPT | OPERATOR


class NotAnAdministrator(Refusal):
    """The account is a member, which may not do this."""

    code = "not_an_administrator"
    audiences = PERSON | SCRIPT


class PersonNeeded(Refusal):
    """No credential of the API changes the password, the MFA, the role or the groups of a member."""

    code = "person-needed"
    audiences = SCRIPT


class PasswordMissing(Refusal):
    """The account has no password, and an administrator needs one. Facts: `username`."""

    code = "password-missing"
    audiences = PERSON | OPERATOR


class HasPassword(Refusal):
    """The owner of the account logs in and generates the API password. Facts: `username`."""

    code = "has-password"
    audiences = PERSON


class OwnAccount(Refusal):
    """The action is not allowed on the caller's own account. Facts: `act`."""

    code = "own-account"
    audiences = PERSON | SCRIPT


class LastAdministrator(Refusal):
    """The action would leave no administrator who can log in."""

    code = "last-administrator"
    audiences = PERSON | SCRIPT | OPERATOR


class AlreadySo(Refusal):
    """The account is already in the requested state. Facts: `act`; `cause`, "forgotten" for a
    browser.
    """

    code = "already-so"
    audiences = PERSON | SCRIPT | OPERATOR


class WritingSwitchedOff(Refusal):
    """The setting `api_manages_administrators` is off."""

    code = "writing-switched-off"
    audiences = SCRIPT


class UsernameTaken(Refusal):
    """Another account has this username, or one that looks the same. Facts: `username`."""

    code = "username-taken"
    audiences = PERSON | SCRIPT | OPERATOR


class Problem(Struct, frozen=True):
    """One broken rule: the field, the rule's name, and the rule's numbers."""

    field: str
    rule: str
    facts: Mapping[str, str | int] = msgspec.field(default_factory=dict)


class Invalid(Refusal):
    """One or more values break a rule of accounts.py; `problems` lists all of them."""

    code = "invalid"
    audiences = PERSON | SCRIPT | OPERATOR

    def __init__(self, *problems: Problem) -> None:
        super().__init__()
        self.problems = problems


# --- the audit log ---------------------------------------------------------------------------
class ChainBroken(Refusal):
    """The audit log was changed without its key. Facts: `event_id`, the first event that is not
    as it was written.
    """

    code = "chain-broken"
    audiences = OPERATOR


class ChainMissing(Refusal):
    """The database contains an audit log but not its chain: an attacker removed it."""

    code = "chain-missing"
    audiences = OPERATOR
