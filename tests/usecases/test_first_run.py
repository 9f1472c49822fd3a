"""The first administrator's link."""

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


def test_it_works_once(here: Installation) -> None:
    token = link(here)
    create(here, token)
    assert [a.username for a in accounts.everyone(here.app, CLI)] == ["first"]
    with pytest.raises(FirstRunOver):
        create(here, token)


def test_typed_in_lower_case_it_works_too(here: Installation) -> None:
    create(here, link(here).lower())


def test_looking_at_it_and_mistakes_use_nothing_up(here: Installation) -> None:
    token = link(here)
    first_run.demand_open(here.app, token)
    for _ in range(12):
        with pytest.raises(Invalid):
            create(here, token, repeated="not the same")
    create(here, token)


def test_it_is_dead_after_sixty_minutes(here: Installation) -> None:
    token = link(here)
    here.clock.advance(timedelta(minutes=59, seconds=59))
    first_run.demand_open(here.app, token)
    here.clock.advance(timedelta(seconds=1))
    with pytest.raises(FirstRunOver):
        first_run.demand_open(here.app, token)
    with pytest.raises(FirstRunOver):
        create(here, token)


def test_a_newer_link_replaces_it(here: Installation) -> None:
    old, new = link(here), link(here)
    with pytest.raises(FirstRunOver):
        create(here, old)
    create(here, new)


@pytest.mark.parametrize("token", ["", "nothing", "A" * 20, "%00", "\ud800"])
def test_a_guess_is_not_a_link(here: Installation, token: str) -> None:
    link(here)
    with pytest.raises(FirstRunOver):
        first_run.demand_open(here.app, token)


def test_it_is_dead_once_an_administrator_exists_by_another_way(here: Installation) -> None:
    token = link(here)
    run(other_accounts.create(here.app, BY_CLI, NewAdministrator("x", "", "", Secret(PASSWORD))))
    with pytest.raises(FirstRunOver):
        create(here, token)


def test_an_administrator_who_came_by_another_way_meanwhile_makes_it_worthless(
    here: Installation,
) -> None:
    """The link was good when the form came; then its password was hashed, which takes a while."""
    new = NewAdministrator("first", "", "", Secret(PASSWORD))
    creating = first_run.create_first(here.app, CONSOLE, link(here), new, Secret(PASSWORD))
    work = next(creating)
    run(other_accounts.create(here.app, BY_CLI, NewAdministrator("x", "", "", Secret(PASSWORD))))
    with pytest.raises(FirstRunOver):
        creating.send(hashed(work))
    assert [a.username for a in accounts.everyone(here.app, CLI)] == ["x"]
