"""Lifetimes of sessions and of recent proofs of identity (rules 3.5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from watchword.domain import sessions
from watchword.domain.clocks import CLOCK_TOLERANCE
from watchword.domain.sessions import (
    NO_PROOF,
    Limits,
    Session,
    has_recent_proof,
    is_alive,
    is_due_for_rotation,
)

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
MINUTE, TICK, NONE = timedelta(minutes=1), timedelta(microseconds=1), timedelta(0)
DAY = timedelta(days=1)
LIMITS = Limits(idle=15 * MINUTE, absolute=timedelta(hours=8), recent_proof=10 * MINUTE)
EVERY_TIME = replace(LIMITS, recent_proof=NONE)
SESSION = Session(
    id=7,
    ref="0badcafe",
    rotated_at=NOW,
    administrator_id=1,
    cred_ver=3,
    created_at=NOW,
    last_seen_at=NOW,
    expires_at=NOW + LIMITS.absolute,
    proved_at=NOW,
    proof_failures=0,
    factors="pwd otp",
    address="192.0.2.1",
    user_agent="",
)
AGES = st.timedeltas(-2 * DAY, 2 * DAY)


@pytest.mark.parametrize(
    ("unused_for", "alive"),
    [
        (NONE, True),
        (15 * MINUTE - TICK, True),
        (15 * MINUTE, False),
        (15 * MINUTE + TICK, False),
        (DAY, False),
    ],
    ids=["used-now", "just-in-time", "at-the-limit", "past-it", "next-day"],
)
def test_unused_session_ends_at_the_idle_limit(unused_for: timedelta, alive: bool) -> None:
    assert is_alive(SESSION, 3, LIMITS, NOW + unused_for) is alive


@pytest.mark.parametrize(
    ("age", "alive"),
    [
        (timedelta(hours=8) - TICK, True),
        (timedelta(hours=8), False),
        (timedelta(hours=9), False),
    ],
    ids=["just-in-time", "at-the-limit", "past-it"],
)
def test_used_session_ends_at_the_absolute_limit(age: timedelta, alive: bool) -> None:
    in_use = replace(SESSION, last_seen_at=NOW + age)
    assert is_alive(in_use, 3, LIMITS, NOW + age) is alive


@pytest.mark.parametrize(
    ("idle", "alive"), [(5 * MINUTE, False), (60 * MINUTE, True)], ids=["five", "sixty"]
)
def test_idle_limit_comes_from_the_settings(idle: timedelta, alive: bool) -> None:
    assert is_alive(SESSION, 3, replace(LIMITS, idle=idle), NOW + 20 * MINUTE) is alive


@pytest.mark.parametrize("cred_ver", [0, 2, 4, 100])
def test_session_of_another_credential_version_is_invalid(cred_ver: int) -> None:
    assert is_alive(SESSION, 3, LIMITS, NOW)
    assert not is_alive(SESSION, cred_ver, LIMITS, NOW)


@given(AGES, AGES)
def test_ended_session_stays_ended(one: timedelta, more: timedelta) -> None:
    if not is_alive(SESSION, 3, LIMITS, NOW + one):
        assert not is_alive(SESSION, 3, LIMITS, NOW + one + abs(more))


@pytest.mark.parametrize("back", [TICK, MINUTE, DAY], ids=["tick", "minute", "day"])
def test_clock_set_back_keeps_the_session(back: timedelta) -> None:
    assert is_alive(SESSION, 3, LIMITS, NOW - back)


@pytest.mark.parametrize(
    ("ago", "recent"),
    [
        (NONE, True),
        (MINUTE, True),
        (10 * MINUTE - TICK, True),
        (10 * MINUTE, False),
        (DAY, False),
    ],
    ids=["now", "a-minute", "just-in-time", "at-the-limit", "yesterday"],
)
def test_proof_is_recent_for_ten_minutes(ago: timedelta, recent: bool) -> None:
    assert has_recent_proof(SESSION, LIMITS, NOW + ago) is recent


@pytest.mark.parametrize("limits", [LIMITS, EVERY_TIME], ids=["ten-minutes", "every-time"])
@pytest.mark.parametrize("back", [TICK, MINUTE, CLOCK_TOLERANCE], ids=["tick", "minute", "most"])
def test_proof_dated_by_a_node_ahead_is_accepted(limits: Limits, back: timedelta) -> None:
    assert has_recent_proof(SESSION, limits, NOW - back)


@pytest.mark.parametrize("limits", [LIMITS, EVERY_TIME], ids=["ten-minutes", "every-time"])
@pytest.mark.parametrize("back", [CLOCK_TOLERANCE + TICK, DAY], ids=["tick", "day"])
def test_proof_beyond_the_clock_tolerance_is_refused(limits: Limits, back: timedelta) -> None:
    """A proof must not last longer because a clock was set back."""
    assert not has_recent_proof(SESSION, limits, NOW - back)


def test_life_of_a_proof_comes_from_the_settings() -> None:
    longer = replace(LIMITS, recent_proof=30 * MINUTE)
    assert has_recent_proof(SESSION, longer, NOW + 20 * MINUTE)
    assert not has_recent_proof(SESSION, longer, NOW + 30 * MINUTE)
    shorter = replace(LIMITS, recent_proof=MINUTE)
    assert not has_recent_proof(SESSION, shorter, NOW + MINUTE)


@pytest.mark.parametrize("limits", [LIMITS, EVERY_TIME], ids=["ten-minutes", "every-time"])
def test_session_without_a_proof_has_no_recent_proof(limits: Limits) -> None:
    assert not has_recent_proof(replace(SESSION, proved_at=NO_PROOF), limits, NOW)


def test_single_proof_expires_after_ten_minutes() -> None:
    assert has_recent_proof(SESSION, EVERY_TIME, NOW + 10 * MINUTE - TICK)
    assert not has_recent_proof(SESSION, EVERY_TIME, NOW + 10 * MINUTE)


@given(AGES, st.timedeltas(NONE, DAY))
def test_proof_is_recent_only_within_its_life(age: timedelta, life: timedelta) -> None:
    limits = replace(LIMITS, recent_proof=life)
    span = life or sessions.SINGLE_PROOF_LIFE
    assert has_recent_proof(SESSION, limits, NOW + age) is (NONE <= age < span)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOGIN_ATTEMPT_LIFE", 5 * MINUTE),
        ("ENROLMENT_LIFE", 10 * MINUTE),
        ("SINGLE_PROOF_LIFE", 10 * MINUTE),
        ("DEVICE_LIFE", 180 * DAY),
        ("PROOF_FAILURES", 5),
    ],
)
def test_constants_are_those_of_the_rules(name: str, value: object) -> None:
    assert getattr(sessions, name) == value


@pytest.mark.parametrize(
    ("age", "is_due"), [(NONE, False), (60 * MINUTE - TICK, False), (60 * MINUTE, True)]
)
def test_token_is_replaced_after_an_hour_of_use(age: timedelta, is_due: bool) -> None:
    assert is_due_for_rotation(SESSION, NOW + age) == is_due
