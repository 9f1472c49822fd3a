"""Choosing one's own password in place of one that somebody else has set; both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.acts import BY_CLI, CONSOLE, PASSWORD, Acts
from watchword.crypto.passwords import run
from watchword.domain.errors import Invalid, NotInThisState, ProofNeeded
from watchword.domain.secret import Secret
from watchword.usecases.account import own_password
from watchword.usecases.administrators import other_accounts
from watchword.usecases.sessions.sessions import LoggedIn, Principal

GIVEN = "lantern quartz meadow cobalt"
OWN = "another otter with pencils"


def logged_in(acts: Acts, password: str) -> Principal:
    done = acts.password(password)
    assert isinstance(done, LoggedIn)
    return acts.principal(done)


def given(acts: Acts) -> Principal:
    """Alice, who came in with a password that somebody else has set."""
    run(other_accounts.set_password(acts.app, BY_CLI, "alice", Secret(GIVEN), must_change=True))
    return logged_in(acts, GIVEN)


def replaced(acts: Acts, principal: Principal, new: str = OWN) -> None:
    changing = own_password.replace_given(
        acts.app, CONSOLE, principal, new=Secret(new), repeated=Secret(new)
    )
    run(changing)


def test_it_is_replaced_without_being_typed_again(acts: Acts) -> None:
    replaced(acts, given(acts))
    assert not logged_in(acts, OWN).account.must_change_password


def test_nobody_replaces_a_password_of_their_own_without_typing_it(acts: Acts) -> None:
    """This way does not ask for the current one: it is for a given one alone."""
    principal = logged_in(acts, PASSWORD)
    with pytest.raises(NotInThisState):
        replaced(acts, principal)
    logged_in(acts, PASSWORD)


@pytest.mark.parametrize("new", [OWN, GIVEN])
def test_a_session_that_proved_itself_long_ago_proves_itself_again(acts: Acts, new: str) -> None:
    """Before anything is compared: "the same as before" would tell whether a guess is right."""
    principal = given(acts)
    acts.here.clock.advance(timedelta(hours=1))
    with pytest.raises(ProofNeeded):
        replaced(acts, principal, new)
    assert logged_in(acts, GIVEN).account.must_change_password


def test_the_given_one_is_not_ones_own(acts: Acts) -> None:
    principal = given(acts)
    with pytest.raises(Invalid):
        replaced(acts, principal, GIVEN)
    assert logged_in(acts, GIVEN).account.must_change_password
