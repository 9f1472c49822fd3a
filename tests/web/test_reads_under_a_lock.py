"""Reading requests while another process holds the write lock."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from tests.support.acts import CLI, Acts, basic_header
from tests.support.asgi_client import Held
from tests.support.installation import Installation
from watchword import asgi
from watchword.domain.audit import AuditEvent
from watchword.storage.database import BUSY_SECONDS
from watchword.usecases.api import api_password
from watchword.usecases.sessions import sessions
from watchword.usecases.sessions.sessions import LoggedIn
from watchword.web.api.operations import FORM
from watchword.web.api.table import TABLE
from watchword.web.console.account.your_mfa_settings import FINISH
from watchword.web.console.route_table import PAGES
from watchword.web.http import cookies

WRITES: set[str] = {"get_ready", FINISH}
"""A health check that must write, and a page that records that it shows a secret."""
TOUCHED = timedelta(minutes=2)


@contextmanager
def locked(here: Installation) -> Iterator[None]:
    """Hold the write lock as another process."""
    if here.database == "sqlite":
        path = str(here.app.database.url.database)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
        return
    with psycopg.connect(here.settings.database_url) as connection:
        tables = "administrators, api_passwords, audit_chain, known_browsers, sessions, throttles"
        connection.execute(f"LOCK TABLE {tables} IN EXCLUSIVE MODE")
        yield


def failed(app: Any, paths: dict[str, str], headers: dict[str, str]) -> dict[str, Any]:
    """Return the requests that fail, or that need the longest wait for a lock."""
    found = {}
    for name, path in paths.items():
        begun = time.monotonic()
        answer = Held("GET", path.replace("{name}", "bob"), headers, b"", bool).sent_to(app)
        seconds = time.monotonic() - begun
        if answer.status >= 500 or seconds >= BUSY_SECONDS:
            found[name] = (answer.status, seconds)
    return found


@pytest.fixture
def token(acts: Acts) -> str:
    """The token of a session that is due for every note: last seen, network, notice."""
    acts.create("bob")
    logged_in = acts.password()
    assert isinstance(logged_in, LoggedIn)
    token = logged_in.session_token.reveal()
    sessions.say(acts.app, sessions.find(acts.app, token), "session-ended")
    acts.here.clock.advance(TOUCHED)
    return token


def test_pages_are_rendered_while_another_process_writes(acts: Acts, token: str) -> None:
    console = asgi.console(acts.app)
    name = cookies.names_of(acts.app).sent(cookies.SESSION)
    headers = {"cookie": f"{name}={token}"}
    paths = {route.path: route.path for route in PAGES if route.path not in WRITES}
    with locked(acts.here):
        assert failed(console, paths, headers) == {}
    assert acts.times(AuditEvent.SESSION_NEW_NETWORK) == 0
    assert failed(console, {"/": "/"}, headers) == {}
    assert acts.times(AuditEvent.SESSION_NEW_NETWORK) == 1
    found = sessions.find(acts.app, token)
    assert (found.notice, found.session.last_seen_at) == ("", acts.here.clock.now())


def test_api_reads_while_another_process_writes(acts: Acts) -> None:
    acts.create("bob")
    password = api_password.generate_by_operator(acts.app, CLI, "alice").reveal()
    headers = {"authorization": basic_header("alice", password).decode(), "content-type": FORM}
    reading = [row for row in TABLE if row.method == "GET" and row.name not in WRITES]
    paths = {row.name: row.path.replace("{username}", "bob") for row in reading}
    with locked(acts.here):
        assert failed(asgi.api(acts.app), paths, headers) == {}
    assert acts.times(AuditEvent.API_PASSWORD_FIRST_USE) == 0
    acts.call_api(password)
    assert acts.times(AuditEvent.API_PASSWORD_FIRST_USE) == 1


def test_skipped_note_is_no_outage_and_keeps_the_wait_of_writers(acts: Acts) -> None:
    password = api_password.generate_by_operator(acts.app, CLI, "alice").reveal()
    with locked(acts.here):
        acts.call_api(password)
    assert acts.app.database.outage.begins()
    if acts.here.database == "sqlite":
        with acts.app.database.writing() as connection:
            waits = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
        assert waits == BUSY_SECONDS * 1000


def test_note_does_not_wait_for_a_writer_of_the_same_process(acts: Acts) -> None:
    password = api_password.generate_by_operator(acts.app, CLI, "alice").reveal()
    with acts.app.database.writing(), ThreadPoolExecutor(1) as pool:
        if acts.here.database == "postgresql":
            return  # a writer does not block all others there
        begun = time.monotonic()
        pool.submit(acts.call_api, password).result(30)
        assert time.monotonic() - begun < BUSY_SECONDS / 2
