"""The life cycle of MFA as a table: effects of each cell, resulting values, random walks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.domain.errors import NotInThisState
from watchword.domain.mfa import (
    TRANSITIONS,
    Effect,
    Event,
    Mfa,
    Status,
    Transition,
    after,
    is_allowed,
    transition,
)

D, P, A = Status.DISABLED, Status.PENDING, Status.ACTIVE
E = Effect
BEFORE, NOW = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 14, tzinfo=UTC)

GONE = {E.END_ATTEMPTS, E.END_SESSIONS}
ALL_FORGOTTEN = GONE | {
    E.FORGET_SECRET, E.FORGET_RECOVERY_CODES, E.FORGET_DEVICES, E.CLEAR_COUNTERS,
}  # fmt: skip
CONFIRMED = GONE | {
    E.ADOPT_SECRET, E.NEW_RECOVERY_CODES, E.FORGET_DEVICES, E.CLEAR_COUNTERS,
}  # fmt: skip
ENABLE = GONE | {E.FORGET_API_REFUSALS}
RESET = GONE | {E.FORGET_SECRET, E.FORGET_DEVICES, E.CLEAR_COUNTERS}

TABLE: dict[tuple[Status, Event], tuple[Status, set[Effect]] | None] = {
    (D, Event.ENABLE): (P, ENABLE),
    (D, Event.CONFIRM): None,
    (D, Event.RESET): None,
    (D, Event.DISABLE): None,
    (P, Event.ENABLE): None,
    (P, Event.CONFIRM): (A, CONFIRMED),
    (P, Event.RESET): None,
    (P, Event.DISABLE): (D, ALL_FORGOTTEN),
    (A, Event.ENABLE): None,
    (A, Event.CONFIRM): None,
    (A, Event.RESET): (P, RESET),
    (A, Event.DISABLE): (D, ALL_FORGOTTEN),
}
IDS = [f"{status}-{event}" for status, event in TABLE]
REFUSED = [cell for cell, row in TABLE.items() if row is None]

DISABLED = Mfa(D)
FROM_DISABLED = Mfa(P, pending_from=D, pending_since=BEFORE)
FROM_ACTIVE = Mfa(P, pending_from=A, pending_since=BEFORE)
ACTIVE = Mfa(A, activated_at=BEFORE)


@pytest.mark.parametrize(("cell", "row"), TABLE.items(), ids=IDS)
def test_cell_has_its_target_and_effects(
    cell: tuple[Status, Event], row: tuple[Status, set[Effect]] | None
) -> None:
    assert is_allowed(*cell) is (row is not None)
    if row is None:
        with pytest.raises(NotInThisState):
            transition(*cell)
    else:
        assert transition(*cell) == Transition(row[0], frozenset(row[1]))


def test_table_contains_only_the_twelve_cells() -> None:
    assert set(TRANSITIONS) == {cell for cell, row in TABLE.items() if row is not None}
    assert len(TABLE) == len(Status) * len(Event) == 12


def test_table_is_immutable() -> None:
    with pytest.raises(TypeError):
        TRANSITIONS[D, Event.CONFIRM] = TRANSITIONS[P, Event.CONFIRM]  # type: ignore[index]
    with pytest.raises(AttributeError, match="immutable"):
        TRANSITIONS[P, Event.CONFIRM].to = D  # type: ignore[misc]


@pytest.mark.parametrize(
    ("mfa", "event", "expected"),
    [
        (DISABLED, Event.ENABLE, Mfa(P, D, NOW, None)),
        (FROM_DISABLED, Event.CONFIRM, Mfa(A, None, None, NOW)),
        (FROM_ACTIVE, Event.CONFIRM, Mfa(A, None, None, NOW)),
        (FROM_DISABLED, Event.DISABLE, Mfa(D, None, None, None)),
        (FROM_ACTIVE, Event.DISABLE, Mfa(D, None, None, None)),
        (ACTIVE, Event.RESET, Mfa(P, A, NOW, None)),
        (ACTIVE, Event.DISABLE, Mfa(D, None, None, None)),
    ],
    ids=[
        "enable",
        "confirm",
        "confirm-again",
        "give-up",
        "give-up-after-reset",
        "reset",
        "disable",
    ],
)
def test_event_sets_every_value_of_the_new_status(mfa: Mfa, event: Event, expected: Mfa) -> None:
    assert after(mfa, event, NOW) == expected


@pytest.mark.parametrize(("status", "event"), REFUSED)
def test_event_without_a_row_is_refused(status: Status, event: Event) -> None:
    with pytest.raises(NotInThisState) as refused:
        after(Mfa(status), event, NOW)
    assert refused.value.facts == {"status": status.value, "event": event.value}
    assert refused.value.code == "not-in-this-state"


def test_mfa_of_a_new_account_is_disabled() -> None:
    assert Mfa() == Mfa(D, None, None, None)


@pytest.mark.parametrize(
    ("status", "is_enabled"), [(D, False), (P, True), (A, True)], ids=["disabled", "pending", "on"]
)
def test_mfa_is_enabled_while_pending_or_active(status: Status, is_enabled: bool) -> None:
    assert Mfa(status).is_enabled is is_enabled


@given(st.lists(st.sampled_from(Event), max_size=30))
def test_stored_values_agree_with_the_status_on_any_walk(walk: list[Event]) -> None:
    mfa, now = Mfa(), NOW
    for event in walk:
        now += timedelta(seconds=1)
        row = TABLE[mfa.status, event]
        if row is None:
            with pytest.raises(NotInThisState):
                after(mfa, event, now)
            continue
        came_from, mfa = mfa, after(mfa, event, now)
        assert mfa.status is row[0]
        assert mfa.pending_from is (came_from.status if mfa.status is P else None)
        assert mfa.pending_since == (now if mfa.status is P else None)
        assert mfa.activated_at == (now if mfa.status is A else None)
