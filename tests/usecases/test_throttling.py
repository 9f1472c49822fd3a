"""Throttling of logins and API requests: which guesses delay which clients."""

from __future__ import annotations

from base64 import b32decode
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from msgspec.structs import replace

from tests.support.acts import API, BY_CLI, CONSOLE, PASSWORD, Acts, basic_header
from watchword.crypto.passwords import Derivation, run
from watchword.domain import basic_auth
from watchword.domain.api_password import assemble
from watchword.domain.errors import (
    AttemptEnded,
    Busy,
    CodeWrong,
    LoginFailed,
    LoginInProgress,
    Refusal,
    Throttled,
)
from watchword.domain.mfa import Event
from watchword.domain.secret import Secret
from watchword.domain.throttle import CEILING, Kind, Throttle, address_subject
from watchword.storage import throttles
from watchword.usecases.account import own_mfa
from watchword.usecases.administrators import other_accounts
from watchword.usecases.api import authentication
from watchword.usecases.login import password_login, reauthentication
from watchword.usecases.login.password_login import Browser
from watchword.usecases.mfa import enrolment
from watchword.usecases.operations import maintenance
from watchword.usecases.sessions.sessions import LoggedIn
from watchword.usecases.throttling import reservations

ELSEWHERE = [replace(CONSOLE, address=f"198.51.100.{n}") for n in range(200)]


def fail_login(acts: Acts, times: int, username: str = "alice") -> None:
    for n in range(times):
        with pytest.raises(Refusal):
            acts.password("wrong wrong wrong", username=username, actor=ELSEWHERE[n])


@pytest.mark.parametrize("username", ["alice", "nobody"])
def test_sixth_wrong_password_has_to_wait(acts: Acts, username: str) -> None:
    fail_login(acts, 5, username)
    with pytest.raises(Throttled) as refused:
        acts.password("wrong wrong wrong", username=username, actor=ELSEWHERE[10])
    assert refused.value.facts == {"retry_after": 2}
    acts.here.clock.advance(timedelta(seconds=2))
    with pytest.raises(LoginFailed):
        acts.password("wrong wrong wrong", username=username, actor=ELSEWHERE[10])


def test_correct_password_is_not_evaluated_while_throttled(acts: Acts) -> None:
    fail_login(acts, 5)
    with pytest.raises(Throttled):
        acts.password(actor=ELSEWHERE[10])


def test_guesses_at_a_name_do_not_delay_the_owners_browser(acts: Acts) -> None:
    first = acts.password()
    assert isinstance(first, LoggedIn)
    for n in range(60):
        with pytest.raises(Refusal):
            acts.password("wrong wrong wrong", actor=ELSEWHERE[n])
    known = Browser(known=first.browser_token.reveal())
    assert isinstance(acts.password(browser=known), LoggedIn)


@pytest.mark.parametrize("last", ["enable", "disable", "finish now", "reset"])
def test_guesses_do_not_delay_the_owners_browser_after_a_change_of_mfa(
    acts: Acts, last: str
) -> None:
    """While MFA is pending there are no recovery codes that would bypass the throttling."""
    first = acts.password()
    assert isinstance(first, LoggedIn)
    browser = own_mfa.change_own(acts.app, CONSOLE, acts.principal(first), Event.ENABLE).browser
    if last in {"finish now", "reset"}:
        me = acts.principal(first)
        shown = enrolment.show(acts.app, CONSOLE, me.account, me.enrolment_id)
        code = acts.code(b32decode(shown.secret.reveal()))
        done = enrolment.confirm_now(acts.app, CONSOLE, me, me.enrolment_id or "", code)
        browser = done.browser
    if last in {"disable", "reset"}:
        browser = own_mfa.change_own(acts.app, CONSOLE, acts.principal(first), Event(last)).browser
    fail_login(acts, 7)
    assert acts.password(browser=Browser(known=browser.reveal()))
    fail_login(acts, 7)
    with pytest.raises(Throttled):
        acts.password(browser=Browser(known=first.browser_token.reveal()))


def test_known_browser_is_forgotten_after_ten_wrong_passwords(acts: Acts) -> None:
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


