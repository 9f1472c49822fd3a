"""Use of an account's passwords on the API, as shown on the "Confirm" pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.support.acts import API, BY_CLI, CLI, PASSWORD, Acts
from watchword.domain.errors import AlreadySo, LoginFailed, NothingToRevoke, NotInThisState, Refusal
from watchword.usecases.administrators import account_usage, other_accounts
from watchword.usecases.administrators.account_usage import Usage
from watchword.usecases.api import api_password
from watchword.usecases.sessions.sessions import LoggedIn

MINUTE = timedelta(minutes=1)
ELSEWHERE = replace(API, address="192.0.2.77")


def is_there(acts: Acts, username: str) -> bool:
    return any(each.account.username == username for each in other_accounts.page(acts.app, CLI))


def usage(acts: Acts, act: str = "delete") -> Usage:
    """Return the usage of alice's passwords, read by another administrator."""
    if not is_there(acts, "carol"):
        acts.create("carol")
    logged_in = acts.password(username="carol")
    assert isinstance(logged_in, LoggedIn)
    return account_usage.before(acts.app, CLI, acts.principal(logged_in), acts.username, act)


def test_regular_password_use_is_recorded_at_most_once_a_minute(acts: Acts) -> None:
    assert usage(acts).api_password.regular_used_at is None
    first = acts.here.clock.now()
    acts.call_api(PASSWORD)
    acts.here.clock.advance(MINUTE - timedelta(seconds=1))
    acts.call_api(PASSWORD, actor=ELSEWHERE)
    stored = usage(acts).api_password
    assert (stored.regular_used_at, stored.regular_used_address) == (first, API.address)
    acts.here.clock.advance(timedelta(seconds=1))
    acts.call_api(PASSWORD, actor=ELSEWHERE)
    stored = usage(acts).api_password
    assert stored.regular_used_at == acts.here.clock.now()
    assert stored.regular_used_address == ELSEWHERE.address


def test_recorded_use_in_the_future_is_replaced(acts: Acts) -> None:
    """A clock that was ahead must not hide later uses."""
    acts.here.clock.advance(timedelta(days=2))
    acts.call_api(PASSWORD)
    acts.here.clock.advance(timedelta(days=-1))
    acts.call_api(PASSWORD)
    assert usage(acts).api_password.regular_used_at == acts.here.clock.now()


def test_refused_password_does_not_count_as_use(acts: Acts) -> None:
    with pytest.raises(LoginFailed):
        acts.call_api("wrong")
    acts.activate()
    with pytest.raises(LoginFailed):
        acts.call_api(PASSWORD)
    assert usage(acts).api_password.regular_used_at is None


def test_password_is_in_use_for_seven_days_after_its_last_use(acts: Acts) -> None:
    generated = acts.generate_api_password()
    before = usage(acts)
    assert (before.api_password_in_use, before.regular_password_in_use) == (False, False)
    acts.call_api(generated)
    acts.call_api(PASSWORD)
    acts.here.clock.advance(timedelta(days=7) - MINUTE)
    lately = usage(acts)
    assert (lately.api_password_in_use, lately.regular_password_in_use) == (True, True)
    acts.here.clock.advance(MINUTE)
    later = usage(acts)
    assert (later.api_password_in_use, later.regular_password_in_use) == (False, False)


def test_new_api_password_is_unused_and_regular_password_use_is_kept(acts: Acts) -> None:
    acts.call_api(acts.generate_api_password())
    acts.call_api(PASSWORD)
    acts.generate_api_password()
    stored = usage(acts).api_password
    assert (stored.last_used_at, stored.regular_used_at) == (None, acts.here.clock.now())


def test_use_of_the_replaced_api_password_counts_as_long_as_it_is_accepted(acts: Acts) -> None:
    old = acts.generate_api_password()
    new = api_password.generate_by_operator(acts.app, CLI, "alice", timedelta(hours=1)).reveal()
    acts.call_api(old, actor=ELSEWHERE)

    def shown() -> tuple[str, bool]:
        now = usage(acts)
        return now.api_used.last_used_address, now.api_password_in_use

    assert shown() == (ELSEWHERE.address, True)
    acts.here.clock.advance(MINUTE)
    acts.call_api(new)
    assert shown() == (API.address, True)
    acts.here.clock.advance(MINUTE)
    acts.call_api(old, actor=ELSEWHERE)
    assert shown() == (ELSEWHERE.address, True)
    acts.here.clock.advance(timedelta(hours=1))
    assert shown() == (API.address, True)


@pytest.mark.parametrize(
    ("act", "refusal"),
    [("disable-mfa", NotInThisState), ("reset-secret", NotInThisState),
     ("revoke-api-password", NothingToRevoke), ("disable", AlreadySo)],
)  # fmt: skip
def test_invalid_action_is_refused_before_its_confirmation(
    acts: Acts, act: str, refusal: type[Refusal]
) -> None:
    if act == "disable":
        acts.create("bob")
        other_accounts.disable(acts.app, BY_CLI, "alice")
    with pytest.raises(refusal):
        usage(acts, act)
