"""Rejection of guessable passwords on every path that sets one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest

from tests.support.acts import BY_CLI, CLI, CONSOLE, Acts
from tests.support.installation import Installation
from watchword.crypto.passwords import run
from watchword.domain.errors import Invalid
from watchword.domain.secret import Secret
from watchword.storage import administrators, schema
from watchword.usecases import accounts
from watchword.usecases.account import own_password
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.administrators import first_run, other_accounts
from watchword.usecases.administrators.authorization import By
from watchword.web.http import field_messages

USERNAME, FULL_NAME = "rosamund:quillfeather", "Rosamund Peregrine Quillfeather"
EMAIL = "r.quillfeather@zwiebelfisch.example"
GUESSABLE: Final = (
    "password password",
    "Password-password!1",
    "Watchword2026!!!",
    "Watchword watchword 1",
    "Password123456789!",
    "P@ssword123456789!",
    "Welcome1234567!!!",
    "Qwerty-abcdefgh-9876",
    "Summer2026!Summer",
    "Autumn2025Winter2026",
    "Sommer2026-Herbst2026",
    "Monday-Tuesday-Wednesday",
    "administrator2026!",
    "letmein letmein 2026",
    "iloveyou iloveyou!",
    USERNAME,
    USERNAME.upper() + "2026",
    FULL_NAME,
    FULL_NAME.replace(" ", "") + "1!",
    "Quillfeather, Rosamund",
    "rehtaeflliuq dnumasor",
    EMAIL,
    "zwiebelfisch.example",
    "Zwiebelfisch2026!",
)
GOOD: Final = (
    "otter pencil gravel monsoon",
    "correct horse battery staple",
    "my otter reads in the summer of 2026",
    "quillfeather gravel otter monsoon",
    "kX9#vQ2!mZ7$pL4&",
    "kx9v q2mz 7pl4 kx9v",
)
Sets = Callable[[Acts, str], object]


def _new(password: str, username: str = USERNAME) -> NewAdministrator:
    return NewAdministrator(username, FULL_NAME, EMAIL, Secret(password))


def _create(acts: Acts, password: str) -> object:
    return run(other_accounts.create(acts.app, BY_CLI, _new(password)))


def _create_at_console(acts: Acts, password: str) -> object:
    me = acts.login()
    by = By(CONSOLE.known_as(me.account), me.account, me)
    return run(other_accounts.create(acts.app, by, _new(password)))


def _set(acts: Acts, password: str) -> object:
    return run(other_accounts.set_password(acts.app, BY_CLI, "known", Secret(password)))


def _first_run(acts: Acts, password: str) -> object:
    with acts.app.database.writing() as connection:
        connection.execute(schema.administrators.delete())
    token = first_run.issue_link(acts.app)
    assert token is not None
    new = _new(password)
    repeated = Secret(password)
    return run(first_run.create_first(acts.app, CONSOLE, token.reveal(), new, repeated))


def _own(acts: Acts, password: str) -> object:
    new = Secret(password)
    me = Acts(acts.here, "known", is_there=True).login()
    current = Secret("otter pencil gravel monsoon")
    return run(own_password.change(acts.app, CONSOLE, me, current=current, new=new, repeated=new))


def _forced(acts: Acts, password: str) -> object:
    with acts.app.database.writing() as connection:
        known = accounts.by_name(acts.app, CLI, "known")
        administrators.require_new_password(connection, known.id)
    new = Secret(password)
    me = Acts(acts.here, "known", is_there=True).login()
    return run(own_password.replace_given(acts.app, CONSOLE, me, new=new, repeated=new))


PATHS: Final[dict[str, Sets]] = {
    "create": _create,
    "create at the console": _create_at_console,
    "set by another administrator": _set,
    "first run": _first_run,
    "own": _own,
    "forced change": _forced,
}


@pytest.fixture
def known(here: Installation, acts: Acts) -> Acts:
    """An account with the names above, except its username."""
    run(other_accounts.create(acts.app, BY_CLI, _new("otter pencil gravel monsoon", "known")))
    return acts


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("password", ["password password", "Summer2026!Summer", FULL_NAME, EMAIL])
def test_guessable_password_is_rejected_on_each_path(known: Acts, path: str, password: str) -> None:
    with pytest.raises(Invalid) as refused:
        PATHS[path](known, password)
    assert {p.rule for p in refused.value.problems} <= {"guessable", "context-word"}


@pytest.mark.parametrize("password", GUESSABLE)
def test_guessable_password_is_rejected_with_advice(acts: Acts, password: str) -> None:
    (problem,) = accounts.new_password_problems(acts.app, Secret(password), _new(password))
    assert problem.rule in {"guessable", "context-word"}
    assert "several unrelated words" in field_messages.sentence(problem)


@pytest.mark.parametrize("password", GOOD)
def test_good_password_is_accepted(acts: Acts, password: str) -> None:
    assert accounts.new_password_problems(acts.app, Secret(password), _new(password)) == []
