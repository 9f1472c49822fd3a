"""Throttles shared by nodes with different clocks, and clocks that are set back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchword.domain.clocks import CLOCK_TOLERANCE
from watchword.domain.throttle import (
    IN_FLIGHT,
    NEVER,
    POLICIES,
    Kind,
    Open,
    Policy,
    Throttle,
    Wait,
    wait_after,
)

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
TICK, SECOND, DAY = timedelta(microseconds=1), timedelta(seconds=1), timedelta(days=1)
NOTHING = timedelta(0)
EVERY_POLICY = pytest.mark.parametrize(
    "kind", [k for k, p in POLICIES.items() if p.window or p.first_wait]
)
DIFFERENCES = st.one_of(
    st.integers(0, 1000).map(lambda ms: timedelta(milliseconds=ms)),
    st.integers(0, 20 * 60).map(lambda seconds: timedelta(seconds=seconds)),
)
GUESSES = st.lists(st.tuples(st.integers(0, 900), st.booleans()), min_size=20, max_size=200)
"""Seconds since the guess before, and whether the node with the slower clock gets it."""


def wrong(throttle: Throttle, policy: Policy, now: datetime) -> Throttle:
    return throttle.reserved(policy, now).released()


def evaluated(
    policy: Policy, guesses: Sequence[tuple[timedelta, bool]], difference: timedelta
) -> list[datetime]:
    """Return the real times of the evaluated guesses of two nodes with one database."""
    throttle, real, found = Throttle(), NOW, []
    for pause, is_behind in guesses:
        real += pause
        now = real - difference if is_behind else real
        if isinstance(throttle.check(policy, now), Open):
            throttle = wrong(throttle, policy, now)
            found.append(real)
    return found


def most_in(policy: Policy, span: timedelta) -> int:
    """Return the number of guesses that one clock allows in a span of time."""
    if policy.window:
        return policy.window_limit + int(span / (policy.window / policy.window_limit))
    count, needed = 0, NOTHING
    while needed <= span and count < (policy.ceiling or 0):
        count += 1
        needed += wait_after(count, policy)
    return count


@EVERY_POLICY
@settings(max_examples=30)
@given(guesses=GUESSES, difference=DIFFERENCES)
def test_two_clocks_allow_as_many_guesses_as_one(
    kind: Kind, guesses: list[tuple[int, bool]], difference: timedelta
) -> None:
    """The difference counts once, as if the first guess had been earlier by it."""
    policy = POLICIES[kind]
    found = evaluated(policy, [(p * SECOND, b) for p, b in guesses], difference)
    assert len(found) <= most_in(policy, found[-1] - found[0] + difference)


@EVERY_POLICY
@pytest.mark.parametrize("milliseconds", [1, 20, 500])
def test_two_clocks_at_one_moment_allow_as_many_guesses_as_one(
    kind: Kind, milliseconds: int
) -> None:
    policy, difference = POLICIES[kind], timedelta(milliseconds=milliseconds)
    alternating = [(NOTHING, n % 2 == 0) for n in range(4 * (policy.window_limit or policy.free))]
    found = evaluated(policy, alternating, difference)
    assert len(found) <= most_in(policy, difference) <= most_in(policy, NOTHING) + 2


@EVERY_POLICY
def test_node_a_tick_behind_waits_as_long(kind: Kind) -> None:
    policy, throttle = POLICIES[kind], Throttle()
    for _ in range(policy.window_limit or 60):
        throttle = wrong(throttle, policy, NOW)
    longest = policy.longest_wait or policy.window or NOTHING
    found = throttle.check(policy, NOW - TICK)
    assert isinstance(found, Wait)
    assert found.until <= NOW - TICK + longest


@pytest.mark.parametrize("ahead", [TICK, CLOCK_TOLERANCE, DAY, 7000 * DAY])
@pytest.mark.parametrize("kind", Kind)
def test_clock_set_back_does_not_extend_the_longest_wait(kind: Kind, ahead: timedelta) -> None:
    policy, throttle = POLICIES[kind], Throttle()
    for _ in range((policy.ceiling or policy.window_limit + 1) - 1):
        throttle = throttle.reserved(policy, NOW + ahead)
    longest = max(policy.longest_wait, policy.window or NOTHING, IN_FLIGHT)
    lowered = throttle.lowered(policy, NOW)
    tolerated = min(ahead, CLOCK_TOLERANCE)
    assert isinstance(lowered.check(policy, NOW + longest + tolerated), Open)
    assert lowered.failures == throttle.failures


@EVERY_POLICY
def test_lowering_restores_no_budget(kind: Kind) -> None:
    """Waits within the tolerance are kept; longer ones are cut to the longest wait."""
    policy, throttle = POLICIES[kind], Throttle()
    for _ in range(policy.window_limit or 60):
        throttle = wrong(throttle, policy, NOW)
    assert throttle.lowered(policy, NOW - CLOCK_TOLERANCE) == throttle
    lowered = throttle.lowered(policy, NOW - DAY)
    assert isinstance(lowered.check(policy, NOW - DAY), Wait)
    assert lowered == throttle.lowered(policy, NOW - DAY).lowered(policy, NOW - DAY)


def test_guess_during_a_wait_keeps_the_time_of_the_node_ahead() -> None:
    """A wrong code of a recognised browser counts while the account's codes wait."""
    policy, throttle = POLICIES[Kind.CODE], Throttle()
    for _ in range(20):
        throttle = wrong(throttle, policy, NOW)
    assert wrong(throttle, policy, NOW - 60 * SECOND).next_allowed_at == throttle.next_allowed_at
    assert Throttle().reserved(policy, NOW).next_allowed_at == NEVER
