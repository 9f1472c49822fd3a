"""How many requests one credential may make: nothing is counted unless the setting says so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.acts import CLI, PASSWORD, Acts
from tests.support.installation import Installation
from watchword.domain.errors import TooManyRequests
from watchword.usecases.api import api_password
from watchword.usecases.api.authentication import Caller
from watchword.usecases.api.rate_limit import Pace

SECOND = timedelta(seconds=1)


@pytest.fixture
def limited(acts: Acts) -> Acts:
    acts.here.with_settings(api_requests_per_minute=6)
    return acts


def asked(pace: Pace, caller: Caller, times: int) -> int:
    """How many of so many requests are let through."""
    return sum(_is_let_through(pace, caller) for _ in range(times))


def _is_let_through(pace: Pace, caller: Caller) -> bool:
    try:
        pace.demand(caller)
    except TooManyRequests:
        return False
    return True


def test_a_minutes_requests_may_come_at_once_and_come_back_evenly(limited: Acts) -> None:
    pace, caller, clock = Pace(limited.app), limited.call_api(PASSWORD), limited.here.clock
    assert asked(pace, caller, 10) == 6
    with pytest.raises(TooManyRequests) as refused:
        pace.demand(caller)
    assert refused.value.facts == {"retry_after": 10}
    clock.advance(9 * SECOND)
    assert asked(pace, caller, 3) == 0
    clock.advance(SECOND)
    assert asked(pace, caller, 3) == 1
    clock.advance(60 * SECOND)
    assert asked(pace, caller, 10) == 6


def test_each_credential_has_its_own(limited: Acts) -> None:
    limited.create("bob")
    pace = Pace(limited.app)
    token = api_password.generate_by_operator(limited.app, CLI, "alice").reveal()
    callers = [
        limited.call_api(PASSWORD),
        limited.call_api(token),
        limited.call_api(PASSWORD, username="bob"),
    ]
    assert [asked(pace, caller, 10) for caller in callers] == [6, 6, 6]


def test_after_a_clock_went_back_a_credential_waits_a_minute_at_most(limited: Acts) -> None:
    pace, caller = Pace(limited.app), limited.call_api(PASSWORD)
    assert asked(pace, caller, 10) == 6
    limited.here.clock.advance(-3600 * SECOND)
    assert asked(pace, caller, 10) == 0
    limited.here.clock.advance(60 * SECOND)
    assert asked(pace, caller, 10) == 6


def test_by_default_nothing_is_counted(here: Installation) -> None:
    acts = Acts(here)
    assert acts.app.settings.api_requests_per_minute == 0
    assert asked(Pace(acts.app), acts.call_api(PASSWORD), 1000) == 1000
