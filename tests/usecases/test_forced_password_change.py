"""Replacement of a password that another administrator has set, on both databases."""

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
    """Log alice in with a password that another administrator has set."""
    run(other_accounts.set_password(acts.app, BY_CLI, "alice", Secret(GIVEN), must_change=True))
    return logged_in(acts, GIVEN)


def replaced(acts: Acts, principal: Principal, new: str = OWN) -> None:
    changing = own_password.replace_given(
        acts.app, CONSOLE, principal, new=Secret(new), repeated=Secret(new)
    )
    run(changing)


def test_given_password_is_replaced_without_being_entered_again(acts: Acts) -> None:
    replaced(acts, given(acts))
    assert not logged_in(acts, OWN).account.must_change_password


def test_own_password_is_not_replaced_without_the_current_one(acts: Acts) -> None:
    """This form does not ask for the current password: it is for given passwords only."""
    principal = logged_in(acts, PASSWORD)
    with pytest.raises(NotInThisState):
        replaced(acts, principal)
    logged_in(acts, PASSWORD)


@pytest.mark.parametrize("new", [OWN, GIVEN])
def test_forced_change_in_an_old_session_requires_reauthentication(acts: Acts, new: str) -> None:
    """The comparison with the old password would otherwise reveal a correct guess."""
    principal = given(acts)
    acts.here.clock.advance(timedelta(hours=1))
    with pytest.raises(ProofNeeded):
        replaced(acts, principal, new)
    assert logged_in(acts, GIVEN).account.must_change_password


def test_given_password_is_refused_as_the_new_one(acts: Acts) -> None:
    principal = given(acts)
    with pytest.raises(Invalid):
        replaced(acts, principal, GIVEN)
    assert logged_in(acts, GIVEN).account.must_change_password
