"""Consistency after kill -9 under load: acknowledged changes are stored, others completely or
not at all.

`make test` runs a few rounds, `make soak` many. The seed is printed; SOAK_SEED repeats a run.
"""

from __future__ import annotations

import os
import random
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from tests.soak import invariants
from tests.soak.actor import Actor, State
from tests.soak.invariants import Stored
from tests.support.acts import BY_CLI, CLI
from tests.support.installation import CHEAP, settings_for
from tests.support.ports import free_port
from tests.support.postgres import PostgresServer
from tests.support.served import PASSWORD, Served
from watchword import bootstrap
from watchword.crypto.passwords import run
from watchword.domain.secret import Secret
from watchword.domain.throttle import IN_FLIGHT
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.administrators import other_accounts
from watchword.usecases.audit import audit_log
from watchword.usecases.context import Watchword

ROUNDS = int(os.environ.get("SOAK_ROUNDS", "2"))
SEED = os.environ.get("SOAK_SEED") or str(random.SystemRandom().randrange(10**6))
ACTORS = 6
WORKERS = [1, 4] if "SOAK_ROUNDS" in os.environ else [1]
LONGEST_ROUND = 4.0 if "SOAK_ROUNDS" in os.environ else 2.0


class Scene:
    """One installation that is served, killed and checked repeatedly."""

    def __init__(self, data: Path, url: str, workers: int) -> None:
        self.data, self.url, self.workers = data, url, workers
        self.environ = {"WATCHWORD_DATABASE_URL": url} if url else {}
        self.ports = free_port(), free_port()

    @contextmanager
    def opened(self) -> Iterator[Watchword]:
        with closing(bootstrap.open(settings_for(self.data, self.url), hashing=CHEAP)) as app:
            yield app

    def serve(self) -> Served:
        extra = ["--workers", str(self.workers)]
        return Served.start(self.data, ports=self.ports, extra=extra, environ=self.environ)

    def wait_until_the_database_is_left(self) -> None:
        """Wait for the database: it completes a COMMIT even after its client has been killed."""
        while self.url:
            with psycopg.connect(self.url) as connection:
                found = connection.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND application_name = 'watchword'"
                ).fetchone()
            if found == (0,):
                return
            threading.Event().wait(0.02)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    url = ""
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.url(server.new_database())
    return url


@pytest.fixture(params=WORKERS, ids=lambda workers: f"{workers} workers")
def scene(request: pytest.FixtureRequest, url: str, tmp_path: Path) -> Scene:
    return Scene(tmp_path / "data", url, request.param)


def load(served: Served, names: list[str], dice: random.Random) -> list[Actor]:
    """Run all actors, and kill the server at a random moment."""
    actors = [Actor(served, name, f"127.0.{name}", f"{name} {dice.random()}") for name in names]
    with ThreadPoolExecutor(len(actors)) as pool:
        for actor in actors:
            pool.submit(actor.work)
        for _ in range(200):
            if sum(a.acknowledged for a in actors) >= ACTORS:
                break
            threading.Event().wait(0.1)
        threading.Event().wait(dice.uniform(0, LONGEST_ROUND))
        if workers := workers_of(served):  # the clients of the others go on
            os.kill(dice.choice(workers), signal.SIGKILL)
            threading.Event().wait(dice.uniform(0, LONGEST_ROUND))
        served.stop(signal.SIGKILL)
    for actor in actors:
        actor.http.close()
    assert [a.failed for a in actors if a.failed] == []
    return actors


def workers_of(served: Served) -> list[int]:
    return [worker for forker in children(served.process.pid) for worker in children(forker)]


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def stored_state(actor: Actor, stored: Stored) -> State:
    """Return the possible state that the database contains; fail if it contains neither."""
    found: dict[str, Any] = {
        "status": stored.status, "cred_ver": stored.cred_ver, "generation": stored.generation,
        "has_api_password": stored.mac is not None, "recovery_codes": stored.recovery_codes,
    }  # fmt: skip
    possible = [actor.state, *([actor.pending] if actor.pending else [])]
    matching = [s for s in possible if replace(s, **found) == s]
    assert matching, f"{actor.username}: stored {found}, possible {possible}"
    assert stored.last_step >= matching[0].last_step or matching[0].status != "active"
    return matching[-1]


