"""Replacement of session tokens, hourly and at each re-authentication (ASVS 5.0, 7.2.4)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.support.acts import CLI, CONSOLE, PASSWORD, Acts
from watchword.crypto.passwords import run
from watchword.domain.audit import AuditEvent
from watchword.domain.errors import ProofNeeded, SessionEnded
from watchword.domain.mfa import Event
from watchword.domain.secret import Secret
from watchword.storage.audit_query import AuditFilter
from watchword.usecases.account import own_mfa, own_password
from watchword.usecases.audit import audit_log
from watchword.usecases.login import reauthentication
from watchword.usecases.login.reauthentication import Answer
from watchword.usecases.sessions import sessions
from watchword.usecases.sessions.sessions import LoggedIn, Principal

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def opened(acts: Acts) -> str:
    result = acts.password()
    assert isinstance(result, LoggedIn)
    return result.session_token.reveal()


def find(acts: Acts, token: str) -> Principal:
    return sessions.find(acts.app, token)


def used_for_an_hour(acts: Acts, token: str) -> str:
    """Use the token every ten minutes until it is replaced. Returns the new token."""
    for _ in range(5):
        acts.here.clock.advance(10 * MINUTE)
        assert find(acts, token).new_token is None
    acts.here.clock.advance(10 * MINUTE)
    new_token = find(acts, token).new_token
    assert new_token is not None
    return new_token.reveal()


def test_session_token_is_replaced_after_one_hour_of_use(acts: Acts) -> None:
    old = opened(acts)
    session = find(acts, old).session
    new = used_for_an_hour(acts, old)
    assert new != old
    again = find(acts, new)
    assert (again.session.id, again.session.ref) == (session.id, session.ref)
    assert again.new_token is None


def test_replaced_session_token_is_accepted_for_thirty_seconds(acts: Acts) -> None:
    """Requests may still be under way with it; they do not replace it a second time."""
    old = opened(acts)
    used_for_an_hour(acts, old)
    acts.here.clock.advance(29 * SECOND)
    assert find(acts, old).new_token is None
    acts.here.clock.advance(SECOND)
    with pytest.raises(SessionEnded):
        find(acts, old)


def test_clock_that_goes_back_does_not_revive_a_replaced_token(
    acts: Acts,
) -> None:
    """It is accepted only for a minute around the time of its replacement."""
    old = opened(acts)
    new = used_for_an_hour(acts, old)
    for step in (-60 * MINUTE, 30 * MINUTE, 29 * MINUTE):
        acts.here.clock.advance(step)
        with pytest.raises(SessionEnded):
            find(acts, old)
    assert find(acts, new)


def test_clock_that_goes_back_by_seconds_keeps_requests_under_way_valid(acts: Acts) -> None:
    old = opened(acts)
    used_for_an_hour(acts, old)
    acts.here.clock.advance(-10 * SECOND)
    assert find(acts, old)


def test_replaced_tokens_do_not_extend_the_session(acts: Acts) -> None:
    old = opened(acts)
    expires_at = find(acts, old).session.expires_at
    token = old
    while acts.here.clock.now() < expires_at - 10 * MINUTE:
        acts.here.clock.advance(10 * MINUTE)
        replaced = find(acts, token).new_token
        token = replaced.reveal() if replaced else token
    acts.here.clock.advance(10 * MINUTE)
    with pytest.raises(SessionEnded):
        find(acts, token)


def proved(acts: Acts, token: str) -> Principal:
    answer = Answer(Secret(PASSWORD))
    return run(reauthentication.give(acts.app, CONSOLE, find(acts, token), answer))


def test_reauthentication_replaces_the_token_and_the_old_one_has_no_part_in_it(acts: Acts) -> None:
    """An attacker with a stolen cookie must not gain the owner's re-authentication."""
    stolen = opened(acts)
    acts.here.clock.advance(11 * MINUTE)
    new_token = proved(acts, stolen).new_token
    assert new_token is not None
    with pytest.raises(ProofNeeded):
        own_mfa.change_own(acts.app, CONSOLE, find(acts, stolen), Event.ENABLE)
    own_mfa.change_own(acts.app, CONSOLE, find(acts, new_token.reveal()), Event.ENABLE)


def test_password_change_replaces_the_session_token(acts: Acts) -> None:
    old = opened(acts)
    new = Secret("another otter with pencils")
    tokens = run(
        own_password.change(
            acts.app, CONSOLE, find(acts, old), current=Secret(PASSWORD), new=new, repeated=new
        )
    )
    assert tokens.session is not None
    acts.here.clock.advance(31 * SECOND)
    assert find(acts, tokens.session.reveal()).account.username == "alice"
    with pytest.raises(SessionEnded):
        find(acts, old)


def test_concurrent_reauthentications_make_one_new_token(acts: Acts) -> None:
    token = opened(acts)
    acts.here.clock.advance(11 * MINUTE)
    principal = find(acts, token)
    answer = Answer(Secret(PASSWORD))
    first = run(reauthentication.give(acts.app, CONSOLE, principal, answer))
    second = run(reauthentication.give(acts.app, CONSOLE, principal, answer))
    assert first.new_token is not None
    assert second.new_token is None
    assert find(acts, first.new_token.reveal()).session.id == principal.session.id


# --- networks of a session -------------------------------------------------------------------
def seen_from(acts: Acts, token: str, address: str, *, is_shared: bool = False) -> list[str]:
    """Use the session from an address. Returns the recorded addresses, newest first."""
    actor = replace(CONSOLE, address=address, is_shared=is_shared)
    assert sessions.find(acts.app, token, actor).account.username == "alice"
    wanted = AuditFilter(event=AuditEvent.SESSION_NEW_NETWORK.value)
    return [row.address for row in audit_log.page(acts.app, CLI, wanted, 10)]


def test_session_used_from_another_network_is_recorded_once_and_continues(acts: Acts) -> None:
    """The log shows a stolen cookie; a telephone that changes networks stays logged in."""
    token = opened(acts)
    assert seen_from(acts, token, CONSOLE.address) == []
    assert seen_from(acts, token, "192.0.2.200") == []  # the same /24
    assert seen_from(acts, token, "198.51.100.7") == ["198.51.100.7"]
    assert seen_from(acts, token, CONSOLE.address) == ["198.51.100.7"]
    assert seen_from(acts, token, "198.51.100.8") == ["198.51.100.7"]
    assert seen_from(acts, token, "2001:db8::1") == ["2001:db8::1", "198.51.100.7"]
    (newest, *_) = audit_log.page(acts.app, CLI, AuditFilter(event="session.new_network"), 10)
    session = find(acts, token).session
    assert (newest.subject, newest.actor, newest.session) == ("alice", "alice", session.ref)
    assert newest.facts == {"opened_from": CONSOLE.address}


def test_each_session_has_its_own_list_of_networks(acts: Acts) -> None:
    one, other = opened(acts), opened(acts)
    seen_from(acts, one, "198.51.100.7")
    assert seen_from(acts, other, "198.51.100.7") == ["198.51.100.7", "198.51.100.7"]


def test_session_at_a_shared_address_records_no_network(acts: Acts) -> None:
    """The address is a trusted proxy's, which does not forward the client's."""
    assert seen_from(acts, opened(acts), "198.51.100.7", is_shared=True) == []