def test_known_browser_of_another_account_is_throttled(acts: Acts) -> None:
    first = acts.password()
    assert isinstance(first, LoggedIn)
    acts.create("bob")
    fail_login(acts, 5, "bob")
    with pytest.raises(Throttled):
        acts.password(username="bob", browser=Browser(known=first.browser_token.reveal()))


def test_known_browser_and_session_have_a_turn_of_their_own(acts: Acts) -> None:
    """Their hashes are marked for the queue. Hashes of unknown browsers are not, nor those of a
    browser that has used up its own attempts.
    """
    first = acts.password()
    assert isinstance(first, LoggedIn)

    def login_by(token: str | None) -> bool:
        trying = password_login.password(
            acts.app, CONSOLE, username="alice", typed=Secret("wrong wrong wrong"),
            browser=Browser(known=token),
        )  # fmt: skip
        work = next(trying)
        assert isinstance(work, Derivation)
        is_known = work.is_known
        with pytest.raises(Busy):
            trying.throw(Busy(retry_after=2))
        return is_known

    token = first.browser_token.reveal()
    answer = reauthentication.Answer(Secret(PASSWORD))
    confirming = next(reauthentication.give(acts.app, CONSOLE, acts.principal(first), answer))
    assert isinstance(confirming, Derivation)
    assert confirming.is_known
    assert [login_by(token), login_by(None), login_by("made up")] == [True, False, False]
    for _ in range(10):
        with pytest.raises(LoginFailed):
            acts.password("wrong wrong wrong", browser=Browser(known=token))
    assert not login_by(token)


def test_known_address_has_a_turn_of_its_own(acts: Acts) -> None:
    """Not at another address, and not with MFA, where the password opens nothing there."""

    def call(address: str) -> bool:
        given = basic_auth.parse(basic_header("alice", PASSWORD))
        assert given is not None
        trying = authentication.authenticate(acts.app, replace(API, address=address), given)
        work = next(trying)
        assert isinstance(work, Derivation)
        with pytest.raises(Busy):
            trying.throw(Busy(retry_after=2))
        return work.is_known

    acts.call_api(PASSWORD)
    assert [call(API.address), call("198.51.100.7")] == [True, False]
    acts.activate()
    assert not call(API.address)


def test_address_is_throttled_over_all_names(acts: Acts) -> None:
    for n in range(20):
        with pytest.raises(LoginFailed):
            acts.password("wrong wrong wrong", username=f"name{n}")
    with pytest.raises(Throttled) as refused:
        acts.password()
    assert refused.value.facts == {"retry_after": 30, "is_by_address": True}
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
def test_ipv6_address_is_counted_by_its_network(address: str, subject: str) -> None:
    assert address_subject(address) == subject


def test_account_waits_after_five_wrong_codes_in_any_login(acts: Acts) -> None:
    """RFC 4226, 7.3. A correct password in between does not reset the count."""
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


def test_recovery_code_works_while_the_code_is_throttled(acts: Acts) -> None:
    acts.activate()
    attempt = acts.attempt()
    for _ in range(5):
        with pytest.raises(Refusal):
            acts.second_step(attempt, "000000")
    acts.by_recovery_code(acts.attempt(), acts.recovery_codes[0].reveal())


def test_parallel_guesses_use_one_reservation(acts: Acts) -> None:
    """All have read the count, none has been evaluated: one may continue."""
    acts.activate()
    barrier = Barrier(14, timeout=30)

    def reserve(_number: int) -> bool:
        barrier.wait()
        try:
            reservations.reserve(acts.app, [(Kind.CODE, str(acts.account.id))])
        except LoginInProgress:
            return False
        return True

    with ThreadPoolExecutor(14) as pool:
        assert sum(pool.map(reserve, range(14))) == 1
    with acts.app.database.reading() as connection:
        assert throttles.get(connection, Kind.CODE, str(acts.account.id)).failures == 1


def test_reservation_that_is_never_settled_expires_after_five_seconds(acts: Acts) -> None:
    acts.activate()
    wanted = [(Kind.CODE, str(acts.account.id))]
    reservations.reserve(acts.app, wanted)
    with pytest.raises(LoginInProgress):
        reservations.reserve(acts.app, wanted)
    acts.here.clock.advance(timedelta(seconds=5))
    reservations.reserve(acts.app, wanted)


