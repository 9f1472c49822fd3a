"""A clock that is set back by an hour or runs a day ahead, with and without a restart: used codes
stay refused, the owner can log in, and every lifetime ends.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from tests.support.acts import CONSOLE, PASSWORD, Acts
from watchword.domain.errors import (
    AttemptEnded,
    CodeWrong,
    FirstRunOver,
    LoginFailed,
    ProofNeeded,
    SessionEnded,
    Throttled,
)
from watchword.domain.mfa import Event
from watchword.usecases.account import own_mfa
from watchword.usecases.administrators import first_run
from watchword.usecases.operations import maintenance
from watchword.usecases.sessions import sessions
from watchword.usecases.sessions.sessions import LoggedIn

HOUR, DAY, YEARS = timedelta(hours=1), timedelta(days=1), timedelta(days=20 * 365)


def set_clock(acts: Acts, by: timedelta, *, restart: bool) -> None:
    acts.here.clock.advance(by)
    if restart:
        acts.here.with_settings()


@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
@pytest.mark.parametrize("by", [-HOUR, DAY], ids=["an-hour-back", "a-day-ahead"])
def test_used_codes_stay_refused_and_the_owner_can_log_in(
    acts: Acts, by: timedelta, restart: bool
) -> None:
    acts.activate()
    acts.here.clock.next_step()
    used = acts.code()
    acts.second_step(acts.attempt(), used)
    used_at = acts.here.clock.now()
    set_clock(acts, by, restart=restart)
    with pytest.raises(CodeWrong):
        acts.second_step(acts.attempt(), used)
    if by < timedelta(0):
        # A code of the repeated hour may have been used, so it is refused: use a recovery code.
        with pytest.raises(CodeWrong):
            acts.second_step(acts.attempt())
        acts.by_recovery_code(acts.attempt(), acts.recovery_codes[0].reveal())
        acts.here.clock.advance(used_at - acts.here.clock.now())
        with pytest.raises(CodeWrong):
            acts.second_step(acts.attempt(), used)
    acts.here.clock.next_step()
    acts.here.clock.next_step()
    assert isinstance(acts.second_step(acts.attempt()), LoggedIn)


@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
def test_after_a_day_ahead_and_back_codes_work_again_after_a_day(acts: Acts, restart: bool) -> None:
    """Until then a recovery code works, and a reset makes codes work immediately."""
    acts.activate()
    set_clock(acts, DAY, restart=restart)
    acts.second_step(acts.attempt())
    set_clock(acts, -DAY, restart=restart)
    with pytest.raises(CodeWrong):
        acts.second_step(acts.attempt())
    back = acts.by_recovery_code(acts.attempt(), acts.recovery_codes[0].reveal())
    acts.press(Event.RESET, acts.principal(back))
    acts.login()
    acts.here.clock.next_step()
    assert isinstance(acts.second_step(acts.attempt()), LoggedIn)


@pytest.mark.parametrize("ahead", [DAY + HOUR, YEARS], ids=["a-day", "years"])
def test_rows_of_a_clock_that_ran_ahead_are_deleted(acts: Acts, ahead: timedelta) -> None:
    """Otherwise a session of the year 2046 would be valid until then."""
    acts.activate()
    acts.press(Event.DISABLE)
    acts.here.clock.advance(ahead)
    logged_in = acts.password()
    assert isinstance(logged_in, LoggedIn)
    acts.press(Event.ENABLE, acts.principal(logged_in))
    attempt = acts.attempt()
    acts.here.clock.advance(-ahead)
    assert maintenance.sweep(acts.app) > 0
    with pytest.raises(SessionEnded):
        acts.principal(logged_in)
    with pytest.raises(AttemptEnded):
        acts.second_step(attempt, "000000")
    now = int(acts.here.clock.now().timestamp() * 1_000_000)
    with acts.app.database.reading() as connection:
        for table in ("sessions", "login_attempts", "enrolments", "known_browsers"):
            sql = f"SELECT count(*) FROM {table} WHERE created_at > {now}"
            assert connection.exec_driver_sql(sql).scalar_one() == 0, table


def test_an_hour_back_ends_no_session_and_renews_no_reauthentication(acts: Acts) -> None:
    principal = acts.activate()
    acts.here.clock.next_step()
    token = acts.second_step(acts.attempt()).session_token.reveal()
    acts.here.clock.advance(-HOUR)
    maintenance.sweep(acts.app)
    assert sessions.find(acts.app, token).account.id == principal.account.id
    with pytest.raises(ProofNeeded):
        own_mfa.change_own(acts.app, CONSOLE, sessions.find(acts.app, token), Event.RESET)
    acts.here.clock.advance(HOUR + acts.app.limits.idle)
    with pytest.raises(SessionEnded):
        sessions.find(acts.app, token)


def try_again(acts: Acts) -> None:
    with suppress(LoginFailed, Throttled):
        acts.password("wrong wrong wrong")


def sweep(acts: Acts) -> None:
    maintenance.sweep(acts.app)


@pytest.mark.parametrize("notice", [try_again, sweep])
@pytest.mark.parametrize("by", [-HOUR, -DAY, DAY], ids=["hour-back", "day-back", "day-ahead"])
def test_no_wait_becomes_longer_than_it_was(
    acts: Acts, by: timedelta, notice: Callable[[Acts], None]
) -> None:
    """The server notices the change at the next attempt, or within minutes without one."""
    for _ in range(6):
        with pytest.raises((LoginFailed, Throttled)):
            acts.password("wrong wrong wrong")
    with pytest.raises(Throttled):
        acts.password()
    acts.here.clock.advance(by)
    notice(acts)
    acts.here.clock.advance(timedelta(minutes=15))
    assert isinstance(acts.password(PASSWORD), LoggedIn)


def test_a_first_run_link_of_the_future_is_invalid(acts: Acts) -> None:
    from watchword.storage import installation

    acts.here.clock.advance(YEARS)
    with acts.app.database.writing() as connection:
        now = acts.here.clock.now()
        installation.put_first_run_link(connection, "digest", now + HOUR)
        assert installation.end_of_first_run_link(connection, ["digest"])
    acts.here.clock.advance(-YEARS)
    maintenance.sweep(acts.app)
    with acts.app.database.reading() as connection:
        assert not installation.end_of_first_run_link(connection, ["digest"])
    with pytest.raises(FirstRunOver):
        first_run.demand_open(acts.app, "digest")
