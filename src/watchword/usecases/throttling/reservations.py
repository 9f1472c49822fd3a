"""Slots: the right to have one guess evaluated. Reserved and committed before, settled after.

The order is the point: a guess that is evaluated before it is counted can be made fourteen
times in parallel at the price of one.

A throttle that takes one guess at a time is exchanged for what was seen, and one caller wins.
That of an address takes many at once, from people who share it: there each guess adds its own
share, and takes back no more than that.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter

from watchword.crypto.passwords import Hashing, Pause
from watchword.domain.errors import LoginInProgress, Throttled
from watchword.domain.throttle import ADDRESS_KINDS, POLICIES, Closed, Kind, Throttle, Wait
from watchword.storage import throttles
from watchword.storage.database import Connection
from watchword.usecases.context import Watchword
from watchword.usecases.unit_of_work import bookkeeping

CLOSED_RETRY_AFTER = 3600
"""What is told to who runs into the ceiling: it does not open by itself."""


@dataclass(frozen=True)
class Slot:
    """A reserved slot; `before` is what it is given back to."""

    kind: Kind
    subject: str
    before: Throttle
    reserved: Throttle
    at: datetime


def in_turn(app: Watchword, wanted: Iterable[tuple[Kind, str]]) -> Hashing[list[Slot]]:
    """Reserve all the slots, or none; wait while another guess is being evaluated. Raises
    Throttled, LoginInProgress.
    """
    wanted = list(wanted)
    while True:
        try:
            return reserve(app, wanted)
        except LoginInProgress:
            yield Pause(" ".join(wanted[0]))


def reserve(app: Watchword, wanted: Iterable[tuple[Kind, str]]) -> list[Slot]:
    """Reserve all the slots, or none. Raises Throttled with the longest wait, and LoginInProgress
    when the only reason is a guess in evaluation, which may be a right one.
    """
    now = app.clock.now()
    with app.database.reading() as connection:
        seen = [(kind, subject, throttles.get(connection, kind, subject))
                for kind, subject in wanted]  # fmt: skip
    busy = [t.is_in_evaluation(POLICIES[kind], now) for kind, _, t in seen]
    waits = [(0 if is_busy else _wait(kind, throttle, now), kind)
             for (kind, _, throttle), is_busy in zip(seen, busy, strict=True)]  # fmt: skip
    wait, longest = max(waits, key=itemgetter(0), default=(0, Kind.ADDRESS))
    if wait or any(busy):
        _lower(app, seen, now)
        raise _throttled(wait, longest) if wait else LoginInProgress(retry_after=1)
    slots = [Slot(k, s, t, t.reserved(POLICIES[k], now), now) for k, s, t in seen]
    with bookkeeping(app) as u:
        return [_take(u.connection, slot, now) for slot in slots]


def _lower(app: Watchword, seen: Iterable[tuple[Kind, str, Throttle]], now: datetime) -> None:
    """Store shorter waits when a clock that was ahead has been corrected since: otherwise they
    would last until that time has come.
    """
    lowered = [(k, s, t, t.lowered(POLICIES[k], now)) for k, s, t in seen]
    changed = [each for each in lowered if each[2] != each[3]]
    if not changed:
        return
    with bookkeeping(app) as u:
        for kind, subject, old, new in changed:
            throttles.exchange(u.connection, kind, subject, seen=old, new=new)


def _take(connection: Connection, slot: Slot, now: datetime) -> Slot:
    """Store that the guess counts. Raises LoginInProgress when another guess was faster."""
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


def settle(connection: Connection, slots: Iterable[Slot], *, is_right: bool) -> None:
    """Tell how the guess came out."""
    for slot in slots:
        policy = POLICIES[slot.kind]
        if not policy.one_at_a_time:
            if is_right:
                _take_share_back(connection, slot)
        elif is_right:
            _replace(connection, slot, slot.reserved.after_success(policy))
        else:
            _replace(connection, slot, slot.reserved.released())


def restore(connection: Connection, slots: Iterable[Slot]) -> None:
    """The guess was not evaluated: as if it had never been."""
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


def _replace(connection: Connection, slot: Slot, new: Throttle) -> None:
    """Store the outcome, unless the slot was cleared or taken over meanwhile."""
    throttles.exchange(connection, slot.kind, slot.subject, seen=slot.reserved, new=new)


def count_failure(connection: Connection, kind: Kind, subject: str, now: datetime) -> None:
    """Count a failure that was made elsewhere under this throttle too."""
    held = throttles.hold(connection, kind, subject)
    throttles.put(connection, kind, subject, held.reserved(POLICIES[kind], now).released())


def _wait(kind: Kind, throttle: Throttle, now: datetime) -> int:
    """Whole seconds to wait; 0 when open."""
    match throttle.check(POLICIES[kind], now):
        case Wait(until):
            return max(1, math.ceil((until - now).total_seconds()))
        case Closed():
            return CLOSED_RETRY_AFTER
        case _:
            return 0
