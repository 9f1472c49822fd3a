"""The token of a known browser: whose it is is asked of the database, who made it is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.acts import CONSOLE, PASSWORD, Acts
from watchword.crypto import tokens
from watchword.domain.audit import AuditEvent
from watchword.domain.errors import CodeWrong, LoginFailed, Refusal
from watchword.domain.sessions import DEVICE_LIFE
from watchword.domain.throttle import KNOWN_KINDS, Kind
from watchword.usecases.login import second_factor
from watchword.usecases.login.password_login import Browser
from watchword.usecases.operations import maintenance
from watchword.usecases.sessions.sessions import LoggedIn
from watchword.usecases.throttling import known_browsers


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


def test_logging_in_again_replaces_the_browsers_token_and_keeps_its_budget(acts: Acts) -> None:
    """Otherwise each login would add a token with ten more tries, for 180 days."""
    used = [known(acts)]
    for _ in range(5):
        with pytest.raises(LoginFailed):
            acts.password("wrong wrong wrong", browser=Browser(known=used[-1]))
        acts.here.clock.next_step()
        logged_in = acts.password(browser=Browser(known=used[-1]))
        assert isinstance(logged_in, LoggedIn)
        used.append(logged_in.browser_token.reveal())
    with acts.app.database.reading() as connection:
        found = [known_browsers.find(acts.app, connection, t, acts.account) for t in used]
        (only,) = connection.exec_driver_sql("SELECT id FROM known_browsers").scalars()
    assert found == [None] * 5 + [only]
    assert acts.times(AuditEvent.NEW_BROWSER) == 0


def test_a_second_step_replaces_the_browsers_token(acts: Acts) -> None:
    acts.activate()
    acts.here.clock.next_step()
    browser = Browser(known=acts.second_step(acts.attempt()).browser_token.reveal())
    acts.here.clock.next_step()
    second_factor.code(acts.app, CONSOLE, acts.attempt(browser=browser), acts.code(), browser)
    with acts.app.database.reading() as connection:
        assert known_browsers.find(acts.app, connection, browser.known, acts.account) is None


def test_another_accounts_login_leaves_the_browsers_token_of_this_one(acts: Acts) -> None:
    token = known(acts)
    acts.create("bob")
    acts.password(username="bob", browser=Browser(known=token))
    with acts.app.database.reading() as connection:
        assert known_browsers.find(acts.app, connection, token, acts.account) is not None


def counted(acts: Acts) -> list[str]:
    """What is stored as counted, but for what is counted for addresses and names."""
    query = "SELECT kind FROM throttles ORDER BY kind"
    with acts.app.database.reading() as connection:
        kinds = [Kind(row[0]) for row in connection.exec_driver_sql(query)]
    return [kind for kind in kinds if kind in KNOWN_KINDS]


def test_what_was_counted_for_a_browser_or_an_address_goes_when_it_is_forgotten(acts: Acts) -> None:
    """Else a row for each browser that ever mistyped would stay for ever."""
    browser = Browser(known=known(acts))
    acts.call_api(PASSWORD)
    with pytest.raises(Refusal):
        acts.password("wrong wrong wrong", browser=browser)
    with pytest.raises(Refusal):
        acts.call_api("wrong wrong wrong")
    maintenance.sweep(acts.app)
    assert counted(acts) == [Kind.PASSWORD_KNOWN_ADDRESS, Kind.PASSWORD_KNOWN_BROWSER]
    acts.here.clock.advance(DEVICE_LIFE + timedelta(seconds=1))
    maintenance.sweep(acts.app)
    assert counted(acts) == []


def test_a_browser_that_has_used_its_ten_passwords_up_is_known_for_nothing(acts: Acts) -> None:
    """The cookie is void: for codes too, and the next login is told as that of a new browser."""
    acts.activate()
    acts.here.clock.next_step()
    browser = Browser(known=acts.second_step(acts.attempt()).browser_token.reveal())
    for _ in range(10):
        with pytest.raises(LoginFailed):
            acts.password("wrong wrong wrong", browser=browser)
    acts.here.clock.next_step()
    told = acts.times(AuditEvent.NEW_BROWSER)
    with pytest.raises(CodeWrong):
        second_factor.code(acts.app, CONSOLE, acts.attempt(browser=browser), "000000", browser)
    assert Kind.CODE_KNOWN_BROWSER not in counted(acts)
    second_factor.code(acts.app, CONSOLE, acts.attempt(browser=browser), acts.code(), browser)
    assert acts.times(AuditEvent.NEW_BROWSER) == told + 1