def test_regular_password_of_an_account_with_mfa_is_not_counted_on_the_api(
    acts: Acts,
) -> None:
    """A script with an old password must not lock the owner out."""
    acts.activate()
    for n in range(30):
        with pytest.raises(LoginFailed):
            acts.call_api(PASSWORD, actor=replace(API, address=f"203.0.113.{n}"))
    acts.attempt()


def fail_everywhere(acts: Acts, username: str = "alice") -> None:
    """Throttle the name by guesses from unknown addresses, at both interfaces."""
    fail_login(acts, 5, username)
    with pytest.raises(Throttled):
        acts.call_api(PASSWORD, username=username, actor=replace(API, address="203.0.113.200"))


def test_known_address_has_a_budget_of_its_own(acts: Acts) -> None:
    """MFA is disabled: an attacker who knows a name cannot delay its script."""
    acts.call_api(PASSWORD)
    fail_everywhere(acts)
    assert acts.call_api(PASSWORD).account.username == "alice"
    # Wrong passwords of the address delay only the address: the name's count stays.
    for _ in range(5):
        with pytest.raises(LoginFailed):
            acts.call_api("wrong wrong wrong")
    with pytest.raises(Throttled) as refused:
        acts.call_api(PASSWORD)
    assert refused.value.facts == {"retry_after": 2}
    with acts.app.database.reading() as connection:
        assert throttles.get(connection, Kind.PASSWORD, str(acts.account.id)).failures == 5


def test_known_address_with_an_exhausted_budget_is_nothing_special(acts: Acts) -> None:
    acts.call_api(PASSWORD)
    with acts.app.database.writing() as connection:
        own = connection.exec_driver_sql("SELECT id FROM known_browsers").scalar_one()
        throttles.hold(connection, Kind.PASSWORD_KNOWN_ADDRESS, own)
        throttles.put(connection, Kind.PASSWORD_KNOWN_ADDRESS, own, Throttle(failures=CEILING))
    with pytest.raises(LoginFailed):
        acts.call_api("wrong wrong wrong")
    with acts.app.database.reading() as connection:
        assert throttles.get(connection, Kind.PASSWORD, str(acts.account.id)).failures == 1


def test_address_is_known_for_thirty_days_after_a_correct_password(acts: Acts) -> None:
    acts.call_api(PASSWORD)
    acts.here.clock.advance(timedelta(days=29))
    acts.call_api(PASSWORD)
    acts.here.clock.advance(timedelta(days=29))
    maintenance.sweep(acts.app)
    fail_everywhere(acts)
    acts.call_api(PASSWORD)
    acts.here.clock.advance(timedelta(days=30))
    fail_everywhere(acts)
    with pytest.raises(Throttled):
        acts.call_api(PASSWORD)
    maintenance.sweep(acts.app)
    with acts.app.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM known_browsers").scalar_one() == 0


def test_address_is_known_for_one_account_and_one_password(acts: Acts) -> None:
    acts.call_api(PASSWORD)
    acts.create("bob")
    fail_everywhere(acts, "bob")
    with pytest.raises(Throttled):
        acts.call_api(PASSWORD, username="bob")
    acts.here.clock.advance(timedelta(hours=1))
    run(
        other_accounts.set_password(acts.app, BY_CLI, "alice", Secret("another otter with pencils"))
    )
    fail_everywhere(acts)
    with pytest.raises(Throttled):
        acts.call_api("another otter with pencils")


def test_wrong_password_does_not_make_an_address_known(acts: Acts) -> None:
    with pytest.raises(LoginFailed):
        acts.call_api("wrong wrong wrong")
    fail_everywhere(acts)
    with pytest.raises(Throttled):
        acts.call_api(PASSWORD)


def test_shared_address_of_a_proxy_is_never_known(acts: Acts) -> None:
    """The address is a trusted proxy's, which does not forward the client's."""
    shared = replace(API, is_shared=True)
    acts.call_api(PASSWORD, actor=shared)
    fail_everywhere(acts)
    with pytest.raises(Throttled):
        acts.call_api(PASSWORD, actor=shared)


