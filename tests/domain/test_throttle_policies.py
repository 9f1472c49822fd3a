"""The policies of rules 3.4 as numbers, and their limits for any pattern of guesses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from watchword.domain.throttle import (
    ADDRESS_KINDS,
    CEILING,
    IN_FLIGHT,
    NEVER,
    POLICIES,
    Closed,
    Kind,
    Open,
    Policy,
    Throttle,
    Wait,
    address_subject,
    wait_after,
)

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
TICK = timedelta(microseconds=1)
CODE, PASSWORD = POLICIES[Kind.CODE], POLICIES[Kind.PASSWORD]
BROWSER, ADDRESS = POLICIES[Kind.PASSWORD_KNOWN_BROWSER], POLICIES[Kind.ADDRESS]
SLOWED = [pytest.param(CODE, id="code"), pytest.param(PASSWORD, id="password")]
PAUSES = st.lists(st.integers(0, 4000), min_size=1, max_size=150)


def wrong(throttle: Throttle, policy: Policy, now: datetime) -> Throttle:
    return throttle.reserved(policy, now).released()


def wrong_times(times: int, policy: Policy, now: datetime = NOW) -> Throttle:
    throttle = Throttle()
    for _ in range(times):
        throttle = wrong(throttle, policy, now)
    return throttle


# --- the table -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (CODE, Policy(5, 60 * SECOND, HOUR, ceiling=100)),
        (PASSWORD, Policy(5, 2 * SECOND, 15 * MINUTE, ceiling=100)),
        (BROWSER, Policy(10, ceiling=10)),
        (ADDRESS, Policy(100_000, window=10 * MINUTE, window_limit=20, one_at_a_time=False)),
    ],
    ids=["code", "password", "known-browser", "address"],
)
def test_policy_is_that_of_the_rules(policy: Policy, expected: Policy) -> None:
    assert policy == expected


def test_every_kind_has_an_immutable_policy() -> None:
    assert set(POLICIES) == set(Kind)
    assert CEILING == 100
    with pytest.raises(TypeError):
        POLICIES[Kind.CODE] = BROWSER  # type: ignore[index]
    with pytest.raises(AttributeError, match="immutable"):
        CODE.free = 1000  # type: ignore[misc]


@pytest.mark.parametrize(
    ("policy", "waits"),
    [
        (CODE, [0, 0, 0, 0, 0, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]),
        (PASSWORD, [0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]),
        (BROWSER, [0] * 12),
        (ADDRESS, [0] * 40),
    ],
    ids=["code", "password", "known-browser", "address"],
)
def test_number_of_failures_determines_the_wait(policy: Policy, waits: list[int]) -> None:
    found = [wait_after(failures, policy).total_seconds() for failures in range(len(waits))]
    assert found == waits


@given(st.integers(0, 10**6))
def test_waits_grow_up_to_the_longest(failures: int) -> None:
    for policy in (CODE, PASSWORD):
        wait, following = (wait_after(n, policy) for n in (failures, failures + 1))
        assert timedelta(0) <= wait <= following <= policy.longest_wait


# --- one guess after the other ---------------------------------------------------------------
@pytest.mark.parametrize("policy", SLOWED)
def test_sixth_guess_waits(policy: Policy) -> None:
    for failures in range(5):
        assert wrong_times(failures, policy).check(policy, NOW) == Open()
    assert wrong_times(5, policy).check(policy, NOW) == Wait(NOW + policy.first_wait)


@pytest.mark.parametrize("policy", SLOWED)
@pytest.mark.parametrize("failures", [5, 6, 9, 30, 99])
def test_wait_ends_at_its_exact_time(policy: Policy, failures: int) -> None:
    throttle, until = wrong_times(failures, policy), NOW + wait_after(failures, policy)
    assert throttle.check(policy, until - TICK) == Wait(until)
    assert throttle.check(policy, until) == Open()


@pytest.mark.parametrize("policy", SLOWED)
def test_throttle_stays_closed_after_the_hundredth_guess(policy: Policy) -> None:
    later = NOW + 365 * 24 * HOUR
    assert wrong_times(99, policy).check(policy, later) == Open()
    assert wrong_times(100, policy).check(policy, later) == Closed()
    assert wrong_times(101, policy).check(policy, later) == Closed()


@pytest.mark.parametrize("policy", SLOWED)
def test_correct_hundredth_guess_succeeds(policy: Policy) -> None:
    right = wrong_times(99, policy).reserved(policy, NOW + HOUR).after_success(policy)
    assert right.failures == 0
    assert right.check(policy, NOW + HOUR) == Open()


def test_recognised_browser_has_ten_attempts_without_wait() -> None:
    for failures in range(10):
        assert wrong_times(failures, BROWSER).check(BROWSER, NOW) == Open()
    assert wrong_times(10, BROWSER).check(BROWSER, NOW + 1000 * HOUR) == Closed()


# --- a guess in evaluation -------------------------------------------------------------------
@pytest.mark.parametrize("kind", [Kind.CODE, Kind.PASSWORD, Kind.PASSWORD_KNOWN_BROWSER])
def test_one_guess_is_evaluated_at_a_time(kind: Kind) -> None:
    policy = POLICIES[kind]
    reserved = Throttle().reserved(policy, NOW)
    assert reserved.check(policy, NOW) == Wait(NOW + IN_FLIGHT)
    assert reserved.check(policy, NOW + IN_FLIGHT - TICK) == Wait(NOW + IN_FLIGHT)
    assert reserved.check(policy, NOW + IN_FLIGHT) == Open()
    assert reserved.released().check(policy, NOW) == Open()


def test_guesses_from_an_address_run_in_parallel_within_its_budget() -> None:
    throttle = Throttle()
    for _ in range(20):
        assert throttle.check(ADDRESS, NOW) == Open()
        throttle = throttle.reserved(ADDRESS, NOW)
    assert throttle.check(ADDRESS, NOW) == Wait(NOW + 30 * SECOND)


@pytest.mark.parametrize("policy", SLOWED)
def test_guess_that_is_never_released_stays_counted(policy: Policy) -> None:
    throttle = Throttle()
    for turn in range(5):
        throttle = throttle.reserved(policy, NOW + turn * IN_FLIGHT)
    assert throttle.failures == 5
    lost = NOW + 4 * IN_FLIGHT
    assert throttle.check(policy, lost) == Wait(lost + max(IN_FLIGHT, policy.first_wait))


@given(st.integers(0, 99), st.integers(0, 10**7))
def test_release_changes_only_the_time_in_flight(failures: int, at: int) -> None:
    reserved = replace(Throttle(), failures=failures).reserved(CODE, NOW + at * SECOND)
    assert reserved.in_flight_until == NOW + at * SECOND + IN_FLIGHT
    assert reserved.released() == replace(reserved, in_flight_until=NEVER)
    assert reserved.released().failures == failures + 1


# --- success ---------------------------------------------------------------------------------
@pytest.mark.parametrize("policy", SLOWED)
@pytest.mark.parametrize("failures", [0, 1, 5, 50, 99])
def test_success_resets_the_consecutive_count(policy: Policy, failures: int) -> None:
    later = NOW + HOUR
    after = wrong_times(failures, policy).reserved(policy, later).after_success(policy)
    assert (after.failures, after.next_allowed_at, after.in_flight_until) == (0, NEVER, NEVER)
    for _ in range(5):
        assert after.check(policy, later) == Open()
        after = wrong(after, policy, later)
    assert after.check(policy, later) == Wait(later + policy.first_wait)


@pytest.mark.parametrize("failures", [0, 1, 7, 19])
def test_success_restores_only_its_own_share_of_the_window(failures: int) -> None:
    throttle = wrong_times(failures, ADDRESS)
    for _ in range(100):
        throttle = throttle.reserved(ADDRESS, NOW).after_success(ADDRESS)
    for _ in range(20 - failures):
        assert throttle.check(ADDRESS, NOW) == Open()
        throttle = wrong(throttle, ADDRESS, NOW)
    assert throttle.check(ADDRESS, NOW) == Wait(NOW + 30 * SECOND)


def test_success_keeps_a_parallel_failure_counted() -> None:
    both = wrong_times(18, ADDRESS).reserved(ADDRESS, NOW).reserved(ADDRESS, NOW)
    assert isinstance(both.check(ADDRESS, NOW), Wait)
    after = both.after_success(ADDRESS).released()
    assert after.check(ADDRESS, NOW) == Open()
    assert isinstance(wrong(after, ADDRESS, NOW).check(ADDRESS, NOW), Wait)


# --- the window of an address ----------------------------------------------------------------
def test_budget_of_an_address_grows_by_one_in_thirty_seconds() -> None:
    throttle, now = wrong_times(20, ADDRESS), NOW
    for _ in range(10):
        assert throttle.check(ADDRESS, now) == Wait(now + 30 * SECOND)
        assert throttle.check(ADDRESS, now + 30 * SECOND - TICK) == Wait(now + 30 * SECOND)
        now += 30 * SECOND
        assert throttle.check(ADDRESS, now) == Open()
        throttle = wrong(throttle, ADDRESS, now)


@pytest.mark.parametrize(("idle", "free"), [(5 * MINUTE, 10), (10 * MINUTE, 20), (24 * HOUR, 20)])
def test_idle_address_regains_at_most_its_budget(idle: timedelta, free: int) -> None:
    throttle, later = wrong_times(20, ADDRESS), NOW + idle
    for _ in range(free):
        assert throttle.check(ADDRESS, later) == Open()
        throttle = wrong(throttle, ADDRESS, later)
    assert isinstance(throttle.check(ADDRESS, later), Wait)


@given(
    st.lists(st.tuples(st.integers(0, 90), st.booleans()), min_size=1, max_size=150),
    st.integers(1, 30),
)
def test_failures_in_any_span_stay_within_budget_and_refill(
    guesses: list[tuple[int, bool]], tries: int
) -> None:
    """20 immediately, then one in 30 seconds; correct guesses between them add none."""
    throttle, now = Throttle(), NOW
    failed: list[datetime] = []
    for pause, is_right in guesses:
        now += pause * SECOND
        for _ in range(tries):
            if throttle.check(ADDRESS, now) != Open():
                break
            reserved = throttle.reserved(ADDRESS, now)
            throttle = reserved.after_success(ADDRESS) if is_right else reserved.released()
            if not is_right:
                failed.append(now)
    for first in range(0, len(failed), 7):
        for count, at in enumerate(failed[first:], start=1):
            assert count <= 20 + (at - failed[first]) // (30 * SECOND)


# --- what no pattern gets past ---------------------------------------------------------------
@given(PAUSES)
def test_wrong_codes_wait_and_stay_below_the_ceiling(pauses: list[int]) -> None:
    for policy in (CODE, PASSWORD):
        throttle, now = Throttle(), NOW
        evaluated: list[datetime] = []
        for pause in pauses:
            now += pause * SECOND
            if throttle.check(policy, now) == Open():
                throttle = wrong(throttle, policy, now)
                evaluated.append(now)
        assert len(evaluated) <= CEILING
        for failures, (before, after) in enumerate(pairwise(evaluated), start=1):
            assert after - before >= wait_after(failures, policy)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=100))
def test_an_hour_of_guessing_evaluates_at_most_ten_codes(pauses: list[int]) -> None:
    throttle, now, evaluated = Throttle(), NOW, 0
    for pause in pauses:
        now += pause * SECOND
        if now < NOW + HOUR and throttle.check(CODE, now) == Open():
            throttle = wrong(throttle, CODE, now)
            evaluated += 1
    # Five are free, five follow after 60 to 960 seconds each; a wait of 1920 s does not fit.
    assert evaluated <= 10


# --- clocks ----------------------------------------------------------------------------------
@pytest.mark.parametrize("policy", SLOWED)
def test_clock_set_back_keeps_the_throttle_closed(policy: Policy) -> None:
    assert wrong_times(100, policy).check(policy, NOW - 24 * HOUR) == Closed()


# --- addresses -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("address", "subject"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::FFFF", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("", ""),
        ("testclient", "testclient"),
        ("192.0.2.256", "192.0.2.256"),
    ],
    ids=[
        "ipv4", "ipv4-in-ipv6", "ipv6", "ipv6-first", "ipv6-upper-case", "ipv6-neighbour", "zone",
        "loopback", "empty", "a-word", "not-an-address",
    ],
)  # fmt: skip
def test_address_is_counted_by_its_network(address: str, subject: str) -> None:
    assert address_subject(address) == subject


@given(st.integers(1, 2**64 - 1), st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_ipv6_network_has_its_own_count(net: int, host: int, other: int) -> None:
    def subject(network: int, interface: int) -> str:
        return address_subject(str(IPv6Address((network << 64) | interface)))

    assert subject(net, host) == subject(net, other) == f"{IPv6Address(net << 64)}/64"
    assert subject(net, host) != subject(net ^ 1, other)


def test_rows_written_by_one_guessing_address_are_limited() -> None:
    """Each evaluated attempt writes a row of the audit log; attempts beyond the budget do not.

    The numbers are quoted in docs/decisions/0020.
    """
    kept = {kind: Throttle() for kind in ADDRESS_KINDS}
    rows: dict[int, int] = {}
    evaluated = 0
    for second in range(24 * 3600):
        now = NOW + second * SECOND
        if all(isinstance(t.check(POLICIES[k], now), Open) for k, t in kept.items()):
            kept = {k: wrong(t, POLICIES[k], now) for k, t in kept.items()}
            evaluated += 1
        rows[second + 1] = evaluated
    assert [rows[n] for n in (60, 600, 3600, 24 * 3600)] == [21, 39, 139, 2499]
