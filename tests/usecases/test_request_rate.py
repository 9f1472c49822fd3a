"""The setting `api_requests_per_minute`: a credential has its limit, and nobody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.acts import PASSWORD, Acts
from watchword.domain.errors import TooFast
from watchword.usecases.api_access import Caller
from watchword.usecases.request_rate import RequestRate

MINUTE = timedelta(minutes=1)


@pytest.fixture
def caller(acts: Acts) -> Caller:
    return acts.call_api(PASSWORD)


def test_without_the_setting_as_many_come_as_like(acts: Acts, caller: Caller) -> None:
    rate = RequestRate(acts.app)
    for _ in range(1000):
        rate.demand(caller)


def test_beyond_the_limit_a_credential_waits_and_gets_its_requests_back(
    acts: Acts, caller: Caller
) -> None:
    acts.here.with_settings(api_requests_per_minute=30)
    rate = RequestRate(acts.app)
    for _ in range(30):
        rate.demand(caller)
    for _ in range(3):  # what is refused costs nothing
        with pytest.raises(TooFast) as refused:
            rate.demand(caller)
        assert refused.value.facts == {"retry_after": 2}
    acts.here.clock.advance(timedelta(seconds=2))
    rate.demand(caller)
    with pytest.raises(TooFast):
        rate.demand(caller)
    acts.here.clock.advance(MINUTE)
    for _ in range(30):
        rate.demand(caller)


def test_another_credential_of_the_account_and_another_account_have_their_own(
    acts: Acts, caller: Caller
) -> None:
    password = acts.generate_api_password()
    acts.create("bob")
    others = [acts.call_api(password), acts.call_api(PASSWORD, username="bob")]
    acts.here.with_settings(api_requests_per_minute=1)
    rate = RequestRate(acts.app)
    for each in (caller, *others):
        rate.demand(each)
        with pytest.raises(TooFast):
            rate.demand(each)


def test_a_clock_that_went_back_keeps_no_script_out(acts: Acts, caller: Caller) -> None:
    acts.here.with_settings(api_requests_per_minute=1)
    rate = RequestRate(acts.app)
    rate.demand(caller)
    acts.here.clock.advance(timedelta(days=-1))
    rate.demand(caller)
