"""The cache of authenticated API callers, which is valid while the database does not change."""

from __future__ import annotations

from base64 import b64encode
from contextlib import closing

import pytest

from tests.support.acts import API, CLI, Acts
from tests.support.installation import Installation
from watchword.crypto.passwords import run
from watchword.domain import basic_auth
from watchword.storage.data_version import DataVersion
from watchword.usecases.api import api_password, authentication, caller_cache
from watchword.usecases.api.caller_cache import RememberedCallers

HEADER, ADDRESS = b"Basic of a test", "127.0.0.1"


@pytest.fixture
def remembered(acts: Acts) -> RememberedCallers:
    """A cache with alice, authenticated by her API password."""
    token = api_password.generate_by_operator(acts.app, CLI, "alice").reveal()
    given = basic_auth.parse(b"Basic " + b64encode(f"alice:{token}".encode()))
    assert given is not None
    run(authentication.authenticate(acts.app, API, given))
    opened = RememberedCallers(acts.app)
    version = acts.app.database.version.now()
    caller = run(authentication.authenticate(acts.app, API, given))
    opened.keep(opened.digest(HEADER, ADDRESS), caller, version)
    return opened


def is_found(remembered: RememberedCallers, header: bytes = HEADER, at: str = ADDRESS) -> bool:
    return remembered.unchanged(remembered.digest(header, at)) is not None


def test_cached_caller_is_found_on_sqlite_while_nothing_changes(
    acts: Acts, remembered: RememberedCallers
) -> None:
    for _ in range(3):
        assert is_found(remembered) == (acts.here.database == "sqlite")


def test_change_by_another_process_invalidates_the_cache(
    acts: Acts, remembered: RememberedCallers
) -> None:
    with closing(acts.here.reopened()) as other:
        api_password.generate_by_operator(other, CLI, "alice")
    assert not is_found(remembered)


def test_cached_caller_is_not_found_for_other_credentials_or_addresses(
    remembered: RememberedCallers,
) -> None:
    assert not is_found(remembered, b"Basic of another")
    assert not is_found(remembered, at="127.0.0.2")


def test_cached_caller_expires_after_a_minute(acts: Acts, remembered: RememberedCallers) -> None:
    acts.here.clock.advance(caller_cache.REMEMBERED)
    assert not is_found(remembered)


def test_cached_api_password_is_no_regular_password(
    remembered: RememberedCallers,
) -> None:
    assert remembered.password(remembered.digest(HEADER, ADDRESS)) is None


def test_cache_keeps_at_most_1024_callers(acts: Acts, remembered: RememberedCallers) -> None:
    digest = remembered.digest(HEADER, ADDRESS)
    caller = remembered.unchanged(digest)
    if caller is None:
        assert acts.here.database == "postgresql"
        return
    for number in range(1024):
        remembered.keep(remembered.digest(b"%d" % number, ADDRESS), caller, None)
    assert not is_found(remembered)


def test_closed_installation_has_no_data_version(here: Installation) -> None:
    """A new connection would start another count, which could reach an earlier number."""
    version = DataVersion(here.folder / "watchword.db")
    assert (version.now() is None) is (here.database == "postgresql")
    version.close()
    assert version.now() is None
