"""Throttling of guesses, as a value without clock or storage.

One `Throttle` counts guesses of one kind for one subject (a code, a password from unrecognised
browsers, an address); a `Policy` has the limits of a kind. The order is reserve, evaluate, settle:

    check ---> reserved (stored first: one statement, one winner) ---> evaluate
                  |                                                       |
                  +-- wrong: released (the failure stays counted) --------+
                  +-- right: after_success (the consecutive count is reset)

so that parallel guesses in several processes share one budget. NIST SP 800-63B-4, 3.2.2 allows at
most 100 consecutive failures and growing waits; RFC 4226, 7.3 requires the delay across login
sessions.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from watchword.domain.clocks import CLOCK_TOLERANCE

CEILING: Final = 100
"""Consecutive failures after which an authenticator is closed: NIST SP 800-63B-4, 3.2.2."""
IN_FLIGHT: Final = timedelta(seconds=5)
"""How long a reserved guess delays others if its evaluation never finishes."""
NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Kind(StrEnum):
    """The kinds of throttles; kind and subject name one throttle."""

    CODE = "code"
    CODE_KNOWN_BROWSER = "code-known-browser"
    CODE_MONTH = "code-month"
    PASSWORD = "password"
    PASSWORD_KNOWN_BROWSER = "password-known-browser"
    PASSWORD_KNOWN_ADDRESS = "password-known-address"
    PASSWORD_RECOVERY_CODE = "password-recovery-code"
    ADDRESS = "address"
    ADDRESS_HOUR = "address-hour"
    NETWORK = "network"
    UNKNOWN_NAMES = "unknown-names"
    REFUSED_LOGINS = "refused-logins"


class Policy(Struct, frozen=True):
    """The limits of one kind.

    After `free` consecutive failures the next guess waits `first_wait`, doubling up to
    `longest_wait`; after `ceiling` consecutive failures the throttle is closed. `window_limit`
    failures are allowed in `window`, refilled evenly; a success does not refill it. With
    `one_at_a_time` a guess in evaluation delays the next one.
    """

    free: int
    first_wait: timedelta = timedelta(0)
    longest_wait: timedelta = timedelta(0)
    ceiling: int | None = None
    window: timedelta | None = None
    window_limit: int = 0
    one_at_a_time: bool = True


POLICIES: Mapping[Kind, Policy] = MappingProxyType(
    {
        Kind.CODE: Policy(5, timedelta(seconds=60), timedelta(hours=1), ceiling=CEILING),
        # The attempts of a recognised browser; after them it shares the budget of the others.
        Kind.CODE_KNOWN_BROWSER: Policy(5, ceiling=5),
        # It delays no guess: when it is used up, a new password is required.
        Kind.CODE_MONTH: Policy(
            CEILING * 1000,
            window=timedelta(days=30),
            window_limit=60,
            one_at_a_time=False,
        ),
        Kind.PASSWORD: Policy(5, timedelta(seconds=2), timedelta(minutes=15), ceiling=CEILING),
        # The budget of a recognised browser; after it the browser is no longer recognised.
        Kind.PASSWORD_KNOWN_BROWSER: Policy(10, ceiling=10),
        # On the API, which has no cookies: an address that has sent this password before.
        Kind.PASSWORD_KNOWN_ADDRESS: Policy(
            5, timedelta(seconds=2), timedelta(minutes=15), ceiling=CEILING
        ),
        # Passwords sent with a correct recovery code, which a wrong password does not use up.
        Kind.PASSWORD_RECOVERY_CODE: Policy(10, ceiling=10),
        Kind.ADDRESS: Policy(
            CEILING * 1000,
            window=timedelta(minutes=10),
            window_limit=20,
            one_at_a_time=False,
        ),
        # The /48 of an IPv6 address: a site, or more /64s than one client can need.
        Kind.NETWORK: Policy(
            CEILING * 1000,
            window=timedelta(minutes=10),
            window_limit=100,
            one_at_a_time=False,
        ),
        # It delays no login: when it is used up, refused logins are counted, not recorded.
        Kind.REFUSED_LOGINS: Policy(
            CEILING * 1000,
            window=timedelta(hours=1),
            window_limit=600,
            one_at_a_time=False,
        ),
        # It refuses no login: when it is used up, failures are answered a second later.
        Kind.UNKNOWN_NAMES: Policy(
            CEILING * 1000,
            window=timedelta(minutes=1),
            window_limit=300,
            one_at_a_time=False,
        ),
        Kind.ADDRESS_HOUR: Policy(
            CEILING * 1000,
            window=timedelta(hours=1),
            window_limit=100,
            one_at_a_time=False,
        ),
    }
)


class Open(Struct, frozen=True):
    """A guess may be evaluated now."""


class Wait(Struct, frozen=True):
    """No guess is evaluated before that time."""

    until: datetime


class Closed(Struct, frozen=True):
    """The ceiling is reached. A new secret reopens codes; an unlock or another login method reopens
    passwords.
    """


class Throttle(Struct, frozen=True):
    """The state of one throttle.

    `failures` are consecutive and include a guess in evaluation. `drained_at` is the time when the
    window's budget is full again (the theoretical arrival time of a GCRA).
    """

    failures: int = 0
    next_allowed_at: datetime = NEVER
    in_flight_until: datetime = NEVER
    drained_at: datetime = NEVER

    def check(self, policy: Policy, now: datetime) -> Open | Wait | Closed:
        """Return whether a guess may be evaluated now."""
        if policy.ceiling is not None and self.failures >= policy.ceiling:
            return Closed()
        until = max(min(at, now + longest) for at, longest in self._waits(policy))
        return Wait(until) if now < until else Open()

    def is_in_evaluation(self, policy: Policy, now: datetime) -> bool:
        """Return whether the next guess has to wait for one in evaluation."""
        return policy.one_at_a_time and now < self.in_flight_until

    def reserved(self, policy: Policy, now: datetime) -> Throttle:
        """Return the state to store before the evaluation, in which the guess counts as wrong.

        No time becomes earlier, since another node, whose clock is ahead, may have written it.
        """
        failures = self.failures + 1
        wait = wait_after(failures, policy)
        return Throttle(
            failures=failures,
            next_allowed_at=max(self.next_allowed_at, now + wait if wait else NEVER),
            in_flight_until=now + IN_FLIGHT if policy.one_at_a_time else NEVER,
            drained_at=max(self.drained_at, now) + _share(policy),
        )

    def released(self) -> Throttle:
        """Return the state after a wrong guess, which is counted already."""
        return replace(self, in_flight_until=NEVER)

    def after_success(self, policy: Policy) -> Throttle:
        """Return the state after a correct guess: without consecutive failures and without this
        guess's share of the window. Earlier failures stay in the window.
        """
        return Throttle(drained_at=self.drained_at - _share(policy))

    def given_back(self, policy: Policy, before: Throttle, at: datetime) -> Throttle:
        """Return the state of a shared window after a correct guess, reserved at the time `at`.

        Without a failure since then it is the state before: after the clock was set back, a correct
        guess must not delay the next one.
        """
        after = self.after_success(policy)
        if after.drained_at > at:
            return after
        return replace(after, drained_at=min(after.drained_at, before.drained_at))

    def lowered(
        self, policy: Policy, now: datetime, tolerance: timedelta = CLOCK_TOLERANCE
    ) -> Throttle:
        """Return the state after a clock was set back: each time beyond the longest wait and the
        tolerance becomes the longest wait from now.
        """
        most = Throttle.most(policy, now)
        beyond = Throttle.most(policy, now + tolerance)
        return replace(
            self,
            **{
                name: getattr(most, name)
                for name in _TIMES
                if getattr(self, name) > getattr(beyond, name)
            },
        )

    @staticmethod
    def most(policy: Policy, now: datetime) -> Throttle:
        """Return the latest times that a single clock sets."""
        return Throttle(
            next_allowed_at=now + policy.longest_wait,
            in_flight_until=now + IN_FLIGHT,
            drained_at=now + (policy.window or timedelta(0)),
        )

    def _waits(self, policy: Policy) -> list[tuple[datetime, timedelta]]:
        """Return the times to wait for, each with the longest wait that a single clock sets."""
        waits = [(self.next_allowed_at, policy.longest_wait)]
        if policy.one_at_a_time:
            waits.append((self.in_flight_until, IN_FLIGHT))
        if policy.window:
            opens_at = max(NEVER + policy.window, self.drained_at) - policy.window + _share(policy)
            waits.append((opens_at, policy.window))
        return waits


_TIMES: Final = ("next_allowed_at", "in_flight_until", "drained_at")


def _share(policy: Policy) -> timedelta:
    """Return the part of the window that one failure uses."""
    return policy.window / policy.window_limit if policy.window else timedelta(0)


def wait_after(failures: int, policy: Policy) -> timedelta:
    """Return how long the next guess waits after `failures` consecutive failures."""
    beyond = failures - policy.free
    if beyond < 0 or not policy.first_wait:
        return timedelta(0)
    # 2**20 first waits exceed every longest wait; without the cap the number overflows.
    doublings: int = 2 ** min(beyond, 20)
    return min(policy.first_wait * doublings, policy.longest_wait)


def address_subject(address: str) -> str:
    """Return the subject under which an address is counted: the address, or its /64 for IPv6."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def address_kinds(
    address: str, *, is_shared: bool = False, is_known: bool = False
) -> list[tuple[Kind, str]]:
    """Return the throttles of an address: burst, hour, and its IPv6 network unless it `is_known` to
    the account. An address that all clients of a trusted proxy share has none.
    """
    if is_shared:
        return []
    subject = address_subject(address)
    kinds = [(Kind.ADDRESS, subject), (Kind.ADDRESS_HOUR, subject)]
    if subject.endswith("/64") and not is_known:
        network = ipaddress.IPv6Network(subject).supernet(new_prefix=48)
        kinds.append((Kind.NETWORK, str(network)))
    return kinds


ADDRESS_KINDS: Final = (Kind.ADDRESS, Kind.ADDRESS_HOUR, Kind.NETWORK)
KNOWN_KINDS: Final = (
    Kind.CODE_KNOWN_BROWSER, Kind.PASSWORD_KNOWN_BROWSER, Kind.PASSWORD_KNOWN_ADDRESS,
)  # fmt: skip
"""The kinds of a recognised browser or address; they are deleted with it."""
