"""Callers of the API that were let in a moment ago: as long as nothing has changed."""

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
    """Alice, let in by her API password."""
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


def test_while_nothing_changes_a_caller_is_found_on_sqlite(
    acts: Acts, remembered: RememberedCallers
) -> None:
    for _ in range(3):
        assert is_found(remembered) == (acts.here.database == "sqlite")


def test_a_change_by_another_process_ends_it(acts: Acts, remembered: RememberedCallers) -> None:
    with closing(acts.here.reopened()) as other:
        api_password.generate_by_operator(other, CLI, "alice")
    assert not is_found(remembered)


def test_other_credentials_and_other_addresses_are_not_found(
    remembered: RememberedCallers,
) -> None:
    assert not is_found(remembered, b"Basic of another")
    assert not is_found(remembered, at="127.0.0.2")


def test_after_a_minute_it_is_over(acts: Acts, remembered: RememberedCallers) -> None:
    acts.here.clock.advance(caller_cache.REMEMBERED)
    assert not is_found(remembered)


def test_an_api_password_is_never_taken_for_a_regular_one(
    remembered: RememberedCallers,
) -> None:
    assert remembered.password(remembered.digest(HEADER, ADDRESS)) is None


def test_no_more_are_kept_than_a_thousand(acts: Acts, remembered: RememberedCallers) -> None:
    digest = remembered.digest(HEADER, ADDRESS)
    caller = remembered.unchanged(digest)
    if caller is None:
        assert acts.here.database == "postgresql"
        return
    for number in range(1024):
        remembered.keep(remembered.digest(b"%d" % number, ADDRESS), caller, None)
    assert not is_found(remembered)


def test_a_closed_installation_tells_no_version(here: Installation) -> None:
    """A new connection would count anew, and could come to a number of before."""
    version = DataVersion(here.folder / "watchword.db")
    assert (version.now() is None) is (here.database == "postgresql")
    version.close()
    assert version.now() is None
