"""The same use-case at the same moment in two processes, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.acts import API, BY_CLI, CLI, CONSOLE, PASSWORD, Acts
from tests.support.race import race
from watchword.crypto.passwords import run
from watchword.domain.api_password import OVERLAPS
from watchword.domain.audit import AuditEvent
from watchword.domain.mfa import Event
from watchword.domain.secret import Secret
from watchword.storage import credentials
from watchword.usecases import accounts
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.administrators import first_run, other_accounts, other_credentials
from watchword.usecases.api import api_password
from watchword.usecases.context import Watchword
from watchword.usecases.login import second_factor
from watchword.usecases.login.password_login import AttemptStarted, Browser
from watchword.usecases.sessions import login_attempts


def use_code(app: Watchword, token: str, code: str) -> None:
    found = login_attempts.find(app, token)
    second_factor.code(app, CONSOLE, found, code, Browser())


def use_recovery_code(app: Watchword, token: str, code: str) -> None:
    found = login_attempts.find(app, token)
    second_factor.recovery_code(app, CONSOLE, found, code, Browser())


def generate(app: Watchword, _token: str, seen: str) -> None:
    """Generate an API password, as one form that is sent fifty times."""
    principal_account = accounts.by_name(app, CLI, "alice")
    from watchword.usecases.unit_of_work import unit

    with unit(app, API) as u:
        api_password.issue(u, principal_account, int(seen), OVERLAPS[1])


def create_first(app: Watchword, token: str, name: str) -> None:
    new = NewAdministrator(f"first{name}", "", "", Secret(PASSWORD))
    run(first_run.create_first(app, CONSOLE, token, new, Secret(PASSWORD)))


def reset(app: Watchword, _token: str, _text: str) -> None:
    other_credentials.change_mfa(app, BY_CLI, "alice", Event.RESET, keep_api_password=True)


def lock_down(app: Watchword, username: str, _text: str) -> None:
    other_accounts.lock_down(app, BY_CLI, username)


def tokens_of(acts: Acts, count: int) -> list[str]:
    tokens = []
    for _ in range(count):
        started = acts.password()
        assert isinstance(started, AttemptStarted)
        tokens.append(started.token.reveal())
    return tokens


def sessions(acts: Acts) -> int:
    with acts.app.database.reading() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM sessions").scalar_one()
    return int(count)


def test_code_used_fifty_times_in_parallel_opens_one_session(acts: Acts) -> None:
    acts.activate()
    acts.here.clock.next_step()
    tokens = tokens_of(acts, 50)
    before = sessions(acts)
    code = acts.code()
    outcomes = race(acts.here, use_code, [(token, code) for token in tokens])
    assert outcomes.count("done") == 1
    assert sessions(acts) == before + 1
    assert set(outcomes) <= {"done", "code-wrong", "login-in-progress", "throttled"}


def test_recovery_code_used_fifty_times_in_parallel_opens_one_session(acts: Acts) -> None:
    acts.activate()
    tokens = tokens_of(acts, 50)
    before = sessions(acts)
    code = acts.recovery_codes[0].reveal()
    outcomes = race(acts.here, use_recovery_code, [(token, code) for token in tokens])
    assert outcomes.count("done") == 1
    assert sessions(acts) == before + 1
    assert outcomes.count("recovery-code-wrong") == 49


def test_form_sent_fifty_times_generates_one_api_password(acts: Acts) -> None:
    outcomes = race(acts.here, generate, [("", "0")] * 50)
    assert outcomes.count("done") == 1
    assert outcomes.count("already-generated") == 49
    with acts.app.database.reading() as connection:
        assert credentials.api_password(connection, acts.account.id).generation == 1


def test_lock_down_sent_fifty_times_locks_the_account_once(acts: Acts) -> None:
    """Each effect is recorded once, and the logins at the same moment leave no session."""
    bob = Acts(acts.here, "bob")
    bob.generate_api_password()
    outcomes = race(acts.here, lock_down, [("bob", "")] * 50)
    assert outcomes.count("done") == 1
    assert outcomes.count("already-so") == 49
    counted = [acts.times(event) for event in (
        AuditEvent.SESSION_ENDED, AuditEvent.API_PASSWORD_REVOKED,
        AuditEvent.ADMINISTRATOR_DISABLED)]  # fmt: skip
    assert counted == [1, 1, 1]


def test_first_run_link_used_ten_times_creates_one_administrator(here: Any) -> None:
    token = first_run.issue_link(here.app)
    assert token is not None
    outcomes = race(here, create_first, [(token.reveal(), str(n)) for n in range(10)])
    assert outcomes.count("done") == 1
    assert len([*accounts.everyone(here.app, CLI)]) == 1


def test_reset_during_a_login_leaves_no_session_of_the_old_secret(acts: Acts) -> None:
    """In either order: the status is pending, and no session of the old code exists."""
    acts.activate()
    acts.here.clock.next_step()
    token = tokens_of(acts, 1)[0]
    code = acts.code()
    first = race(acts.here, _reset_or_login, [(token, code), ("", "")])
    assert first.count("done") >= 1
    assert acts.status.value == "pending"
    assert sessions(acts) == 0


def _reset_or_login(app: Watchword, token: str, code: str) -> None:
    if token:
        use_code(app, token, code)
    else:
        reset(app, token, code)


@pytest.mark.parametrize("threads", [16])
def test_parallel_writers_of_one_process_all_succeed(acts: Acts, threads: int) -> None:
    def create(number: int) -> None:
        acts.create(f"name{number}")

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(create, range(50)))
    assert len([*accounts.everyone(acts.app, CLI)]) == 51
