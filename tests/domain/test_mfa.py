"""The life cycle of MFA: target or refusal of each of the twelve cells."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from watchword.domain.errors import NotInThisState
from watchword.domain.mfa import Effect, Event, Mfa, Status, after, is_allowed, transition

NOW = datetime(2026, 3, 14, tzinfo=UTC)
LEADS_TO = {
    (Status.DISABLED, Event.ENABLE): Status.PENDING,
    (Status.PENDING, Event.CONFIRM): Status.ACTIVE,
    (Status.PENDING, Event.DISABLE): Status.DISABLED,
    (Status.ACTIVE, Event.RESET): Status.PENDING,
    (Status.ACTIVE, Event.DISABLE): Status.DISABLED,
}
CELLS = [(status, event) for status in Status for event in Event]


@pytest.mark.parametrize(("status", "event"), CELLS)
def test_cell_has_its_target_or_is_refused(status: Status, event: Event) -> None:
    expected = LEADS_TO.get((status, event))
    assert is_allowed(status, event) == (expected is not None)
    if expected is not None:
        assert transition(status, event).to is expected
        return
    with pytest.raises(NotInThisState) as refused:
        transition(status, event)
    assert refused.value.facts == {"status": status.value, "event": event.value}


def test_table_has_twelve_cells() -> None:
    assert len(CELLS) == 12


@pytest.mark.parametrize(("status", "event"), LEADS_TO)
def test_every_transition_ends_sessions_and_login_attempts(status: Status, event: Event) -> None:
    assert {Effect.END_SESSIONS, Effect.END_ATTEMPTS} <= transition(status, event).effects


def test_reset_keeps_recovery_codes_and_disable_deletes_them() -> None:
    """Until the new secret is confirmed, they are the only way to log in without it."""
    reset = transition(Status.ACTIVE, Event.RESET).effects
    assert Effect.FORGET_RECOVERY_CODES not in reset
    assert Effect.FORGET_SECRET in reset
    disable = transition(Status.ACTIVE, Event.DISABLE).effects
    assert Effect.FORGET_RECOVERY_CODES in disable


def test_pending_records_its_former_status_and_time() -> None:
    first = after(Mfa(), Event.ENABLE, NOW)
    assert (first.status, first.pending_from, first.pending_since) == (
        Status.PENDING, Status.DISABLED, NOW,
    )  # fmt: skip
    active = after(first, Event.CONFIRM, NOW)
    assert (active.pending_from, active.pending_since, active.activated_at) == (None, None, NOW)
    again = after(active, Event.RESET, NOW)
    assert (again.pending_from, again.activated_at) == (Status.ACTIVE, None)
