"""Throttling on two nodes that share a database and whose clocks differ."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.support.acts import CONSOLE, Acts
from tests.support.clock import MovableClock
from tests.support.installation import CHEAP
from watchword import bootstrap
from watchword.crypto.passwords import run
from watchword.domain.audit import AuditEvent as E
from watchword.domain.clocks import CLOCK_TOLERANCE
from watchword.domain.errors import ProofNeeded, Refusal
from watchword.domain.mfa import Event, Status
from watchword.domain.secret import Secret
from watchword.domain.throttle import Kind, address_kinds
from watchword.storage import throttles
from watchword.usecases.account import own_mfa
from watchword.usecases.context import Watchword
from watchword.usecases.login.password_login import Browser, password
from watchword.usecases.operations import maintenance
from watchword.usecases.sessions import sessions
from watchword.usecases.sessions.sessions import LoggedIn
from watchword.usecases.throttling import password_spraying, reservations
from watchword.usecases.unit_of_work import unit

DIFFERENCES = pytest.mark.parametrize(
    "difference",
    [timedelta(0), timedelta(milliseconds=1), timedelta(milliseconds=20), timedelta(seconds=29)],
    ids=str,
)


@dataclass
class Nodes:
    """The node `ahead` and the node `behind`, with the clock of each."""

    ahead: Watchword
    behind: Watchword
    clocks: tuple[MovableClock, MovableClock]

    def advance(self, by: timedelta) -> None:
        for clock in self.clocks:
            clock.advance(by)

    def guess(self, number: int, username: str = "") -> str:
        """Enter a wrong password on one of the nodes, always from the same address."""
        app = (self.ahead, self.behind)[number % 2]
        name = username or f"name{number}"
        try:
            run(password(app, CONSOLE, username=name, typed=Secret("wrong"), browser=Browser()))
        except Refusal as refusal:
            return refusal.code
        return "done"


@contextmanager
def nodes(acts: Acts, difference: timedelta) -> Iterator[Nodes]:
    clock = MovableClock(acts.here.clock.now() - difference)
    with closing(bootstrap.open(acts.here.settings, clock=clock, hashing=CHEAP)) as behind:
        yield Nodes(acts.app, behind, (acts.here.clock, clock))


@DIFFERENCES
def test_address_has_one_budget_on_two_nodes(acts: Acts, difference: timedelta) -> None:
    with nodes(acts, difference) as two:
        outcomes = [two.guess(number) for number in range(60)]
    assert outcomes.count("login-failed") == 20


@DIFFERENCES
def test_parallel_guesses_on_two_nodes_share_one_budget(acts: Acts, difference: timedelta) -> None:
    with nodes(acts, difference) as two, ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(two.guess, range(60)))
    assert outcomes.count("login-failed") == 20


def test_name_has_one_wait_on_two_nodes(acts: Acts) -> None:
    """At the longest wait: the stored time is later than the latest that the node behind sets."""
    with nodes(acts, timedelta(milliseconds=1)) as two:
        with acts.app.database.writing() as connection:
            for _ in range(20):
                reservations.count_failure(connection, Kind.PASSWORD, "1", acts.here.clock.now())
        two.advance(timedelta(minutes=14))
        assert [two.guess(number, "alice") for number in range(2)] == ["throttled"] * 2
        two.advance(timedelta(minutes=1))
        assert [two.guess(number, "alice") for number in range(2)] == ["login-failed", "throttled"]


def test_sweep_on_the_node_ahead_deletes_no_count_that_the_other_node_needs(acts: Acts) -> None:
    with nodes(acts, CLOCK_TOLERANCE) as two:
        outcomes = [two.guess(2 * number + 1) for number in range(20)]
        two.advance(timedelta(minutes=6))
        maintenance.sweep(two.ahead)
        with acts.app.database.reading() as connection:
            left = [throttles.get(connection, *kind) for kind in address_kinds(CONSOLE.address)]
    assert outcomes == ["login-failed"] * 20
    assert all(each.drained_at > two.clocks[1].now() for each in left)


@pytest.mark.parametrize("ahead", [timedelta(days=1), timedelta(days=7000)], ids=str)
def test_alarm_with_a_future_time_does_not_suppress_later_ones(
    acts: Acts, ahead: timedelta
) -> None:
    for by, names in ((ahead, 300), (-ahead, 1)):
        acts.here.clock.advance(by)
        with unit(acts.app, CONSOLE) as u:
            u.record(E.LOGOUT)
            for _ in range(names):
                password_spraying.count(u, None)
    assert acts.times(E.SPRAYING) == 2


def test_reauthentication_on_the_node_ahead_is_valid_on_the_node_behind(acts: Acts) -> None:
    token = logged_in(acts)
    with nodes(acts, timedelta(minutes=1)) as two:
        principal = sessions.find(two.behind, token)
        own_mfa.change_own(two.behind, CONSOLE, principal, Event.ENABLE)
    assert acts.status is Status.PENDING


def test_reauthentication_before_a_reset_does_not_allow_disabling_mfa(acts: Acts) -> None:
    """The node ahead has dated the proof, and the node behind the reset."""
    acts.activate()
    acts.here.with_settings(enrolment_proof="other_browser")
    acts.here.clock.next_step()
    token = acts.second_step(acts.attempt()).session_token.reveal()
    with nodes(acts, timedelta(minutes=1)) as two:
        own_mfa.change_own(two.behind, CONSOLE, sessions.find(two.behind, token), Event.RESET)
        with pytest.raises(ProofNeeded):
            own_mfa.change_own(two.behind, CONSOLE, sessions.find(two.behind, token), Event.DISABLE)


def logged_in(acts: Acts) -> str:
    result = acts.password()
    assert isinstance(result, LoggedIn)
    return result.session_token.reveal()
