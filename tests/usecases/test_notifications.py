"""Audit events that are shown to administrators as banners, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.support.acts import API, CLI, CONSOLE, PASSWORD, Acts, page_of
from tests.support.failed_attempts import TYPED_ON_SQLITE, store_failures
from watchword.crypto.passwords import run
from watchword.domain.audit import Actor
from watchword.domain.audit import AuditEvent as E
from watchword.domain.errors import LoginFailed, Refusal, Throttled
from watchword.domain.mfa import Event
from watchword.domain.secret import Secret
from watchword.domain.throttle import Kind
from watchword.storage.audit_query import AuditFilter, AuditRow
from watchword.usecases.audit import audit_log
from watchword.usecases.login import reauthentication
from watchword.usecases.login.password_login import Browser
from watchword.usecases.login.reauthentication import Answer
from watchword.usecases.mfa import enrolment
from watchword.usecases.operations import after_restore, key_rotation
from watchword.usecases.sessions.login_attempts import OpenAttempt
from watchword.usecases.sessions.sessions import LoggedIn

HOUR = timedelta(hours=1)
WRONG = "wrong wrong wrong"


def log(acts: Acts, event: E) -> list[AuditRow]:
    return audit_log.page(acts.app, CLI, AuditFilter(event=event.value), 50)


def wrong_passwords(acts: Acts, times: int) -> None:
    for number in range(times):
        acts.here.clock.advance(HOUR)
        with pytest.raises(LoginFailed):
            acts.password(WRONG, actor=replace(CONSOLE, address=f"198.51.100.{number}"))


# --- passwords --------------------------------------------------------------------------------
@TYPED_ON_SQLITE
def test_hundred_wrong_passwords_lock_unknown_browsers_out_and_are_shown_once(
    acts: Acts, typed: bool
) -> None:
    bob = Acts(acts.here, "bob")
    first = acts.password()
    assert isinstance(first, LoggedIn)
    wrong_passwords(acts, 99) if typed else store_failures(acts, Kind.PASSWORD, 99)
    assert log(acts, E.DEVICE_CLOSED) == []
    wrong_passwords(acts, 1)
    acts.here.clock.advance(timedelta(days=9))
    with pytest.raises(Throttled):
        acts.password()
    assert [r.subject for r in log(acts, E.DEVICE_CLOSED)] == ["alice"]
    shown = page_of(acts.app, bob.login()).unseen
    assert [h.event for h in shown.others] == [E.DEVICE_CLOSED]
    known = Browser(known=first.browser_token.reveal())
    done = acts.password(browser=known)
    assert isinstance(done, LoggedIn)
    own = page_of(acts.app, acts.principal(done)).unseen.own
    assert [h.event for h in own] == [E.DEVICE_CLOSED]


def test_wrong_password_on_the_api_can_be_the_hundredth(acts: Acts) -> None:
    store_failures(acts, Kind.PASSWORD, 99)
    acts.here.clock.advance(HOUR)
    with pytest.raises(LoginFailed):
        acts.call_api(WRONG)
    assert len(log(acts, E.DEVICE_CLOSED)) == 1


def test_wrong_answer_to_confirm_it_is_you_can_be_the_hundredth(acts: Acts) -> None:
    principal = acts.login()
    store_failures(acts, Kind.PASSWORD, 99)
    acts.here.clock.advance(HOUR)
    with pytest.raises(Refusal):
        run(reauthentication.give(acts.app, CONSOLE, principal, Answer(Secret(WRONG))))
    assert len(log(acts, E.DEVICE_CLOSED)) == 1


def test_login_shows_how_many_failed_before_it(acts: Acts) -> None:
    acts.activate()
    wrong_passwords(acts, 2)
    attempt = acts.attempt()
    with pytest.raises(Refusal):
        acts.second_step(attempt, "000000")
    acts.here.clock.next_step()
    principal = acts.principal(acts.second_step(attempt))
    assert [dict(r.facts) for r in log(acts, E.LOGIN_AFTER_FAIL)] == [{"failures": 3}]
    assert page_of(acts.app, principal).failures == 3
    acts.here.clock.next_step()
    assert page_of(acts.app, acts.login()).failures == 0


# --- recovery codes ---------------------------------------------------------------------------
def test_last_recovery_codes_are_recorded(acts: Acts) -> None:
    principal = acts.activate()
    for number, code in enumerate(acts.recovery_codes[:6]):
        assert log(acts, E.RECOVERY_LOW) == [], number
        answer = Answer(Secret(PASSWORD), recovery_code=code.reveal())
        principal = run(reauthentication.give(acts.app, CONSOLE, principal, answer))
    assert [dict(r.facts) for r in log(acts, E.RECOVERY_LOW)] == [{"left": 2}]


# --- API passwords ----------------------------------------------------------------------------
def uses(acts: Acts) -> list[tuple[E, str]]:
    events = (E.API_PASSWORD_FIRST_USE, E.API_PASSWORD_NEW_NETWORK)
    return [(e, r.address) for e in events for r in reversed(log(acts, e))]


def test_each_network_of_an_api_password_is_recorded_once(acts: Acts) -> None:
    password = acts.generate_api_password()
    addresses = ["192.0.2.9", "192.0.2.200", "198.51.100.1", "192.0.2.9", "198.51.100.2",
                 "2001:db8:1::1", "2001:db8:1:ffff::2", "2001:db8:2::1"]  # fmt: skip
    for address in addresses:  # all in the same minute
        acts.call_api(password, actor=replace(API, address=address))
    assert uses(acts) == [
        (E.API_PASSWORD_FIRST_USE, "192.0.2.9"),
        (E.API_PASSWORD_NEW_NETWORK, "198.51.100.1"),
        (E.API_PASSWORD_NEW_NETWORK, "2001:db8:1::1"),
        (E.API_PASSWORD_NEW_NETWORK, "2001:db8:2::1"),
    ]
    acts.here.clock.next_step()
    own = page_of(acts.app, acts.login()).unseen.own
    assert [h.event for h in own].count(E.API_PASSWORD_NEW_NETWORK) == 3


def test_new_api_password_starts_a_new_list_of_networks(acts: Acts) -> None:
    acts.call_api(acts.generate_api_password(), actor=replace(API, address="198.51.100.1"))
    acts.here.clock.next_step()
    second = acts.generate_api_password()
    acts.call_api(second)
    acts.call_api(second, actor=replace(API, address="198.51.100.1"))
    assert len(log(acts, E.API_PASSWORD_NEW_NETWORK)) == 1


# --- the installation -------------------------------------------------------------------------
def test_restore_and_key_rotation_are_shown_once_to_all(acts: Acts) -> None:
    """A rotation records several events, and is shown once."""
    key_rotation.rotate(acts.app, CLI, lambda _done, _of: None)
    after_restore.end_what_was_open(acts.app, CLI)
    assert len(log(acts, E.KEY_ROTATED)) == 3
    shown = page_of(acts.app, acts.login()).unseen.others
    assert [h.event for h in shown] == [E.SYSTEM_RESTORED, E.KEY_ROTATED]


def test_second_enrolment_page_or_another_address_is_recorded_but_no_reload(acts: Acts) -> None:
    """Shown to the account at the second secret, or from another address."""
    acts.press(Event.ENABLE)
    first, second = acts.attempt(), acts.attempt()
    elsewhere = replace(CONSOLE, address="198.51.100.1")

    def count_after(attempt: OpenAttempt, actor: Actor) -> int:
        enrolment.show(acts.app, actor, attempt.account, attempt.attempt.enrolment_id)
        return acts.times(E.MFA_ENROL_SHOWN_AGAIN)

    shown = [(first, CONSOLE), (first, CONSOLE), (first, elsewhere), (first, elsewhere),
             (second, CONSOLE), (second, CONSOLE)]  # fmt: skip
    assert [count_after(*each) for each in shown] == [0, 0, 1, 1, 2, 2]
