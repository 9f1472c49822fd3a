"""Throttles as values: waits, ceilings and windows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.domain.throttle import (
    CEILING,
    IN_FLIGHT,
    POLICIES,
    Closed,
    Kind,
    Open,
    Throttle,
    Wait,
    wait_after,
)

NOW = datetime(2026, 3, 14, tzinfo=UTC)


def wrong(throttle: Throttle, kind: Kind, now: datetime) -> Throttle:
    return throttle.reserved(POLICIES[kind], now).released()


@pytest.mark.parametrize(
    ("kind", "failures", "seconds"),
    [
        (Kind.CODE, 4, 0),
        (Kind.CODE, 5, 60),
        (Kind.CODE, 6, 120),
        (Kind.CODE, 10, 1920),
        (Kind.CODE, 11, 3600),
        (Kind.CODE, 99, 3600),
        (Kind.PASSWORD, 4, 0),
        (Kind.PASSWORD, 5, 2),
        (Kind.PASSWORD, 6, 4),
        (Kind.PASSWORD, 13, 512),
        (Kind.PASSWORD, 14, 900),
    ],
)
def test_waits_double_up_to_the_longest(kind: Kind, failures: int, seconds: int) -> None:
    assert wait_after(failures, POLICIES[kind]) == timedelta(seconds=seconds)


@pytest.mark.parametrize("kind", [Kind.CODE, Kind.PASSWORD])
def test_hundredth_consecutive_failure_closes_the_throttle(kind: Kind) -> None:
    throttle, now = Throttle(), NOW
    for _ in range(CEILING):
        assert isinstance(throttle.check(POLICIES[kind], now), Open)
        throttle = wrong(throttle, kind, now)
        now += timedelta(hours=1)
    assert isinstance(throttle.check(POLICIES[kind], now + timedelta(days=365)), Closed)


def test_guess_in_evaluation_makes_the_next_one_wait() -> None:
    policy = POLICIES[Kind.CODE]
    reserved = Throttle().reserved(policy, NOW)
    assert reserved.check(policy, NOW) == Wait(NOW + IN_FLIGHT)
    assert isinstance(reserved.released().check(policy, NOW), Open)
    assert isinstance(reserved.check(policy, NOW + IN_FLIGHT), Open)


def test_success_resets_the_consecutive_failures() -> None:
    throttle = Throttle()
    for _ in range(5):
        throttle = wrong(throttle, Kind.CODE, NOW)
    assert isinstance(throttle.check(POLICIES[Kind.CODE], NOW), Wait)
    later = NOW + timedelta(minutes=1)
    after = throttle.reserved(POLICIES[Kind.CODE], later).after_success(POLICIES[Kind.CODE])
    assert after.failures == 0
    assert isinstance(after.check(POLICIES[Kind.CODE], later), Open)


def test_address_has_twenty_failures_in_ten_minutes() -> None:
    policy, throttle = POLICIES[Kind.ADDRESS], Throttle()
    for _ in range(20):
        assert isinstance(throttle.check(policy, NOW), Open)
        throttle = wrong(throttle, Kind.ADDRESS, NOW)
    assert throttle.check(policy, NOW) == Wait(NOW + timedelta(seconds=30))
    assert isinstance(throttle.check(policy, NOW + timedelta(seconds=30)), Open)


def test_success_from_an_address_keeps_its_failures() -> None:
    policy, throttle = POLICIES[Kind.ADDRESS], Throttle()
    for _ in range(20):
        throttle = wrong(throttle, Kind.ADDRESS, NOW)
    later = NOW + timedelta(seconds=30)
    after = throttle.reserved(policy, later).after_success(policy)
    assert isinstance(after.check(policy, later), Open)
    assert isinstance(wrong(after, Kind.ADDRESS, later).check(policy, later), Wait)


@given(st.lists(st.integers(0, 120), min_size=1, max_size=300))
def test_guesses_stay_within_the_window_for_any_pattern(pauses: list[int]) -> None:
    policy, throttle, now = POLICIES[Kind.ADDRESS], Throttle(), NOW
    evaluated: list[datetime] = []
    for pause in pauses:
        now += timedelta(seconds=pause)
        if isinstance(throttle.check(policy, now), Open):
            throttle = wrong(throttle, Kind.ADDRESS, now)
            evaluated.append(now)
    window = timedelta(minutes=10)
    most = max(sum(start <= t < start + window for t in evaluated) for start in evaluated)
    # The burst, plus the budget that is restored during the window.
    assert most <= 2 * policy.window_limit


@given(st.lists(st.integers(0, 7200), min_size=1, max_size=200))
def test_guessed_codes_stay_below_the_ceiling_for_any_pattern(pauses: list[int]) -> None:
    throttle, now, evaluated = Throttle(), NOW, 0
    for pause in pauses:
        now += timedelta(seconds=pause)
        if isinstance(throttle.check(POLICIES[Kind.CODE], now), Open):
            throttle = wrong(throttle, Kind.CODE, now)
            evaluated += 1
    assert evaluated <= CEILING


def test_clock_set_back_keeps_the_limit() -> None:
    policy, throttle = POLICIES[Kind.ADDRESS], Throttle()
    for _ in range(20):
        throttle = wrong(throttle, Kind.ADDRESS, NOW)
    earlier = NOW - timedelta(days=1)
    evaluated = 0
    for _ in range(100):
        if isinstance(throttle.check(policy, earlier), Open):
            throttle = wrong(throttle, Kind.ADDRESS, earlier)
            evaluated += 1
    assert evaluated <= 21
