"""The cache of authenticated API callers, which are accepted again at the same epoch."""

from __future__ import annotations

from base64 import b64encode
from contextlib import closing

import pytest

from tests.support.acts import API, BY_CLI, CLI, PASSWORD, Acts
from watchword.crypto.passwords import run
from watchword.domain import basic_auth
from watchword.storage import epoch
from watchword.usecases.administrators import other_accounts
from watchword.usecases.api import api_password, authentication, caller_cache
from watchword.usecases.api.authentication import Caller
from watchword.usecases.api.caller_cache import RememberedCallers

HEADER, ADDRESS = b"Basic of a test", "127.0.0.1"


def authenticated(acts: Acts, password: str) -> Caller:
    given = basic_auth.parse(b"Basic " + b64encode(f"alice:{password}".encode()))
    assert given is not None
    return run(authentication.authenticate(acts.app, API, given))


@pytest.fixture
def remembered(acts: Acts) -> RememberedCallers:
    """A cache with alice, authenticated by her API password."""
    token = api_password.generate_by_operator(acts.app, CLI, "alice").reveal()
    opened = RememberedCallers(acts.app)
    opened.keep(opened.digest(HEADER, ADDRESS), authenticated(acts, token))
    return opened


def found(
    remembered: RememberedCallers, header: bytes = HEADER, at: str = ADDRESS
) -> Caller | None:
    known = remembered.get(remembered.digest(header, at))
    return known.caller if known else None


def now(acts: Acts) -> int:
    with acts.app.database.reading() as connection:
        return epoch.get(connection)


def test_cached_caller_is_of_the_present_epoch_until_something_changes(
    acts: Acts, remembered: RememberedCallers
) -> None:
    caller = found(remembered)
    assert caller is not None
    assert caller.epoch == now(acts)
    with closing(acts.here.reopened()) as other:
        api_password.generate_by_operator(other, CLI, "alice")
    assert caller.epoch != now(acts)


def test_cached_caller_is_not_found_for_other_credentials_or_addresses(
    remembered: RememberedCallers,
) -> None:
    assert found(remembered, b"Basic of another") is None
    assert found(remembered, at="127.0.0.2") is None


def test_cached_caller_expires_after_a_minute(acts: Acts, remembered: RememberedCallers) -> None:
    acts.here.clock.advance(caller_cache.REMEMBERED)
    assert found(remembered) is None


def test_cache_keeps_at_most_1024_callers(acts: Acts, remembered: RememberedCallers) -> None:
    caller = found(remembered)
    assert caller is not None
    for number in range(1024):
        remembered.keep(remembered.digest(b"%d" % number, ADDRESS), caller)
    assert found(remembered) is None


def test_refreshed_caller_has_the_account_and_the_epoch_of_now(acts: Acts) -> None:
    caller = authenticated(acts, PASSWORD)
    other_accounts.change(acts.app, BY_CLI, "alice", full_name="Alice Example")
    again = authentication.refreshed(acts.app, caller)
    assert again is not None
    assert again.account.full_name == "Alice Example"
    assert again.epoch == now(acts) != caller.epoch
    acts.activate()
    assert authentication.refreshed(acts.app, again) is None