def check_kept(actor: Actor, stored: Stored) -> None:
    """Check at the restarted server everything that was acknowledged."""
    now = stored_state(actor, stored)
    if actor.is_in:
        assert actor.open("/").heading == "Overview"
    calls = {password: whoami(actor, password) for password in actor.api_passwords[-3:]}
    current = actor.api_passwords[-1:] if now.generation == actor.state.generation else []
    for password, status in calls.items():
        is_current = now.has_api_password and password in current
        assert status == (200 if is_current else 401), f"{actor.username}: API password {status}"
    again = Actor(actor.served, actor.username, actor.address, "")
    again.open("/login")
    answer = patiently(again, "/login", username=actor.username, password=now.password)
    assert answer.status_code == 303, f"{actor.username}: login {answer.status_code}"
    if now.status == "active" and actor.secret and now.cred_ver == actor.state.cred_ver:
        again.open(answer.headers["location"])
        check_used_up(actor, again, stored)
    again.close()


def patiently(actor: Actor, path: str, **values: str) -> requests.Response:
    """Post a form. A guess that was in evaluation at the kill delays the next one by some seconds."""
    form = next(f for f in actor.page.forms.values() if f.action == path)
    for _ in range(2):
        answer = actor.http.post(
            actor.served.console + path, data={**form.fields, **values}, timeout=30,
            allow_redirects=False,
        )  # fmt: skip
        if answer.status_code != 429:
            break
        wait = int(answer.headers["retry-after"])
        assert wait <= IN_FLIGHT.total_seconds()
        threading.Event().wait(wait)
    return answer


def check_used_up(actor: Actor, again: Actor, stored: Stored) -> None:
    """Check that a code used before the kill is refused after it."""
    used = actor.at(min(stored.last_step, actor.state.last_step))
    answer = patiently(again, "/login/second-step", totp_code=used)
    assert answer.status_code == 422, f"{actor.username}: a used code, {answer.status_code}"


def whoami(actor: Actor, password: str) -> int:
    address = f"{actor.served.api}/api/v1/whoami"
    return actor.http.get(address, auth=(actor.username, password), timeout=30).status_code


def test_kill_loses_no_acknowledged_change_and_leaves_no_partial_one(scene: Scene) -> None:
    dice = random.Random(SEED)
    print(f"SOAK_SEED={SEED}")
    with scene.opened() as app:
        create(app, "first")
    acknowledged = unanswered = 0
    for number in range(ROUNDS):
        # Each name is the end of its own address: failures of one round throttle no other round.
        names = [f"{number + 1}.{n + 1}" for n in range(ACTORS)]
        with scene.opened() as app:
            for name in names:
                create(app, name)
        actors = load(scene.serve(), names, dice)
        scene.wait_until_the_database_is_left()
        with scene.opened() as app, app.database.reading() as connection:
            assert invariants.broken(connection) == []
            stored = invariants.accounts(connection)
            audit_log.verify(app, CLI)
        restarted = scene.serve()
        try:
            for actor in actors:
                actor.served = restarted
                check_kept(actor, stored[actor.username])
        finally:
            restarted.stop()
        acknowledged += sum(a.acknowledged for a in actors)
        unanswered += sum(a.pending is not None for a in actors)
    print(f"{ROUNDS} rounds, {acknowledged} acknowledged, {unanswered} unanswered")
    assert acknowledged > ROUNDS


def create(app: Watchword, name: str) -> None:
    run(other_accounts.create(app, BY_CLI, NewAdministrator(name, "", "", Secret(PASSWORD))))
