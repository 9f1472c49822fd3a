"""Password spraying over many usernames and addresses: recorded, and answered with a delay."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.support.acts import API, CLI, CONSOLE, Acts
from tests.support.failed_attempts import TYPED_ON_SQLITE, store_failures
from watchword.domain.audit import AuditEvent as E
from watchword.domain.errors import LoginFailed
from watchword.domain.throttle import Kind
from watchword.storage.audit_query import AuditFilter
from watchword.usecases.audit import audit_log
from watchword.usecases.login.password_login import Browser
from watchword.usecases.sessions.sessions import LoggedIn


def fail(acts: Acts, number: int, username: str, browser: Browser | None = None) -> int:
    """Send a wrong password from a new address. Returns the delay of the answer in seconds."""
    actor = replace(CONSOLE, address=f"198.51.{number // 250}.{number % 250}")
    with pytest.raises(LoginFailed) as refused:
        acts.password("wrong wrong wrong", username=username, actor=actor, browser=browser)
    return int(str(refused.value.facts["pause"]))


def recorded(acts: Acts) -> int:
    return len(audit_log.page(acts.app, CLI, AuditFilter(event=E.SPRAYING.value), 50))


@TYPED_ON_SQLITE
def test_three_hundred_unknown_names_in_a_minute_are_recorded(acts: Acts, typed: bool) -> None:
    login = acts.password()
    assert isinstance(login, LoggedIn)
    mine = Browser(known=login.browser_token.reveal())
    if not typed:
        store_failures(acts, Kind.UNKNOWN_NAMES, 295, "all")
    assert {fail(acts, n, f"nobody{n}") for n in range(0 if typed else 295, 299)} == {0}
    assert (recorded(acts), fail(acts, 300, "alice")) == (0, 0)
    assert fail(acts, 301, "nobody-else") == 1
    assert fail(acts, 302, "alice") == 1  # the delay is the same for an existing name
    assert fail(acts, 303, "alice", mine) == 0  # no delay in a recognised browser
    assert isinstance(acts.password(), LoggedIn)
    assert recorded(acts) == 1
    acts.here.clock.advance(timedelta(seconds=30))
    assert fail(acts, 304, "nobody-again") == 0
    assert recorded(acts) == 1


def test_failures_at_existing_names_do_not_count_as_spraying(acts: Acts) -> None:
    for number in range(3):
        assert fail(acts, number, "alice") == 0
    with pytest.raises(LoginFailed) as refused:
        acts.call_api("wrong wrong wrong", username="nobody", actor=API)
    assert refused.value.facts["pause"] == 0
