"""The same thing at the same moment, from two processes, on both databases."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any

import pytest

from tests.support.acts import API, BY_CLI, CONSOLE, PASSWORD, Acts
from tests.support.clock import MovableClock
from tests.support.place import CHEAP
from watchword import bootstrap
from watchword.config import Settings
from watchword.crypto.passwords import run
from watchword.domain.errors import Refusal
from watchword.domain.mfa import Event
from watchword.domain.secret import Secret
from watchword.storage import credentials
from watchword.usecases import (
    accounts,
    api_password,
    attempts,
    first_run,
    others_credentials,
    second_step,
)
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.context import Watchword
from watchword.usecases.login import AttemptStarted, Browser

PROCESSES = 2
SPAWN = multiprocessing.get_context("spawn")


def use_code(app: Watchword, token: str, code: str) -> None:
    found = attempts.find(app, token)
    second_step.code(app, CONSOLE, found, code, Browser())


def use_recovery_code(app: Watchword, token: str, code: str) -> None:
    found = attempts.find(app, token)
    second_step.recovery_code(app, CONSOLE, found, code, Browser())


def generate(app: Watchword, _token: str, seen: str) -> None:
    """As one form that is sent fifty times."""
    principal_account = accounts.by_name(app, "alice")
    from watchword.usecases.unit import unit

    with unit(app, API) as u:
        api_password._generate(u, principal_account, int(seen))


def create_first(app: Watchword, token: str, name: str) -> None:
    new = NewAdministrator(f"first{name}", "", "", Secret(PASSWORD))
    run(first_run.create_first(app, CONSOLE, token, new, Secret(PASSWORD)))


def reset(app: Watchword, _token: str, _text: str) -> None:
    others_credentials.change_mfa(app, BY_CLI, "alice", Event.RESET, keep_api_password=True)


def _work(
    settings: Settings,
    now: datetime,
    act: Callable[[Watchword, str, str], None],
    jobs: list[tuple[str, str]],
    barrier: Barrier,
    results: Connection,
) -> None:
    app = bootstrap.open(settings, clock=MovableClock(now), hashing=CHEAP)

    def attempt(job: tuple[str, str]) -> str:
        try:
            act(app, *job)
        except Refusal as refusal:
            return refusal.code
        return "done"

    barrier.wait(30)
    with ThreadPoolExecutor(8) as pool:
        results.send(list(pool.map(attempt, jobs)))
    app.close()


def race(acts_or_place: Any, act: Callable[..., None], jobs: list[tuple[str, str]]) -> list[str]:
    """Do the jobs from two processes at once, every other one from the same; returns what came
    of each, first those of the one process, then those of the other.
    """
    here = acts_or_place
    barrier = SPAWN.Barrier(PROCESSES)
    workers: list[Any] = []
    pipes: list[Connection] = []
    for number in range(PROCESSES):
        mine, theirs = SPAWN.Pipe(duplex=False)
        share = jobs[number::PROCESSES]
        arguments = (here.settings, here.clock.now(), act, share, barrier, theirs)
        worker = SPAWN.Process(target=_work, args=arguments)
        worker.start()
        theirs.close()
        workers.append(worker)
        pipes.append(mine)
    outcomes: list[str] = []
    for pipe in pipes:
        outcomes += pipe.recv()
        pipe.close()
    for worker in workers:
        worker.join(30)
        worker.close()
    return outcomes


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


def test_fifty_parallel_uses_of_one_code_give_one_session(acts: Acts) -> None:
    acts.activate()
    acts.here.clock.next_step()
    tokens = tokens_of(acts, 50)
    before = sessions(acts)
    code = acts.code()
    outcomes = race(acts.here, use_code, [(token, code) for token in tokens])
    assert outcomes.count("done") == 1
    assert sessions(acts) == before + 1
    assert set(outcomes) <= {"done", "code-wrong", "throttled"}


def test_fifty_parallel_uses_of_one_recovery_code_give_one_session(acts: Acts) -> None:
    acts.activate()
    tokens = tokens_of(acts, 50)
    before = sessions(acts)
    code = acts.recovery_codes[0].reveal()
    outcomes = race(acts.here, use_recovery_code, [(token, code) for token in tokens])
    assert outcomes.count("done") == 1
    assert sessions(acts) == before + 1
    assert outcomes.count("recovery-code-wrong") == 49


def test_one_form_sent_fifty_times_generates_one_api_password(acts: Acts) -> None:
    outcomes = race(acts.here, generate, [("", "0")] * 50)
    assert outcomes.count("done") == 1
    assert outcomes.count("already-generated") == 49
    with acts.app.database.reading() as connection:
        assert credentials.api_password(connection, acts.account.id).generation == 1


def test_one_first_run_link_used_ten_times_creates_one_administrator(here: Any) -> None:
    token = first_run.issue_link(here.app)
    assert token is not None
    outcomes = race(here, create_first, [(token.reveal(), str(n)) for n in range(10)])
    assert outcomes.count("done") == 1
    assert len(accounts.everyone(here.app)) == 1


def test_a_reset_and_many_logins_leave_no_session_of_the_old_secret(acts: Acts) -> None:
    """Whatever the order, afterwards the status is Pending and nobody is in by the old code."""
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
def test_writers_of_one_process_do_not_lock_each_other_out(acts: Acts, threads: int) -> None:
    def create(number: int) -> None:
        acts.create(f"name{number}")

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(create, range(50)))
    assert len(accounts.everyone(acts.app)) == 51
