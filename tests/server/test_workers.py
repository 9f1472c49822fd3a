"""A server of two workers: one start for each database, and a walk through what processes share."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import ssl
import threading
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support import phone
from tests.support.acts import BY_CLI, CLI
from tests.support.installation import CHEAP, settings_for
from tests.support.person import Person
from tests.support.postgres import PostgresServer
from tests.support.served import PASSWORD, Served
from watchword import bootstrap
from watchword.crypto.passwords import run
from watchword.domain.secret import Secret
from watchword.files import data_dir_lock
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.administrators import other_accounts, other_credentials
from watchword.usecases.api import api_password
from watchword.usecases.context import Watchword

CONNECTIONS = 33
ROUNDS = 6
WRONG = "lantern quartz meadow cobalt"


@dataclass
class Client:
    """One connection to the API, which one worker serves."""

    connection: http.client.HTTPSConnection

    def ask(self, method: str, path: str, name: str, secret: str, **body: str) -> tuple[int, str]:
        credentials = b64encode(f"{name}:{secret}".encode()).decode()
        headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
        content = json.dumps(body) if body else None
        self.connection.request(method, path, content, headers=headers)
        with self.connection.getresponse() as answer:
            return answer.status, answer.read().decode()

    def whoami(self, password: str, name: str = "alice") -> int:
        return self.ask("GET", "/api/v1/whoami", name, password)[0]


@dataclass
class Scene:
    """The server and a second opening of its installation."""

    served: Served
    app: Watchword
    config: Path
    stack: ExitStack
    context: ssl.SSLContext = field(init=False)

    def __post_init__(self) -> None:
        self.context = ssl.create_default_context(cafile=str(self.served.ca))

    def client(self) -> Client:
        """Return a connected client."""
        port = self.served.api_port
        made = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=self.context)
        made.connect()
        return Client(self.stack.enter_context(closing(made)))

    def create(self, name: str) -> str:
        run(
            other_accounts.create(
                self.app, BY_CLI, NewAdministrator(name, "", "", Secret(PASSWORD))
            )
        )
        return api_password.generate_by_operator(self.app, CLI, name).reveal()

    def children(self) -> list[int]:
        """Return the process that forks, and the workers."""
        forker = _children(self.served.process.pid)
        return [*forker, *(pid for each in forker for pid in _children(each))]

    def wait_for(self, is_true: Callable[[], bool]) -> None:
        for _ in range(1000):
            if is_true():
                return
            threading.Event().wait(0.02)
        raise AssertionError("".join(self.served.errors[-20:]))

    def logged(self, text: str) -> int:
        return sum(text in line for line in self.served.errors)

    def reload(self, level: str) -> None:
        """Change the log level by SIGHUP, in all processes."""
        self.config.write_text(f'log_level = "{level}"\n')
        before = self.logged("the settings were reloaded")
        self.served.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: self.logged("the settings were reloaded") == before + 3)


def exists(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture(params=["sqlite", "postgresql"])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    url = ""
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.url(server.new_database())
    config = tmp_path / "watchword.toml"
    config.write_text("")
    extra = ["--workers", "2", "--config", str(config)]
    environ = {"WATCHWORD_DATABASE_URL": url} if url else {}
    with ExitStack() as stack:
        settings = settings_for(tmp_path / "data", url)
        app = stack.enter_context(closing(bootstrap.open(settings, hashing=CHEAP)))
        served = stack.enter_context(
            Served.running(tmp_path / "data", extra=extra, environ=environ)
        )
        yield Scene(served, app, config, stack)


def test_two_workers_are_one_server(scene: Scene) -> None:
    password = scene.create("alice")
    connections_are_distributed_evenly(scene, password)
    revocation_is_seen_by_the_next_request_of_each_worker(scene, password)
    code_is_accepted_once(scene)
    wrong_passwords_count_in_all_workers(scene)
    answers_are_counted_together(scene)
    killed_worker_is_replaced_and_loses_nothing(scene)
    killed_server_leaves_no_process_and_no_lock(scene)


def connections_are_distributed_evenly(scene: Scene, password: str) -> None:
    scene.reload("debug")  # each access is logged, with the worker's number
    clients = [scene.client() for _ in range(CONNECTIONS)]
    assert [client.whoami(password) for client in clients] == [200] * CONNECTIONS
    scene.wait_for(lambda: scene.logged("/api/v1/whoami") == CONNECTIONS)
    lines = [line for line in scene.served.errors if "/api/v1/whoami" in line]
    found = Counter(re.findall(r"worker (\d):", "".join(lines)))
    assert sorted(found.values()) == [CONNECTIONS // 2, CONNECTIONS - CONNECTIONS // 2]
    for client in clients:
        client.connection.close()
    scene.reload("info")
    assert len(_children(scene.children()[0])) == 2


def revocation_is_seen_by_the_next_request_of_each_worker(scene: Scene, password: str) -> None:
    clients = [scene.client() for _ in range(4)]
    for _round in range(ROUNDS):
        for client in clients:
            assert [client.whoami(password) for _ in range(3)] == [200] * 3
        other_credentials.revoke_api_password(scene.app, BY_CLI, "alice")
        assert [client.whoami(password) for client in clients[:2]] == [401] * 2
        password = api_password.generate_by_operator(scene.app, CLI, "alice").reveal()
        with scene.app.database.writing() as connection:
            connection.exec_driver_sql("DELETE FROM throttles")


def code_is_accepted_once(scene: Scene) -> None:
    person = Person(scene.served).login().settings().press("Enable MFA").press("Logout")
    secret = person.enrol()
    code = phone.code(secret, datetime.now(UTC) + timedelta(seconds=30))
    attempts = [Person(scene.served).login() for _ in range(4)]
    together = threading.Barrier(len(attempts))

    def finish(attempt: Person) -> bool:
        together.wait()
        attempt.press("OK", Code=code)
        return attempt.heading == "Overview"

    with ThreadPoolExecutor(len(attempts)) as pool:
        assert sum(pool.map(finish, attempts)) == 1
    for each in (person, *attempts):
        each.close()


def wrong_passwords_count_in_all_workers(scene: Scene) -> None:
    scene.create("bob")
    clients = [scene.client(), scene.client()]
    found = [clients[n % 2].whoami(WRONG, "bob") for n in range(7)]
    assert found == [401] * 5 + [429] * 2


def answers_are_counted_together(scene: Scene) -> None:
    clients = [scene.client() for _ in range(4)]
    found = []
    for client in clients:
        text = client.ask("GET", "/metrics", "", "")[1]
        line = re.search(r'^watchword_api_answers_total{status="2xx"} (\d+)$', text, re.M)
        assert line is not None, text
        found.append(int(line[1]))
    assert found == list(range(found[0], found[0] + 4))


def killed_worker_is_replaced_and_loses_nothing(scene: Scene) -> None:
    password = scene.create("carol")
    acknowledged: list[str] = []
    is_over = threading.Event()

    def work(number: int) -> None:
        client = None
        for count in range(1000):
            name = f"n{number}-{count}"
            try:
                client = client or scene.client()
                status, text = client.ask("POST", "/api/v1/administrators", "carol", password,
                                       username=name, password=PASSWORD)  # fmt: skip
            except (OSError, http.client.HTTPException):
                client = None  # its worker was killed
                continue
            assert status == 201, text
            acknowledged.append(name)
            if is_over.is_set():
                return

    victim = _children(scene.children()[0])[0]
    with ThreadPoolExecutor(4) as pool:
        working = [pool.submit(work, number) for number in range(4)]
        scene.wait_for(lambda: len(acknowledged) > 8 or any(each.done() for each in working))
        os.kill(victim, signal.SIGKILL)
        scene.wait_for(lambda: scene.logged(f"(process {victim}) has ended") == 1)
        scene.wait_for(lambda: len(_children(scene.children()[0])) == 2)
        is_over.set()
        for each in working:
            each.result()
    with scene.app.database.reading() as connection:
        stored = {
            name for (name,) in connection.exec_driver_sql("SELECT username FROM administrators")
        }
    assert set(acknowledged) <= stored


def killed_server_leaves_no_process_and_no_lock(scene: Scene) -> None:
    children = scene.children()
    assert len(children) == 3
    scene.served.process.send_signal(signal.SIGKILL)
    try:
        scene.wait_for(lambda: not any(map(exists, children)))
    finally:
        for pid in filter(exists, children):
            os.kill(pid, signal.SIGKILL)
    data_dir_lock.hold(scene.served.data).close()


def test_stop_completes_requests_and_starts_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.rmtree(data, ignore_errors=True)
    for _start in range(2):
        served = Served.start(data, extra=["--workers", "3"])
        children = _children(served.process.pid)
        assert served.stop() == 0
        assert served.complaints == []
        assert not any(map(exists, children))
