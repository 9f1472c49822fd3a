"""The token of a known browser: whose it is is asked of the database, who made it is not."""

from __future__ import annotations

import pytest

from tests.support.acts import Acts
from watchword.crypto import tokens
from watchword.usecases import known_browsers
from watchword.usecases.sessions import LoggedIn


def known(acts: Acts) -> str:
    logged_in = acts.password()
    assert isinstance(logged_in, LoggedIn)
    return logged_in.browser_token.reveal()


def test_a_token_that_we_made_is_told_from_others_without_the_database(acts: Acts) -> None:
    token = known(acts)
    acts.here.app.database.close()
    assert known_browsers.is_ours(acts.here.app, token)


@pytest.mark.parametrize("made", ["", "x", ".", "é", "{r}", "{r}.", "{r}.{r}", "{r}.é"])
def test_a_token_that_somebody_else_made_is_not_ours(acts: Acts, made: str) -> None:
    token = made.replace("{r}", tokens.token().reveal())
    assert not known_browsers.is_ours(acts.here.app, token)


def test_no_token_is_not_ours(acts: Acts) -> None:
    assert not known_browsers.is_ours(acts.here.app, None)


def test_a_token_that_was_changed_is_not_ours(acts: Acts) -> None:
    token = known(acts)
    for place in (0, len(token) - 1):
        other = "a" if token[place] != "a" else "b"
        assert not known_browsers.is_ours(acts.here.app, token[:place] + other + token[place + 1 :])
