"""Limits for wrong codes of an account, shared by all pages that ask for a code.

A recognised browser has five attempts of its own, so that an attacker with the password cannot
keep the owner waiting. They count towards the same totals:

    five in a row           each further attempt waits (except a recognised browser's own five)
    a hundred in a row      the authenticator is closed until the secret is reset; the account is
                            not (NIST SP 800-63B-4, 3.2.2)
    sixty in thirty days    an attacker has the password: the owner must choose another one

A login of the owner does not reset the last limit. Otherwise it would reset an attacker's count
every day.
"""

from __future__ import annotations

from msgspec import Struct

from watchword.crypto.passwords import Hashing, Pause
from watchword.domain.accounts import Administrator
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.errors import CodeClosed, LoginInProgress, Refusal
from watchword.domain.throttle import CEILING, POLICIES, Closed, Kind, Open, Throttle
from watchword.storage import administrators, attempts, code_throttles, throttles
from watchword.storage.database import Connection
from watchword.usecases.context import Watchword
from watchword.usecases.throttling import known_browsers, reservations
from watchword.usecases.throttling.reservations import CLOSED_RETRY_AFTER, Slot
from watchword.usecases.unit_of_work import Unit, bookkeeping, reading


class Guess(Struct, frozen=True):
    """A reserved guess. `shared` is the account's throttle as it was before."""

    slot: Slot
    shared: Throttle

    @property
    def slots(self) -> list[Slot]:
        """The slot, for functions that take several."""
        return [self.slot]

    @property
    def is_shared(self) -> bool:
        """Whether the slot is the account's, not that of a recognised browser."""
        return self.slot.kind is Kind.CODE


def is_closed(connection: Connection, account: Administrator) -> bool:
    """Return whether a hundred wrong codes in a row have closed the account's codes."""
    return throttles.get(connection, Kind.CODE, str(account.id)).failures >= CEILING


def are_codes_closed(app: Watchword, actor: Actor, account: Administrator) -> bool:
    """Return the same in a snapshot of its own, for a page."""
    with reading(app, actor, account) as connection:
        return is_closed(connection, account)


def reserve(app: Watchword, account: Administrator, known_token: str | None) -> Guess:
    """Reserve one guess. Raises CodeClosed, Throttled, LoginInProgress."""
    outcome, _subject = _reserved(app, account, known_token)
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


def in_turn(app: Watchword, account: Administrator, known_token: str | None) -> Hashing[Guess]:
    """Do the same, and wait while another guess is being evaluated."""
    while True:
        outcome, subject = _reserved(app, account, known_token)
        if isinstance(outcome, Guess):
            return outcome
        if not isinstance(outcome, LoginInProgress):
            raise outcome
        yield Pause(subject)


def _reserved(
    app: Watchword, account: Administrator, known_token: str | None
) -> tuple[Guess | Refusal, str]:
    """Return the guess or the refusal, and the name of the throttle."""
    with bookkeeping(app) as u:
        digests = known_browsers.digests_of(app, known_token, account)
        found = code_throttles.read(u.connection, account, digests, u.now)
        kind, subject, before = Kind.CODE, str(account.id), found.shared
        own_policy = POLICIES[Kind.CODE_KNOWN_BROWSER]
        if found.browser and not isinstance(found.own.check(own_policy, u.now), Closed):
            kind, subject, before = Kind.CODE_KNOWN_BROWSER, found.browser, found.own
        return _outcome(u, found.shared, kind, subject, before), f"{kind} {subject}"


def _outcome(
    u: Unit, shared: Throttle, kind: Kind, subject: str, before: Throttle
) -> Guess | Refusal:
    if shared.failures >= CEILING:
        return CodeClosed(retry_after=CLOSED_RETRY_AFTER)
    seen = {(kind, subject): before}
    if (refusal := reservations.refusal_of(seen, u.now)) is not None:
        reservations.lower(u.connection, seen, u.now)
        return refusal
    slot = reservations.slot_of(kind, subject, before, u.now)
    if not throttles.exchange(u.connection, kind, subject, seen=before, new=slot.reserved):
        return LoginInProgress(retry_after=1)
    return Guess(slot, shared)


def settle(u: Unit, account: Administrator, guess: Guess, *, is_right: bool) -> None:
    """Store the outcome of the guess. A wrong code counts towards the account's totals too."""
    is_stored = reservations.settle(u.connection, guess.slots, is_right=is_right)
    if is_right:
        _give_back(u, account, guess, is_stored=is_stored)
        return
    if _count(u, account, guess, is_stored=is_stored).failures == CEILING:
        attempts.delete_all_of(u.connection, account.id)
        u.record(AuditEvent.MFA_LOCKED, account)
    _count_for_the_month(u, account)


def _give_back(u: Unit, account: Administrator, guess: Guess, *, is_stored: bool) -> None:
    """Reset the account's failures in a row, unless that is done or there were none."""
    had_failures = guess.shared.failures > 0 or guess.shared.next_allowed_at > u.now
    is_due = not is_stored if guess.is_shared else had_failures
    if is_due:
        throttles.give_in_a_row_back(u.connection, Kind.CODE, str(account.id))


def _count(u: Unit, account: Administrator, guess: Guess, *, is_stored: bool) -> Throttle:
    """Return the account's throttle after a wrong code."""
    subject = str(account.id)
    if not guess.is_shared:
        return reservations.count_failure(u.connection, Kind.CODE, subject, u.now)
    return guess.slot.reserved if is_stored else throttles.get(u.connection, Kind.CODE, subject)


def _count_for_the_month(u: Unit, account: Administrator) -> None:
    subject = str(account.id)
    month = reservations.count_failure(u.connection, Kind.CODE_MONTH, subject, u.now)
    if not isinstance(month.check(POLICIES[Kind.CODE_MONTH], u.now), Open):
        throttles.clear(u.connection, Kind.CODE_MONTH, subject)
        administrators.require_new_password(u.connection, account.id)
        u.record(AuditEvent.MFA_MANY_FAILURES, account)