def test_known_address_is_no_known_browser(acts: Acts) -> None:
    """The stored subject of an address never equals the digest of a cookie."""
    acts.call_api(PASSWORD)
    fail_login(acts, 5)
    for made_up in (API.address, f"address:{acts.account.id}:{API.address}"):
        with pytest.raises(Throttled):
            acts.password(browser=Browser(known=made_up))


def test_many_scripts_of_one_address_succeed_at_the_same_moment(acts: Acts) -> None:
    """Each succeeds when it tries again, and the address is stored once."""

    def call(_number: int) -> str:
        try:
            acts.call_api(PASSWORD)
        except LoginInProgress:
            return "in progress"
        return "done"

    for _ in range(3):
        with ThreadPoolExecutor(12) as pool:
            outcomes = list(pool.map(call, range(12)))
        assert "done" in outcomes
    with acts.app.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM known_browsers").scalar_one() == 1
    acts.call_api(PASSWORD)


def test_correct_api_password_is_never_throttled(acts: Acts) -> None:
    password = acts.generate_api_password()
    for n in range(30):
        with pytest.raises(Refusal):
            acts.call_api("wrong", username=f"name{n}")
    assert acts.call_api(password).account.username == "alice"


@pytest.mark.parametrize("by", ["password", "mfa", "api-password"])
def test_flood_of_refused_credentials_writes_rows_up_to_the_address_limit(
    acts: Acts, by: str
) -> None:
    """The limit of the address applies: requests above it write nothing."""
    if by == "mfa":
        acts.activate()
    password = assemble("A" * 32) if by == "api-password" else "wrong wrong wrong"
    codes = []
    for number in range(25):
        # Many names: a single name is throttled after five, before the address is.
        name = "alice" if by == "mfa" else f"name{number}"
        with pytest.raises(Refusal) as refused:
            acts.call_api(password, username=name)
        codes.append(refused.value.code)
    assert (codes.count("login-failed"), codes.count("throttled")) == (20, 5)
    query = "SELECT count(*) FROM audit_events WHERE event = 'api.auth.fail'"
    with acts.app.database.reading() as connection:
        assert connection.exec_driver_sql(query).scalar_one() == 20


def test_api_request_with_many_colons_counts_as_one_failure(acts: Acts) -> None:
    """The failure counts for the longest existing name; a throttled reading is skipped."""
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


def test_parallel_logins_from_one_address_all_succeed(acts: Acts) -> None:
    """An office behind one address: no login delays another, and none is counted."""
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


def test_parallel_failures_from_one_address_are_all_counted_for_it(acts: Acts) -> None:
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


def test_wait_after_a_pause_of_weeks_is_the_same_for_unknown_names(acts: Acts) -> None:
    """The same for unknown names: after weeks the wait continues where it stopped."""
    facts = []
    for username in ("alice", "nobody"):
        fail_login(acts, 5, username)
        acts.here.clock.advance(timedelta(days=60))
        maintenance.sweep(acts.app)
        with pytest.raises(LoginFailed):
            acts.password("wrong wrong wrong", username=username, actor=ELSEWHERE[10])
        with pytest.raises(Throttled) as refused:
            acts.password("wrong wrong wrong", username=username, actor=ELSEWHERE[11])
        facts.append(refused.value.facts)
    assert facts == [{"retry_after": 4}] * 2


def test_failures_of_unknown_names_are_deleted_after_three_months(acts: Acts) -> None:
    """Failures of existing names are kept; those of unknown names expire in three months."""
    for name in ("alice", "nobody"):
        with pytest.raises(LoginFailed):
            acts.password("wrong wrong wrong", username=name)
    acts.here.clock.advance(timedelta(days=89))
    maintenance.sweep(acts.app)
    assert len(_passwords(acts)) == 2
    acts.here.clock.advance(timedelta(days=1))
    maintenance.sweep(acts.app)
    assert _passwords(acts) == [str(acts.account.id)]


def _passwords(acts: Acts) -> list[str]:
    query = "SELECT subject FROM throttles WHERE kind = 'password'"
    with acts.app.database.reading() as connection:
        return [row[0] for row in connection.exec_driver_sql(query)]
