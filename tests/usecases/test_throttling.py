"""Throttling in use: who is slowed by whose guesses, and who is not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from tests.support.acts import API, CONSOLE, PASSWORD, Acts
from watchword.domain.errors import AttemptEnded, CodeWrong, LoginFailed, Refusal, Throttled
from watchword.domain.throttle import Kind, address_subject
from watchword.storage import throttles
from watchword.usecases import slots, upkeep
from watchword.usecases.login import Browser
from watchword.usecases.sessions import LoggedIn

ELSEWHERE = [replace(CONSOLE, address=f"198.51.100.{n}") for n in range(200)]


def fail_login(acts: Acts, times: int, username: str = "alice") -> None:
    for n in range(times):
        with pytest.raises(Refusal):
            acts.password("wrong wrong wrong", username=username, actor=ELSEWHERE[n])


@pytest.mark.parametrize("username", ["alice", "nobody"])
def test_after_five_wrong_passwords_the_next_one_waits(acts: Acts, username: str) -> None:
    fail_login(acts, 5, username)
    with pytest.raises(Throttled) as refused:
        acts.password("wrong wrong wrong", username=username, actor=ELSEWHERE[10])
    assert refused.value.facts == {"retry_after": 2}
    acts.here.clock.advance(timedelta(seconds=2))
    with pytest.raises(LoginFailed):
        acts.password("wrong wrong wrong", username=username, actor=ELSEWHERE[10])


def test_while_throttled_the_right_password_is_not_evaluated(acts: Acts) -> None:
    fail_login(acts, 5)
    with pytest.raises(Throttled):
        acts.password(actor=ELSEWHERE[10])


def test_who_knows_a_name_cannot_delay_its_owners_own_browser(acts: Acts) -> None:
    first = acts.password()
    assert isinstance(first, LoggedIn)
    for n in range(60):
        with pytest.raises(Refusal):
            acts.password("wrong wrong wrong", actor=ELSEWHERE[n])
    known = Browser(known=first.browser_token.reveal())
    assert isinstance(acts.password(browser=known), LoggedIn)


def test_a_known_browser_has_ten_tries_and_is_known_no_more(acts: Acts) -> None:
    first = acts.password()
    assert isinstance(first, LoggedIn)
    known = Browser(known=first.browser_token.reveal())
    for _ in range(10):
        with pytest.raises(LoginFailed):
            acts.password("wrong wrong wrong", browser=known)
    for _ in range(5):
        with pytest.raises(LoginFailed):
            acts.password("wrong wrong wrong", browser=known)
    with pytest.raises(Throttled):
        acts.password("wrong wrong wrong", browser=known)


def test_a_known_browser_of_one_account_is_nothing_for_another(acts: Acts) -> None:
    first = acts.password()
    assert isinstance(first, LoggedIn)
    acts.create("bob")
    fail_login(acts, 5, "bob")
    with pytest.raises(Throttled):
        acts.password(username="bob", browser=Browser(known=first.browser_token.reveal()))


def test_one_address_is_slowed_over_all_names(acts: Acts) -> None:
    for n in range(20):
        with pytest.raises(LoginFailed):
            acts.password("wrong wrong wrong", username=f"name{n}")
    with pytest.raises(Throttled):
        acts.password()
    acts.password(actor=ELSEWHERE[0])


@pytest.mark.parametrize(
    ("address", "subject"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_an_ipv6_address_is_counted_by_its_network(address: str, subject: str) -> None:
    assert address_subject(address) == subject


def test_after_five_wrong_codes_the_account_waits_across_logins(acts: Acts) -> None:
    """RFC 4226, 7.3; and the right password in between gives nothing back."""
    acts.activate()
    attempt = acts.attempt()
    for _ in range(4):
        with pytest.raises(CodeWrong):
            acts.second_step(attempt, "000000")
    with pytest.raises(AttemptEnded):
        acts.second_step(attempt, "000000")
    fresh = acts.attempt()
    with pytest.raises(Throttled) as refused:
        acts.second_step(fresh, "000000")
    assert refused.value.facts == {"retry_after": 60}
    acts.here.clock.advance(timedelta(seconds=60))
    acts.second_step(fresh)


def test_a_recovery_code_works_while_the_code_is_throttled(acts: Acts) -> None:
    acts.activate()
    attempt = acts.attempt()
    for _ in range(5):
        with pytest.raises(Refusal):
            acts.second_step(attempt, "000000")
    acts.by_recovery_code(acts.attempt(), acts.recovery_codes[0].reveal())


def test_fourteen_parallel_guesses_use_one_slot(acts: Acts) -> None:
    """All have looked, none has been evaluated: one may go on."""
    acts.activate()
    barrier = Barrier(14)

    def reserve(_number: int) -> bool:
        barrier.wait()
        try:
            slots.reserve(acts.app, [(Kind.CODE, str(acts.account.id))])
        except Throttled:
            return False
        return True

    with ThreadPoolExecutor(14) as pool:
        assert sum(pool.map(reserve, range(14))) == 1
    with acts.app.database.reading() as connection:
        assert throttles.get(connection, Kind.CODE, str(acts.account.id)).failures == 1


def test_a_slot_that_never_comes_back_is_free_again_after_five_seconds(acts: Acts) -> None:
    acts.activate()
    wanted = [(Kind.CODE, str(acts.account.id))]
    slots.reserve(acts.app, wanted)
    with pytest.raises(Throttled):
        slots.reserve(acts.app, wanted)
    acts.here.clock.advance(timedelta(seconds=5))
    slots.reserve(acts.app, wanted)


def test_the_regular_password_of_an_account_with_mfa_costs_the_account_nothing(
    acts: Acts,
) -> None:
    """A script with an old password locks nobody out."""
    acts.activate()
    for n in range(30):
        with pytest.raises(LoginFailed):
            acts.call_api(PASSWORD, actor=replace(API, address=f"203.0.113.{n}"))
    acts.attempt()


def test_a_right_api_password_passes_every_throttle(acts: Acts) -> None:
    password = acts.generate_api_password()
    for n in range(30):
        with pytest.raises(Refusal):
            acts.call_api("wrong", username=f"name{n}")
    assert acts.call_api(password).account.username == "alice"


def test_an_api_request_with_many_colons_is_one_failure(acts: Acts) -> None:
    """Counted on the longest name that exists; throttled, that reading is skipped."""
    acts.create("a:b")
    for _ in range(5):
        with pytest.raises(LoginFailed):
            acts.call_api("c:d:e", username="a:b")
    elsewhere = replace(API, address="203.0.113.1")
    with pytest.raises(LoginFailed):
        acts.call_api(PASSWORD, username="a:b", actor=elsewhere)
    acts.here.clock.advance(timedelta(seconds=2))
    assert acts.call_api(PASSWORD, username="a:b", actor=elsewhere)
    assert acts.call_api(PASSWORD).account.username == "alice"


def test_people_who_share_an_address_log_in_at_the_same_moment(acts: Acts) -> None:
    """An office behind one address: nobody's login keeps another's out, and none is counted."""
    names = [f"name{n}" for n in range(16)]
    for name in names:
        acts.create(name)
    for _ in range(3):
        with ThreadPoolExecutor(len(names)) as pool:
            made = list(pool.map(lambda name: acts.password(username=name), names))
        assert all(isinstance(each, LoggedIn) for each in made)
    with acts.app.database.reading() as connection:
        address = throttles.get(connection, Kind.ADDRESS, CONSOLE.address)
    assert address.drained_at <= acts.here.clock.now()


def test_parallel_failures_from_one_address_are_all_counted(acts: Acts) -> None:
    def fail(number: int) -> str:
        try:
            acts.password("wrong wrong wrong", username=f"nobody{number}")
        except Refusal as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(fail, range(40)))
    assert outcomes.count("login-failed") == 20
    assert outcomes.count("throttled") == 20


def test_what_strangers_typed_as_names_is_not_kept_for_ever(acts: Acts) -> None:
    """A name that somebody has keeps its failures; one that nobody has, for a day."""
    for name in ("alice", "nobody"):
        with pytest.raises(LoginFailed):
            acts.password("wrong wrong wrong", username=name)
    acts.here.clock.advance(timedelta(hours=23))
    upkeep.sweep(acts.app)
    assert len(_passwords(acts)) == 2
    acts.here.clock.advance(timedelta(hours=1))
    upkeep.sweep(acts.app)
    assert _passwords(acts) == [str(acts.account.id)]


def _passwords(acts: Acts) -> list[str]:
    query = "SELECT subject FROM throttles WHERE kind = 'password'"
    with acts.app.database.reading() as connection:
        return [row[0] for row in connection.exec_driver_sql(query)]
