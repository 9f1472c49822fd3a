"""The order in which transactions lock rows (watchword/usecases/unit_of_work.py).

Each test with the fixture `here` checks this order for its own transactions on PostgreSQL. The
tests here run two transactions: the second one waits for a lock of the first one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest

from tests.support.acts import API, CLI, CONSOLE, PASSWORD, Acts
from tests.support.lock_order import Transaction
from watchword.crypto.passwords import run
from watchword.domain import basic_auth
from watchword.domain.audit import AuditEvent
from watchword.domain.errors import AttemptEnded, LoginFailed
from watchword.domain.mfa import Event
from watchword.domain.secret import Secret
from watchword.domain.throttle import Kind, address_kinds
from watchword.storage import administrators, authenticators, throttles
from watchword.storage import attempts as stored_attempts
from watchword.storage import sessions as stored_sessions
from watchword.usecases.administrators import other_accounts
from watchword.usecases.administrators.authorization import By
from watchword.usecases.api import authentication
from watchword.usecases.login import recovery_login
from watchword.usecases.login.password_login import AttemptStarted, Browser
from watchword.usecases.login.recovery_login import Given
from watchword.usecases.operations import (
    after_restore,
    key_retirement,
    key_rotation,
    maintenance,
)
from watchword.usecases.sessions import login_attempts

postgresql_only = pytest.mark.parametrize("here", ["postgresql"], indirect=True)
WAITING = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


class Other:
    """The second transaction; `begin` returns as soon as it waits for a lock."""

    def __init__(self, acts: Acts, act: Callable[[], object]) -> None:
        self._url = acts.here.settings.database_url
        self._act = act
        self._pool = ThreadPoolExecutor(1)
        self._doing: Future[object] | None = None

    def begin(self) -> None:
        self._doing = self._pool.submit(self._act)
        with psycopg.connect(self._url, autocommit=True) as connection:
            while connection.execute(WAITING).fetchone() == (0,):
                assert not self._doing.done(), "it did not wait"
                time.sleep(0.01)

    def end(self) -> None:
        """Raise the exception of the transaction, if any."""
        assert self._doing is not None
        self._pool.shutdown()
        self._doing.result()


@postgresql_only
def test_unlock_does_not_deadlock_with_a_refused_password(acts: Acts) -> None:
    given = basic_auth.Credentials(False, (basic_auth.Candidate("alice", Secret(PASSWORD)),), True)
    other = Other(acts, lambda: run(authentication.authenticate(acts.app, API, given)))
    by = By(CLI, demand=lambda _account, _groups: other.begin())
    other_accounts.unlock(acts.app, by, "alice")
    with pytest.raises(LoginFailed):
        other.end()


@postgresql_only
def test_own_account_change_does_not_deadlock_with_another_one(acts: Acts) -> None:
    principal = acts.login()
    by = By(CONSOLE.known_as(principal.account), principal.account, principal)
    other = Other(acts, lambda: other_accounts.change(acts.app, by, "alice", full_name="Alice"))
    with acts.app.database.writing() as connection:  # as `own_account`
        administrators.get(connection, principal.account.id, for_change=True)
        other.begin()
        assert stored_sessions.hold(connection, principal.session.id)
    other.end()
    assert acts.account.full_name == "Alice"


@postgresql_only
def test_login_by_recovery_code_does_not_deadlock_with_a_guess(acts: Acts) -> None:
    acts.activate()
    subject, subjects = str(acts.account.id), address_kinds(CONSOLE.address, is_shared=False)
    with acts.app.database.writing() as connection:
        throttles.hold(connection, Kind.PASSWORD, subject)
    given = Given("alice", Secret(PASSWORD), acts.recovery_codes[0].reveal())
    other = Other(acts, lambda: run(recovery_login.enter(acts.app, CONSOLE, given, Browser())))
    with acts.app.database.writing() as connection:  # as `reservations.reserve`
        throttles.hold(connection, Kind.PASSWORD, subject)
        other.begin()
        for kind, address in subjects:
            throttles.hold(connection, kind, address)
    other.end()


@postgresql_only
def test_cancel_does_not_deadlock_with_the_last_wrong_code(acts: Acts) -> None:
    acts.press(Event.ENABLE)
    started = acts.password()
    assert isinstance(started, AttemptStarted)
    token = started.token.reveal()
    half = login_attempts.find(acts.app, token).attempt
    other = Other(acts, lambda: login_attempts.cancel(acts.app, CONSOLE, token))
    with acts.app.database.writing() as connection:  # as `second_factor.code`
        administrators.get(connection, acts.account.id, for_change=True)
        authenticators.count_enrolment_failure(connection, str(half.enrolment_id))
        other.begin()
        stored_attempts.delete(connection, half.id)
    other.end()


@postgresql_only
def test_sweep_waits_for_no_row(acts: Acts) -> None:
    acts.login()
    acts.press(Event.ENABLE)
    acts.password()
    acts.here.clock.advance(timedelta(days=400))
    with acts.app.database.writing() as connection:
        for table in ("sessions", "enrolments", "login_attempts", "known_browsers", "throttles"):
            rows = connection.exec_driver_sql(f"SELECT 1 FROM {table} FOR UPDATE").all()
            assert rows, table
        assert maintenance.sweep(acts.app) == 0
    assert maintenance.sweep(acts.app) > 0


@postgresql_only
def test_accounts_locked_together_are_locked_after_the_installation(acts: Acts) -> None:
    for each in (acts, Acts(acts.here, "bob")):
        each.press(Event.ENABLE)
    acts.here.clock.advance(timedelta(days=30))
    assert maintenance.record_long_pending(acts.app) == 2


@postgresql_only
def test_forced_retirement_locks_all_accounts_before_their_rows(acts: Acts) -> None:
    for each in (acts, Acts(acts.here, "bob")):
        each.generate_api_password()
    key_rotation.rotate(acts.app, CLI, lambda _done, _total: None)
    assert key_retirement.retire(acts.app, CLI, force=True)
    assert acts.times(AuditEvent.API_PASSWORD_REVOKED) == 2


@postgresql_only
def test_cleanup_after_a_restore_deletes_enrolments_before_login_attempts(acts: Acts) -> None:
    acts.press(Event.ENABLE)
    started = acts.password()
    assert isinstance(started, AttemptStarted)
    after_restore.end_what_was_open(acts.app, CLI)
    with pytest.raises(AttemptEnded):
        login_attempts.find(acts.app, started.token.reveal())


ACCOUNT = "SELECT id \nFROM administrators \nWHERE id = 1 FOR UPDATE OF administrators"
SESSION = "SELECT id \nFROM sessions \nWHERE id = 1 FOR UPDATE"
INSTALLATION = "SELECT id \nFROM installation FOR UPDATE"
CHAIN = "SELECT id \nFROM audit_chain FOR UPDATE"
THROTTLE = "UPDATE throttles SET failures=1"


@pytest.mark.parametrize(
    ("first", "second", "wrong"),
    [
        ((SESSION, {}), (ACCOUNT, {"id": 1}), "an account after other rows"),
        ((THROTTLE, {"kind_1": "password"}), (ACCOUNT, {"id": 1}), "an account after other rows"),
        ((THROTTLE, {}), ("INSERT INTO api_refusals", {}), "an account after other rows"),
        ((THROTTLE, {}), ("UPDATE administrators SET", {}), "an account after other rows"),
        ((ACCOUNT, {"id": 1}), (ACCOUNT, {"id": 2}), "two accounts without the installation"),
        ((ACCOUNT, {"id": 1}), (INSTALLATION, {}), "the installation is not locked first"),
        ((CHAIN, {}), (SESSION, {}), "after the end of the audit log"),
        ((THROTTLE, {"kind_1": "unknown-names"}), (THROTTLE, {"kind_1": "address"}),
         "a throttle before others"),
        (("DELETE FROM login_attempts", {}), ("DELETE FROM enrolments", {}),
         "an enrolment after a login attempt"),
        (("DELETE FROM login_attempts", {"administrator_id_1": 1}),
         ("DELETE FROM enrolments", {"administrator_id_1": 1}),
         "an enrolment after a login attempt"),
    ],
)  # fmt: skip
def test_wrong_lock_order_is_found(
    first: tuple[str, dict[str, object]], second: tuple[str, dict[str, object]], wrong: str
) -> None:
    transaction = Transaction()
    assert transaction.wrong(*first) is None
    assert (transaction.wrong(*second) or "").startswith(wrong)
    transaction = Transaction()
    assert transaction.wrong(*second) is None
