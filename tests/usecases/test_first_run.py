"""The link that creates the first administrator."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.acts import BY_CLI, CLI, CONSOLE, PASSWORD, hashed
from tests.support.installation import Installation
from watchword.crypto.passwords import run
from watchword.domain.errors import FirstRunOver, Invalid
from watchword.domain.secret import Secret
from watchword.usecases import accounts
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.administrators import first_run, other_accounts


def link(here: Installation) -> str:
    token = first_run.issue_link(here.app)
    assert token is not None
    return token.reveal()


def create(here: Installation, token: str, repeated: str = PASSWORD) -> None:
    new = NewAdministrator("first", "", "", Secret(PASSWORD))
    run(first_run.create_first(here.app, CONSOLE, token, new, Secret(repeated)))


def test_first_run_link_works_once(here: Installation) -> None:
    token = link(here)
    create(here, token)
    assert [a.username for a in accounts.everyone(here.app, CLI)] == ["first"]
    with pytest.raises(FirstRunOver):
        create(here, token)


def test_first_run_link_in_lower_case_works(here: Installation) -> None:
    create(here, link(here).lower())


def test_first_run_link_survives_page_views_and_invalid_input(here: Installation) -> None:
    token = link(here)
    first_run.demand_open(here.app, token)
    for _ in range(12):
        with pytest.raises(Invalid):
            create(here, token, repeated="not the same")
    create(here, token)


def test_first_run_link_expires_after_sixty_minutes(here: Installation) -> None:
    token = link(here)
    here.clock.advance(timedelta(minutes=59, seconds=59))
    first_run.demand_open(here.app, token)
    here.clock.advance(timedelta(seconds=1))
    with pytest.raises(FirstRunOver):
        first_run.demand_open(here.app, token)
    with pytest.raises(FirstRunOver):
        create(here, token)


def test_newer_first_run_link_replaces_the_older_one(here: Installation) -> None:
    old, new = link(here), link(here)
    with pytest.raises(FirstRunOver):
        create(here, old)
    create(here, new)


@pytest.mark.parametrize("token", ["", "nothing", "A" * 20, "%00", "\ud800"])
def test_guessed_first_run_token_is_refused(here: Installation, token: str) -> None:
    link(here)
    with pytest.raises(FirstRunOver):
        first_run.demand_open(here.app, token)


def test_first_run_link_is_invalid_once_an_administrator_exists(here: Installation) -> None:
    token = link(here)
    run(other_accounts.create(here.app, BY_CLI, NewAdministrator("x", "", "", Secret(PASSWORD))))
    with pytest.raises(FirstRunOver):
        create(here, token)


def test_first_run_is_refused_when_an_administrator_is_created_during_it(
    here: Installation,
) -> None:
    """The link is valid when the form arrives, but hashing the password takes time."""
    new = NewAdministrator("first", "", "", Secret(PASSWORD))
    creating = first_run.create_first(here.app, CONSOLE, link(here), new, Secret(PASSWORD))
    work = next(creating)
    run(other_accounts.create(here.app, BY_CLI, NewAdministrator("x", "", "", Secret(PASSWORD))))
    with pytest.raises(FirstRunOver):
        creating.send(hashed(work))
    assert [a.username for a in accounts.everyone(here.app, CLI)] == ["x"]
