"""The limit of requests for each API credential, which is off by default."""

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


def accepted(limit: Pace, caller: Caller, times: int) -> int:
    """Return how many of the requests are accepted."""
    return sum(_is_accepted(limit, caller) for _ in range(times))


def _is_accepted(limit: Pace, caller: Caller) -> bool:
    try:
        limit.demand(caller)
    except TooManyRequests:
        return False
    return True


def test_requests_of_one_minute_are_accepted_together_and_return_evenly(limited: Acts) -> None:
    limit, caller, clock = Pace(limited.app), limited.call_api(PASSWORD), limited.here.clock
    assert accepted(limit, caller, 10) == 6
    with pytest.raises(TooManyRequests) as refused:
        limit.demand(caller)
    assert refused.value.facts == {"retry_after": 10}
    clock.advance(9 * SECOND)
    assert accepted(limit, caller, 3) == 0
    clock.advance(SECOND)
    assert accepted(limit, caller, 3) == 1
    clock.advance(60 * SECOND)
    assert accepted(limit, caller, 10) == 6


def test_each_credential_has_its_own_limit(limited: Acts) -> None:
    limited.create("bob")
    limit = Pace(limited.app)
    token = api_password.generate_by_operator(limited.app, CLI, "alice").reveal()
    callers = [
        limited.call_api(PASSWORD),
        limited.call_api(token),
        limited.call_api(PASSWORD, username="bob"),
    ]
    assert [accepted(limit, caller, 10) for caller in callers] == [6, 6, 6]


def test_credential_waits_at_most_a_minute_after_the_clock_went_back(limited: Acts) -> None:
    limit, caller = Pace(limited.app), limited.call_api(PASSWORD)
    assert accepted(limit, caller, 10) == 6
    limited.here.clock.advance(-3600 * SECOND)
    assert accepted(limit, caller, 10) == 0
    limited.here.clock.advance(60 * SECOND)
    assert accepted(limit, caller, 10) == 6


def test_requests_are_not_counted_by_default(here: Installation) -> None:
    acts = Acts(here)
    assert acts.app.settings.api_requests_per_minute == 0
    assert accepted(Pace(acts.app), acts.call_api(PASSWORD), 1000) == 1000
