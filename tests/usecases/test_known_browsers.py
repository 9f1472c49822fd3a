"""Tokens of recognised browsers: the database knows the account, the MAC shows the origin."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.support.acts import CONSOLE, PASSWORD, Acts
from watchword.crypto import tokens
from watchword.domain.audit import AuditEvent
from watchword.domain.errors import CodeWrong, LoginFailed, Refusal
from watchword.domain.sessions import DEVICE_LIFE
from watchword.domain.throttle import KNOWN_KINDS, Kind
from watchword.storage import known_browsers as stored
from watchword.usecases.login import second_factor
from watchword.usecases.login.password_login import Browser
from watchword.usecases.operations import maintenance
from watchword.usecases.sessions.sessions import LoggedIn
from watchword.usecases.throttling import known_browsers


def known(acts: Acts) -> str:
    logged_in = acts.password()
    assert isinstance(logged_in, LoggedIn)
    return logged_in.browser_token.reveal()


def test_own_token_is_recognised_without_the_database(acts: Acts) -> None:
    token = known(acts)
    acts.here.app.database.close()
    assert known_browsers.is_ours(acts.here.app, token)


@pytest.mark.parametrize("made", ["", "x", ".", "é", "{r}", "{r}.", "{r}.{r}", "{r}.é"])
def test_token_of_another_origin_is_not_ours(acts: Acts, made: str) -> None:
    token = made.replace("{r}", tokens.token().reveal())
    assert not known_browsers.is_ours(acts.here.app, token)


def test_missing_token_is_not_ours(acts: Acts) -> None:
    assert not known_browsers.is_ours(acts.here.app, None)


def test_changed_token_is_not_ours(acts: Acts) -> None:
    token = known(acts)
    for index in (0, len(token) - 1):
        other = "a" if token[index] != "a" else "b"
        assert not known_browsers.is_ours(acts.here.app, token[:index] + other + token[index + 1 :])


def test_browser_is_listed_with_its_latest_login(acts: Acts) -> None:
    logins = [replace(CONSOLE, address=f"192.0.2.{n}", user_agent=f"Browser/{n}") for n in (1, 2)]
    first = acts.here.clock.now()
    done = acts.password(actor=logins[0])
    assert isinstance(done, LoggedIn)
    acts.here.clock.next_step()
    acts.password(browser=Browser(known=done.browser_token.reveal()), actor=logins[1])
    acts.call_api(PASSWORD)  # remembers the address, which is no browser
    now, account = acts.here.clock.now(), acts.account
    with acts.app.database.reading() as connection:
        (row,) = stored.of_account(connection, account.id, account.cred_ver, now, most=9)
        assert stored.of_account(connection, account.id, account.cred_ver + 1, now, most=9) == []
    assert (row.created_at, row.last_seen_at) == (first, now)
    assert (row.address, row.user_agent) == ("192.0.2.2", "Browser/2")


def test_next_login_replaces_the_browsers_token_and_keeps_its_budget(acts: Acts) -> None:
    """Otherwise each login would add a token with ten more attempts, for 180 days."""
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


def test_second_step_replaces_the_browsers_token(acts: Acts) -> None:
    acts.activate()
    acts.here.clock.next_step()
    browser = Browser(known=acts.second_step(acts.attempt()).browser_token.reveal())
    acts.here.clock.next_step()
    second_factor.code(acts.app, CONSOLE, acts.attempt(browser=browser), acts.code(), browser)
    with acts.app.database.reading() as connection:
        assert known_browsers.find(acts.app, connection, browser.known, acts.account) is None


def test_login_of_another_account_keeps_the_browsers_token(acts: Acts) -> None:
    token = known(acts)
    acts.create("bob")
    acts.password(username="bob", browser=Browser(known=token))
    with acts.app.database.reading() as connection:
        assert known_browsers.find(acts.app, connection, token, acts.account) is not None


def counted(acts: Acts) -> list[str]:
    """Return the kinds of stored counts, without those of addresses and names."""
    query = "SELECT kind FROM throttles ORDER BY kind"
    with acts.app.database.reading() as connection:
        kinds = [Kind(row[0]) for row in connection.exec_driver_sql(query)]
    return [kind for kind in kinds if kind in KNOWN_KINDS]


def test_counts_of_a_browser_or_an_address_are_deleted_with_it(acts: Acts) -> None:
    """Otherwise a row would remain for each browser that ever sent a wrong password."""
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


def test_browser_after_ten_wrong_passwords_is_no_longer_recognised(acts: Acts) -> None:
    """The cookie is invalid for codes too, and the next login counts as a new browser."""
    acts.activate()
    acts.here.clock.next_step()
    browser = Browser(known=acts.second_step(acts.attempt()).browser_token.reveal())
    for _ in range(10):
        with pytest.raises(LoginFailed):
            acts.password("wrong wrong wrong", browser=browser)
    acts.here.clock.next_step()
    before = acts.times(AuditEvent.NEW_BROWSER)
    with pytest.raises(CodeWrong):
        second_factor.code(acts.app, CONSOLE, acts.attempt(browser=browser), "000000", browser)
    assert Kind.CODE_KNOWN_BROWSER not in counted(acts)
    second_factor.code(acts.app, CONSOLE, acts.attempt(browser=browser), acts.code(), browser)
    assert acts.times(AuditEvent.NEW_BROWSER) == before + 1
