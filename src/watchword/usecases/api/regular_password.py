"""The regular password on the API. HTTP Basic does not define where the username ends when there
is more than one colon, so each reading is tried.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from watchword.crypto.passwords import Hashing
from watchword.domain.accounts import Administrator
from watchword.domain.api_password import Refused
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.basic_auth import MOST_SPLITS, Candidate, Credentials
from watchword.domain.errors import Busy, LoginFailed, LoginInProgress, Throttled
from watchword.domain.sessions import TOUCH_INTERVAL
from watchword.domain.throttle import ADDRESS_KINDS, Kind, address_kinds
from watchword.storage import administrators, api_refusals, credentials
from watchword.usecases.audit import proxy_warnings, refused_logins
from watchword.usecases.context import Watchword
from watchword.usecases.login.password_login import password_subject, still_usable
from watchword.usecases.throttling import (
    known_addresses,
    password_attempts,
    password_spraying,
    reservations,
)
from watchword.usecases.throttling.reservations import Slot
from watchword.usecases.unit_of_work import bookkeeping, unit


class _Try(Struct, frozen=True):
    """One reading of the credentials and its check."""

    candidate: Candidate
    account: Administrator | None
    stored_hash: str | None
    known_address: str | None
    held: list[Slot]
    is_right: bool = False
    has_newline: bool = False

    @property
    def is_slip(self) -> bool:
        """Whether the password is correct but followed by a line break. It is not counted."""
        return self.has_newline and self.is_right

    @property
    def is_locked_out(self) -> bool:
        return self.account is not None and self.account.mfa.is_enabled

    @property
    def is_from_known_address(self) -> bool:
        return any(slot.kind is Kind.PASSWORD_KNOWN_ADDRESS for slot in self.held)

    @property
    def may_enter(self) -> bool:
        account = self.account
        if account is None or self.has_newline:
            return False
        return not account.is_disabled and not account.mfa.is_enabled

    @property
    def refused(self) -> Refused:
        """The kind of refusal that the account's owner sees."""
        if self.is_slip:
            return Refused.NEWLINE
        return Refused.REGULAR if self.is_right else Refused.WRONG


def enter(app: Watchword, actor: Actor, given: Credentials) -> Hashing[Administrator]:
    """Try the readings, those of existing accounts first, three at most. Each takes one hash,
    whether the name exists or not. If all fail, one failure is counted, for the longest name.
    Returns the authenticated account. Raises LoginFailed, Throttled, LoginInProgress, Busy.
    """
    tries = yield from _reserve(app, actor, given)
    failed: list[_Try] = []
    for number, each in enumerate(tries):
        try:
            is_right = yield from app.pepper.verify(
                each.account.id if each.account else 0,
                each.stored_hash,
                each.candidate.password,
                is_known=each.is_from_known_address,
            )
        except Busy:
            for unsettled in tries:
                reservations.give_back(app, unsettled.held)
            raise
        if is_right and each.may_enter and (account := _let_in(app, actor, each)):
            for other in [*failed, *tries[number + 1 :]]:
                reservations.give_back(app, other.held)
            return account
        failed.append(replace(each, is_right=is_right))
    raise LoginFailed(pause=_count_one(app, actor, failed))


def _let_in(app: Watchword, actor: Actor, trial: _Try) -> Administrator | None:
    """Settle the correct guess. Returns None when the account was disabled, deleted or changed
    during the hash.
    """
    with bookkeeping(app) as u:
        account = still_usable(u, trial.account)
        if account is not None:
            known_addresses.remember(u, actor, account)
            credentials.note_regular_password_use(
                u.connection, account.id, actor.address, u.now, u.now - TOUCH_INTERVAL
            )
            reservations.settle(u.connection, trial.held, is_right=True)
            u.actor = actor.known_as(account)
            proxy_warnings.note(u, account)
    return account


def _reserve(app: Watchword, actor: Actor, given: Credentials) -> Hashing[list[_Try]]:
    """Reserve a slot for each reading. Raises Throttled or LoginInProgress when none is free."""
    tries: list[_Try] = []
    refusals: list[Throttled | LoginInProgress] = []
    for trial in _readings(app, actor, given):
        own = _own_slot(app, trial)
        is_known = own[0] is Kind.PASSWORD_KNOWN_ADDRESS
        address = address_kinds(actor.address, is_shared=actor.is_shared, is_known=is_known)
        wanted = [own, *([] if tries else address)]
        try:
            held = yield from reservations.in_turn(app, wanted)
        except (Throttled, LoginInProgress) as refusal:
            refusals.append(refusal)
            continue
        tries.append(replace(trial, held=held))
    if not tries:
        raise max(refusals, key=lambda refusal: int(str(refusal.facts["retry_after"])))
    return tries


def _own_slot(app: Watchword, trial: _Try) -> tuple[Kind, str]:
    """Return the throttle of the guess. An address from which the password was correct before has
    its own. With MFA the throttle is not the account's, and the slot is always given back, so
    that the statements are the same as for any other name.
    """
    known = trial.known_address or ""
    is_used_up = reservations.is_closed(app, Kind.PASSWORD_KNOWN_ADDRESS, known)
    name = password_subject(app, trial.account, trial.candidate.username)
    if trial.is_locked_out:
        return Kind.PASSWORD, f"mfa:{name}"
    if known and not is_used_up:
        return Kind.PASSWORD_KNOWN_ADDRESS, known
    return Kind.PASSWORD, name


def _readings(app: Watchword, actor: Actor, given: Credentials) -> list[_Try]:
    readings: list[_Try] = []
    candidates = given.candidates
    with app.database.reading() as connection:
        accounts = administrators.find_all(connection, [c.username for c in candidates])
        for candidate in sorted(candidates, key=lambda c: c.username not in accounts):
            if len(readings) == MOST_SPLITS:
                break
            account = accounts.get(candidate.username)
            stored = administrators.password_hash(connection, account.id if account else 0)
            known = known_addresses.find(app, connection, actor, account)
            readings.append(
                _Try(candidate, account, stored, known, [], has_newline=given.ends_in_newline)
            )
    return readings


def _count_one(app: Watchword, actor: Actor, failed: list[_Try]) -> int:
    """Count one failure for the request, however many colons it contains. Returns the seconds
    before its answer is sent.
    """
    known = [f for f in failed if f.account is not None] or failed
    known = [f for f in known if f.is_right] or known
    counted = max(known, key=lambda f: len(f.candidate.username))
    with unit(app, actor) as u:
        is_free = counted.is_locked_out or counted.is_slip
        # Only the owner's page shows whether the password was correct. The statements are the
        # same for an unknown name and for an account without MFA. They come first: locking the
        # account after its throttles deadlocks with an unlock.
        noted = counted.account.id if counted.account and is_free else 0
        api_refusals.note(u.connection, noted, counted.refused, actor, u.now)
        for each in failed:
            if each is counted:
                reservations.settle(u.connection, _but_address(each.held), is_right=is_free)
            else:
                reservations.restore(u.connection, _but_address(each.held))
        reason = "mfa-password" if counted.is_locked_out else "password"
        refused_logins.record(u, AuditEvent.API_AUTH_FAIL, counted.account, reason=reason)
        if not is_free:
            password_attempts.record_when_closed(u, counted.account, counted.held)
        return password_spraying.count(u, counted.account)


def _but_address(held: list[Slot]) -> list[Slot]:
    return [s for s in held if s.kind not in ADDRESS_KINDS]
