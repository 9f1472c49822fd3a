"""Reservations of guesses. A slot is reserved and committed before a guess is evaluated, and
settled after it.

Without that order, an attacker can evaluate many guesses in parallel while one is counted.

A throttle that takes one guess at a time is stored only if it is still as it was read, so one of
several parallel guesses is evaluated. The throttle of an address takes many at a time, because
people share addresses: each guess adds its own share, and removes only that.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import itemgetter

from msgspec import Struct
from msgspec.structs import replace

from watchword.crypto.passwords import Hashing, Pause
from watchword.domain.errors import LoginInProgress, Throttled
from watchword.domain.throttle import ADDRESS_KINDS, POLICIES, Closed, Kind, Throttle, Wait
from watchword.storage import throttles
from watchword.storage.database import Connection
from watchword.usecases.context import Watchword
from watchword.usecases.unit_of_work import bookkeeping

CLOSED_RETRY_AFTER = 3600
"""Seconds, in the answer to a client that has reached the ceiling. Waiting does not help."""


Throttles = Mapping[tuple[Kind, str], Throttle]


class Slot(Struct, frozen=True):
    """A reserved slot. `before` is the state that `restore` brings back."""

    kind: Kind
    subject: str
    before: Throttle
    reserved: Throttle
    at: datetime


def in_turn(app: Watchword, wanted: Iterable[tuple[Kind, str]]) -> Hashing[list[Slot]]:
    """Do the same as `reserve`, and wait while another guess is being evaluated."""
    wanted = list(wanted)
    while True:
        try:
            return reserve(app, wanted)
        except LoginInProgress:
            yield Pause(" ".join(wanted[0]))


def reserve(app: Watchword, wanted: Iterable[tuple[Kind, str]]) -> list[Slot]:
    """Reserve all the slots, or none. Raises Throttled with the longest wait, and LoginInProgress
    when a guess in evaluation is the only reason, because that guess may be correct.
    """
    now, wanted = app.clock.now(), list(wanted)
    with app.database.reading() as connection:
        seen = throttles.states(connection, wanted)
    if (refusal := refusal_of(seen, now)) is not None:
        if lowered := _lowered(seen, now):
            with bookkeeping(app) as u:
                _store(u.connection, seen, lowered)
        raise refusal
    slots = [slot_of(kind, subject, t, now) for (kind, subject), t in seen.items()]
    with bookkeeping(app) as u:
        return [_take(u.connection, slot, now) for slot in slots]


def slot_of(kind: Kind, subject: str, before: Throttle, now: datetime) -> Slot:
    """Return the slot of a guess, as it is to be stored."""
    return Slot(kind, subject, before, before.reserved(POLICIES[kind], now), now)


def refusal_of(seen: Throttles, now: datetime) -> Throttled | LoginInProgress | None:
    """Return why no slot can be reserved, or None."""
    busy = {each: t.is_in_evaluation(POLICIES[each[0]], now) for each, t in seen.items()}
    waits = [(0 if busy[each] else _wait(each[0], t, now), each[0]) for each, t in seen.items()]
    wait, longest = max(waits, key=itemgetter(0), default=(0, Kind.ADDRESS))
    if wait:
        return _throttled(wait, longest)
    return LoginInProgress(retry_after=1) if any(busy.values()) else None


def lower(connection: Connection, seen: Throttles, now: datetime) -> None:
    """Store shorter waits after a clock that was ahead has been corrected. Without this, they
    would last until the time that it showed.
    """
    _store(connection, seen, _lowered(seen, now))


def _lowered(seen: Throttles, now: datetime) -> Throttles:
    lowered = {each: t.lowered(POLICIES[each[0]], now) for each, t in seen.items()}
    return {each: t for each, t in lowered.items() if t != seen[each]}


def _store(connection: Connection, seen: Throttles, lowered: Throttles) -> None:
    for (kind, subject), new in lowered.items():
        throttles.exchange(connection, kind, subject, seen=seen[kind, subject], new=new)


def _take(connection: Connection, slot: Slot, now: datetime) -> Slot:
    """Store that the guess counts. Raises LoginInProgress when another guess has changed the
    throttle since it was read, and Throttled.
    """
    policy = POLICIES[slot.kind]
    held = throttles.hold(connection, slot.kind, slot.subject)
    if policy.one_at_a_time:
        if held != slot.before:
            raise LoginInProgress(retry_after=1)
        throttles.put(connection, slot.kind, slot.subject, slot.reserved)
        return slot
    if wait := _wait(slot.kind, held, now):
        raise _throttled(wait, slot.kind)
    taken = replace(slot, before=held, reserved=held.reserved(policy, now))
    throttles.put(connection, slot.kind, slot.subject, taken.reserved)
    return taken


def _throttled(wait: int, kind: Kind) -> Throttled:
    if kind in ADDRESS_KINDS:
        return Throttled(retry_after=wait, is_by_address=True)
    return Throttled(retry_after=wait)


def is_closed(app: Watchword, kind: Kind, subject: str) -> bool:
    """Return whether the ceiling is reached."""
    with app.database.reading() as connection:
        throttle = throttles.get(connection, kind, subject)
    return isinstance(throttle.check(POLICIES[kind], app.clock.now()), Closed)


def settle(connection: Connection, slots: Iterable[Slot], *, is_right: bool) -> bool:
    """Store the outcome of the guess. Returns False when a slot that takes one guess at a time was
    cleared, or taken over by another guess, since it was reserved.
    """
    is_stored = True
    for slot in slots:
        policy = POLICIES[slot.kind]
        if not policy.one_at_a_time:
            if is_right:
                _take_share_back(connection, slot)
            continue
        new = slot.reserved.after_success(policy) if is_right else slot.reserved.released()
        is_stored &= _replace(connection, slot, new)
    return is_stored


def restore(connection: Connection, slots: Iterable[Slot]) -> None:
    """Remove the count of a guess that was not evaluated."""
    for slot in slots:
        if POLICIES[slot.kind].one_at_a_time:
            _replace(connection, slot, slot.before)
        else:
            _take_share_back(connection, slot)


def _take_share_back(connection: Connection, slot: Slot) -> None:
    held = throttles.hold(connection, slot.kind, slot.subject)
    new = held.given_back(POLICIES[slot.kind], slot.before, slot.at)
    throttles.put(connection, slot.kind, slot.subject, new)


def give_back(app: Watchword, slots: Iterable[Slot]) -> None:
    """Restore the slots in a transaction of their own."""
    with bookkeeping(app) as u:
        restore(u.connection, slots)


def _replace(connection: Connection, slot: Slot, new: Throttle) -> bool:
    """Store the outcome, unless the slot was cleared or taken over since."""
    return throttles.exchange(connection, slot.kind, slot.subject, seen=slot.reserved, new=new)


def count_failure(connection: Connection, kind: Kind, subject: str, now: datetime) -> Throttle:
    """Count a failure that was made elsewhere under this throttle too. Returns the new state."""
    held = throttles.hold(connection, kind, subject)
    new = held.reserved(POLICIES[kind], now).released()
    throttles.put(connection, kind, subject, new)
    return new


def _wait(kind: Kind, throttle: Throttle, now: datetime) -> int:
    """Return the whole seconds to wait, 0 when open."""
    match throttle.check(POLICIES[kind], now):
        case Wait(until):
            return max(1, math.ceil((until - now).total_seconds()))
        case Closed():
            return CLOSED_RETRY_AFTER
        case _:
            return 0
