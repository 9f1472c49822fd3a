"""The decision of the gateway about one request: a pure function, also behind "Try it".

    original request --> application --> host --> public path --> credential --> permission --> level

The first rule that applies decides. Anything unknown is a refusal.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct

from watchword.domain import public_paths
from watchword.domain.applications import Application, Level
from watchword.domain.clocks import CLOCK_TOLERANCE
from watchword.domain.original_request import Flaw, OriginalRequest

ENTER_PATH: Final = "/.watchword/enter"
LOGOUT_PATH: Final = "/.watchword/logout"
RESERVED: Final = frozenset({ENTER_PATH, LOGOUT_PATH})
"""Paths of every application's hosts that the gateway answers itself."""


class Outcome(StrEnum):
    """The answer to a request."""

    ALLOW = "allow"
    LOGIN = "login"
    STEP_UP = "step_up"
    """The login is too old, or not strong enough."""
    CHALLENGE = "challenge"
    """The request contains a wrong credential."""
    DENY = "deny"
    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"


class Rule(StrEnum):
    """The rule that decided."""

    NO_APPLICATION = "no-application"
    UNREADABLE_REQUEST = "unreadable-request"
    FOREIGN_HOST = "foreign-host"
    RESERVED_PATH = "reserved-path"
    PUBLIC_PATH = "public-path"
    NO_CREDENTIAL = "no-credential"
    AMBIGUOUS_CREDENTIAL = "ambiguous-credential"
    WRONG_CREDENTIAL = "wrong-credential"
    ACCOUNT_DISABLED = "account-disabled"
    API_PASSWORDS_NOT_ACCEPTED = "api-passwords-not-accepted"
    ADMINISTRATORS_API_PASSWORDS_NOT_ACCEPTED = "administrators-api-passwords-not-accepted"
    NOT_PERMITTED = "not-permitted"
    LEVEL_TOO_LOW = "level-too-low"
    LOGIN_TOO_OLD = "login-too-old"
    PERMITTED = "permitted"
    TOO_MANY_FAILURES = "too-many-failures"
    NO_ANSWER = "no-answer"
    """The store did not answer, or the decision failed."""


class Proof(StrEnum):
    """How the visitor has proved the account: the levels of a login, or an API password."""

    PASSWORD = "password"
    MFA = "mfa"
    API = "api"


class Visitor(Struct, frozen=True):
    """An account with its proof, and the time of the proof."""

    account_id: int
    username: str
    full_name: str
    email: str
    groups: tuple[str, ...]
    is_administrator: bool
    is_disabled: bool
    proof: Proof
    proved_at: datetime


class Failure(StrEnum):
    """Why the credential of a request identifies no visitor."""

    AMBIGUOUS = "ambiguous"
    WRONG = "wrong"
    THROTTLED = "throttled"


class Failed(Struct, frozen=True):
    """A credential that identifies no visitor; `retry_after` in seconds if it is throttled."""

    failure: Failure
    retry_after: int = 0


Shown = Visitor | Failed | None
"""The visitor or failure that a credential shows; None without one."""


class Decision(Struct, frozen=True):
    """The outcome, the rule that decided, and the visitor as far as one is known."""

    outcome: Outcome
    rule: Rule
    visitor: Visitor | None = None
    public_path: str = ""
    retry_after: int = 0

    @property
    def is_allowed(self) -> bool:
        """Return whether the request may pass."""
        return self.outcome is Outcome.ALLOW


UNAVAILABLE: Final = Decision(Outcome.UNAVAILABLE, Rule.NO_ANSWER, retry_after=2)

_FAILED: Final = {
    Failure.AMBIGUOUS: (Outcome.CHALLENGE, Rule.AMBIGUOUS_CREDENTIAL),
    Failure.WRONG: (Outcome.CHALLENGE, Rule.WRONG_CREDENTIAL),
    Failure.THROTTLED: (Outcome.THROTTLED, Rule.TOO_MANY_FAILURES),
}


def decide(
    application: Application | None, request: OriginalRequest | Flaw, shown: Shown, now: datetime
) -> Decision:
    """Return the decision about a request. `shown` is what its credential shows."""
    if isinstance(request, Flaw):
        return Decision(Outcome.DENY, Rule.UNREADABLE_REQUEST)
    if application is None:
        return Decision(Outcome.DENY, Rule.NO_APPLICATION)
    early = _without_credential(application, request)
    if early is not None:
        return early
    if shown is None:
        return Decision(Outcome.LOGIN, Rule.NO_CREDENTIAL)
    if isinstance(shown, Failed):
        return Decision(*_FAILED[shown.failure], retry_after=shown.retry_after)
    return _of_visitor(application, shown, now)


def needs_credential(application: Application, request: OriginalRequest) -> bool:
    """Return whether the decision depends on the credential of the request."""
    return _without_credential(application, request) is None


def _without_credential(application: Application, request: OriginalRequest) -> Decision | None:
    if not application.is_enabled:
        return Decision(Outcome.DENY, Rule.NO_APPLICATION)
    if request.host not in application.hosts:
        return Decision(Outcome.DENY, Rule.FOREIGN_HOST)
    if request.path in RESERVED:
        return Decision(Outcome.DENY, Rule.RESERVED_PATH)
    if request.is_reading:
        public = public_paths.matching(application.public_paths, request.path)
        if public is not None:
            return Decision(Outcome.ALLOW, Rule.PUBLIC_PATH, public_path=public)
    return None


def _of_visitor(application: Application, visitor: Visitor, now: datetime) -> Decision:
    is_script = visitor.proof is Proof.API
    if visitor.is_disabled:
        outcome = Outcome.CHALLENGE if is_script else Outcome.LOGIN
        return Decision(outcome, Rule.ACCOUNT_DISABLED)
    if not application.who.permits(visitor.account_id, visitor.groups):
        return Decision(Outcome.DENY, Rule.NOT_PERMITTED, visitor)
    if is_script:
        return _of_script(application, visitor)
    if application.level is Level.MFA and visitor.proof is not Proof.MFA:
        return Decision(Outcome.STEP_UP, Rule.LEVEL_TOO_LOW, visitor)
    if _is_too_old(application, visitor, now):
        return Decision(Outcome.STEP_UP, Rule.LOGIN_TOO_OLD, visitor)
    return Decision(Outcome.ALLOW, Rule.PERMITTED, visitor)


def _of_script(application: Application, visitor: Visitor) -> Decision:
    if application.accepts_api_password(of_administrator=visitor.is_administrator):
        return Decision(Outcome.ALLOW, Rule.PERMITTED, visitor)
    rule = Rule.API_PASSWORDS_NOT_ACCEPTED
    if application.accept_api_passwords:
        rule = Rule.ADMINISTRATORS_API_PASSWORDS_NOT_ACCEPTED
    return Decision(Outcome.DENY, rule, visitor)


def _is_too_old(application: Application, visitor: Visitor, now: datetime) -> bool:
    """Return whether the login is older than allowed. A time in the future counts only within the
    tolerance for another node's clock.
    """
    if application.max_login_age is None:
        return False
    most = timedelta(seconds=application.max_login_age)
    return not -CLOCK_TOLERANCE <= now - visitor.proved_at <= most
