"""Refusals: every expected "no" of the product, as a stable code and its facts.

A refusal carries no prose and no HTTP. The sentences, statuses and exit codes are tables in
the interfaces; a test walks `Refusal.__subclasses__` and asks each interface for its answer. What keys,
database, files and settings refuse stands in operational_errors.py.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


class Refusal(Exception):
    """An expected no. `code` is stable and public; `facts` fill the sentence's blanks.

    Facts never hold a secret: they end up in logs, pages and problem documents.
    """

    code: ClassVar[str] = "refused"

    def __init__(self, **facts: str | int | datetime) -> None:
        super().__init__(self.code)
        self.facts: dict[str, str | int | datetime] = facts


# --- who you are -----------------------------------------------------------------------------
class LoginFailed(Refusal):
    """Username or password is wrong, or the account cannot log in: one answer for all.
    Facts: `pause`, the seconds the answer has to wait.
    """

    code = "login-failed"


class AttemptEnded(Refusal):
    """The half-finished login is no more: too old, cancelled, used, or overtaken."""

    code = "attempt-ended"


class StartedAgainElsewhere(Refusal):
    """The form belongs to an older attempt of this browser; the current one goes on."""

    code = "started-again-elsewhere"


class FormStale(Refusal):
    """A form from before the login whose token is too old, or of another page; nothing was read."""

    code = "form-stale"


class CookieMissing(Refusal):
    """A form from before the login came without the cookie it is bound to; nothing was read."""

    code = "cookie-missing"


class CodeMalformed(Refusal):
    """Not six digits. Nothing was evaluated and no try was used up."""

    code = "code-malformed"


class CodeWrong(Refusal):
    """The code is wrong, too old, or was used before: one answer for all."""

    code = "code-wrong"


class CodeDrifted(Refusal):
    """At enrolment only: the code is right for another minute. Facts: `seconds` (+ = ahead)."""

    code = "code-drifted"


class EnrolmentCodeMalformed(Refusal):
    """Not the 12 characters of an enrolment code. No try was used up."""

    code = "enrolment-code-malformed"


class EnrolmentCodeWrong(Refusal):
    """Not the account's enrolment code, or it is used, void or too old: one answer for all."""

    code = "enrolment-code-wrong"


class RecoveryCodeWrong(Refusal):
    """No such unused recovery code for this account."""

    code = "recovery-code-wrong"


class RecoveryCodeMalformed(Refusal):
    """Not the 24 characters of a recovery code. No try was used up."""

    code = "recovery-code-malformed"


class LoginByRecoveryCodeFailed(Refusal):
    """Username, password or recovery code is wrong, or the account cannot log in that way: one
    answer for all. Facts: `pause`, the seconds the answer has to wait.
    """

    code = "login-by-recovery-code-failed"


class ProofFailed(Refusal):
    """ "Confirm it is you" was answered wrongly. Facts: `tries_left`."""

    code = "proof-failed"


class ProofNeeded(Refusal):
    """The act needs a recent proof and this session has none."""

    code = "proof-needed"


class SessionEnded(Refusal):
    """The session is unknown, timed out, ended, or its account has changed."""

    code = "session-ended"


class Throttled(Refusal):
    """Too many wrong tries. Nothing was evaluated. Facts: `retry_after` in whole seconds;
    `is_by_address`, true, where it is the address that has to wait, whatever name it gives:
    unlocking an account changes nothing then.
    """

    code = "throttled"


class LoginInProgress(Refusal):
    """Another password or code of the same account is being checked, and the wait for it was too
    long. Nothing was evaluated. Facts: `retry_after` in whole seconds.
    """

    code = "login-in-progress"


class TooManyRequests(Refusal):
    """More requests by one credential than the setting `api_requests_per_minute` allows. Facts:
    `retry_after` in whole seconds.
    """

    code = "too-many-requests"


class CodeClosed(Refusal):
    """A hundred wrong codes in a row: the authenticator is closed. Nothing was evaluated.
    Facts: `retry_after`; it does not open by itself.
    """

    code = "code-closed"


class CodeUnavailable(Refusal):
    """The stored secret does not open with this server's keys: no code can be right. No try is
    used up; recovery codes still work.
    """

    code = "code-unavailable"


class Busy(Refusal):
    """No place for another password hash or database write. Facts: `retry_after`."""

    code = "busy"


# --- what the state allows -------------------------------------------------------------------
class NotInThisState(Refusal):
    """The life cycle has no such transition. Facts: `status`, `event`."""

    code = "not-in-this-state"


class ChangedMeanwhile(Refusal):
    """Someone else changed the same thing first; nothing was done."""

    code = "changed-meanwhile"


class AlreadyGenerated(Refusal):
    """This form was used before: a reload or a double press. Nothing was generated."""

    code = "already-generated"


class NothingToRevoke(Refusal):
    """There is no API password."""

    code = "nothing-to-revoke"


class FirstRunOver(Refusal):
    """The first-run link is unknown, used, too old, or an administrator exists."""

    code = "first-run-over"


class NoSuchAdministrator(Refusal):
    """Nobody has that name. Facts: `username`."""

    code = "no-such-administrator"


class OwnAccount(Refusal):
    """That is not done to one's own account there. Facts: `act`."""

    code = "own-account"


class LastAdministrator(Refusal):
    """It would leave nobody who can log in."""

    code = "last-administrator"


class AlreadySo(Refusal):
    """The account is in that state already. Facts: `act`."""

    code = "already-so"


class WritingSwitchedOff(Refusal):
    """The setting `api_manages_administrators` is off."""

    code = "writing-switched-off"


class UsernameTaken(Refusal):
    """Another account has that name, or one that looks the same. Facts: `username`."""

    code = "username-taken"


@dataclass(frozen=True)
class Problem:
    """One broken rule: the field it stands in, the rule's name, and the rule's numbers."""

    field: str
    rule: str
    facts: Mapping[str, str | int] = dataclasses.field(default_factory=dict)


class Invalid(Refusal):
    """One or more values break a rule of accounts.py; all of them are told at once."""

    code = "invalid"

    def __init__(self, *problems: Problem) -> None:
        super().__init__()
        self.problems = problems


class ChainBroken(Refusal):
    """The audit log was changed by somebody without its key. Facts: `event_id`, the first event
    that is not as it was written.
    """

    code = "chain-broken"


class ChainMissing(Refusal):
    """There is an audit log, and nothing of its chain: somebody has taken it out of the database."""

    code = "chain-missing"
